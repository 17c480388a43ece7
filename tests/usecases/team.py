"""A team on a real state file: people act, time moves, and what they would read is asked of the views."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.core.checklist.items import Kind, Requirement, RoleKind
from bot.core.decision import PREFLIGHT_JOB, CheckResult, CheckRun, Purpose
from bot.core.deployment import Deployment, History, Outcome, PinnedFile
from bot.core.signing import SigningKey
from bot.core.signoff import RoleState
from bot.core.team import EVERYBODY, Audience, Environment, Person, Project, Role
from bot.resources import templates_folder
from bot.usecases import tick, views
from bot.usecases.act import Act, Answer
from bot.usecases.books.rows import Identity
from bot.usecases.books.units import SaidRow
from bot.usecases.checking.record_reading import Reading, record_reading
from bot.usecases.checking.record_result import record_result
from bot.usecases.facts import AskedFacts
from bot.usecases.lifecycle import complete, go, start
from bot.usecases.signoffs import decide
from bot.usecases.situation.judging import load
from bot.usecases.situation.snapshot import Situation
from bot.usecases.standing_facts import DashboardFacts
from bot.usecases.telling import remind
from checks.result import Status
from tests.outbox import said_facts, said_row
from tests.states import open_state

TEAM = "T0ACME"
MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
CHECKLIST = (templates_folder() / "checklists" / "migration-deployment.md").read_text(encoding="utf-8")
ANN, BO, DANA, DEVI, MO, GUEST = "U0ANN", "U0BO", "U0DANA", "U0DEVI", "U0MO", "U0GUEST"
PEOPLE = (ANN, BO, DANA, DEVI, MO, GUEST)
SIGNERS = {"dba": DANA, "backend": BO, "devops": DEVI, "management": MO}


def roles() -> dict[str, Role]:
    return {
        "dba": Role("dba", "DBA", "sign-off-dba", RoleKind.APPROVE, ("@dba-team",)),
        "backend": Role("backend", "Backend", "sign-off-backend", RoleKind.REVIEW, (BO,)),
        "devops": Role("devops", "DevOps", "sign-off-devops", RoleKind.REVIEW, (DEVI,)),
        "management": Role("management", "Management", "sign-off-management", RoleKind.APPROVE, (MO,)),
    }


def project(**changes: Any) -> Project:
    environments = {
        "staging": Environment("staging", Kind.STAGING),
        "production": Environment(
            "production",
            Kind.PRODUCTION,
            after="staging",
            audiences=(Audience("stakeholders", ("C0RELEASES",)),),
            break_glass=("@dba-team",),
        ),
    }
    base = Project(
        "default",
        "C0DEPLOYS",
        environments=environments,
        roles=roles(),
        checklist_text=CHECKLIST,
        checklist_file="checklist.md",
        has_migrations=True,
    )
    return replace(base, **changes)


def files(*versions: str, body: str = "select 1;") -> dict[str, bytes]:
    """File name to bytes."""
    return {f"{version}_change.sql": f"-- {version}\n{body}".encode() for version in versions}


def reading(contents: Mapping[str, bytes], at: datetime, **facts: Any) -> Reading:
    """What preflight would have read from these files."""
    digests = {name: hashlib.sha256(body).hexdigest() for name, body in contents.items()}
    pinned = tuple(PinnedFile(name[:5], name, sha, ".down." in name) for name, sha in digests.items())
    stored = {digests[name]: body for name, body in contents.items()}
    return Reading(at, **{"files": pinned, "contents": stored, "security": "", **facts})


class Team:
    """Everything a test needs; each act is one unit of work, as in the bot."""

    def __init__(self, file: Path, settings: Project | None = None, key: SigningKey | None = None) -> None:
        self.file, self.store = file, open_state(file, lambda: key)
        self.project = settings or project()
        self.now = MONDAY
        self.people = set(PEOPLE)
        self.groups = {"@dba-team": {DANA}}
        self.store.write(self._people)

    def _people(self, unit: Any) -> None:
        unit.people.learn(Identity(TEAM, "Acme", "U0BOT", "B0BOT", "A0APP"), self.now)
        for user in sorted(self.people):
            name = user.removeprefix("U0").title()
            unit.people.keep(Person(TEAM, user, name, "UTC", TEAM, user == GUEST, True, self.now))
        for handle, members in self.groups.items():
            unit.people.keep_group(handle, f"S0{handle[1:4].upper()}", sorted(members), self.now)
        unit.people.keep_channel("C0DEPLOYS", [EVERYBODY], self.now)

    def later(self, **span: float) -> None:
        """Time passes, and the directory stays fresh."""
        self.now += timedelta(**span)
        self.store.write(self._people)

    def has(self, *people: str, **groups: set[str]) -> None:
        """More people, and who is in a group now: `has("U0DORA", dba_team={"U0DORA"})`."""
        self.people |= set(people)
        self.groups |= {f"@{name.replace('_', '-')}": set(members) for name, members in groups.items()}
        self.store.write(self._people)

    def act(self, who: str) -> Act:
        return Act(who, self.now, TEAM, TEAM)

    def does(self, use_case: Callable[..., Answer], who: str, *arguments: Any, **named: Any) -> Answer:
        return self.store.write(lambda unit: use_case(unit, self.project, self.act(who), *arguments, **named))

    def starts(
        self, environment: str = "production", who: str = ANN, versions: tuple[str, ...] = ("00008", "00009")
    ) -> str:
        """Start, and let preflight read these versions."""
        deployment = self.does(start.start, who, environment).deployment_id or ""
        self.reads(deployment, files(*versions))
        return deployment

    def reads(self, deployment: str, contents: Mapping[str, bytes], **facts: Any) -> None:
        seen = reading(contents, self.now, **facts)
        self.store.write(lambda unit: record_reading(unit, self.project, self.act("gonogo"), deployment, seen))

    def answers(
        self, deployment: str, check: str, status: Status, summary: str = "checked", inputs: str = "x", hint: str = ""
    ) -> None:
        """A check of this deployment answers."""

        def work(unit: Any) -> None:
            unit.results.queue(deployment, [check], Purpose.ASKED, unit.new_id(), None, self.now)
            runs = unit.results.claim(self.now, self.now + timedelta(minutes=5), 1)
            result = CheckResult(
                unit.new_id(),
                runs[0].id,
                deployment,
                check,
                status,
                summary,
                self.now,
                inputs_hash=inputs,
                hint=hint,
            )
            record_result(unit, self.project, self.act("gonogo"), runs[0], result)

        self.store.write(work)

    def has_probe(self, item: str, check: str) -> None:
        """The team configures a check of its own for an item, in every environment."""
        places = {
            name: replace(place, checks=place.checks | {check}) for name, place in self.project.environments.items()
        }
        self.project = replace(self.project, probes={**self.project.probes, item: (check,)}, environments=places)

    def situation(self, deployment: str) -> Situation:
        return self.store.read(lambda reader: load(reader, self.project, deployment, self.now))

    def dashboard(self, deployment: str) -> DashboardFacts:
        return self.store.read(lambda reader: views.dashboard(reader, self.project, deployment, self.now))

    def row(self, deployment: str) -> Deployment:
        return self.store.read(lambda reader: reader.deployments.get(deployment))

    def role(self, deployment: str, name: str) -> RoleState:
        return self.situation(deployment).role(name)

    def blockers(self, deployment: str) -> list[str]:
        return [blocker.sentence for blocker in self.dashboard(deployment).blockers]

    def settles(self, deployment: str, requirement: Requirement, who: str = ANN) -> None:
        """Tick everything that the next step needs; what wants a peer is ticked by one."""
        situation = self.situation(deployment)
        peer = next(one for one in (BO, DEVI, MO, DANA) if one not in situation.deployer_ids)
        for item in situation.missing(requirement):
            self.does(tick.tick, peer if item.by_peer else who, deployment, item.id)

    def signs(self, deployment: str, *names: str) -> None:
        for name in names or SIGNERS:
            self.does(decide.sign, SIGNERS[name], deployment, name, self.situation(deployment).subject)

    def goes(self, deployment: str, who: str = ANN) -> None:
        """Settle, sign, ask for go, and let preflight read the same files again."""
        self.settles(deployment, Requirement.GO)
        blocking = [state.role.name for state in self.situation(deployment).roles if state.blocks]
        if blocking:
            self.signs(deployment, *blocking)
        self.says_go(deployment, who)

    def says_go(self, deployment: str, who: str = ANN) -> Answer:
        answer = self.does(go.ask_go, who, deployment, self.situation(deployment).subject)
        self.finishes_runs(deployment)
        return answer

    def finishes_runs(self, deployment: str) -> None:
        """Every queued run ends without a verdict, as a reading of unchanged files does."""

        def work(unit: Any) -> None:
            for run in unit.results.claim(self.now, self.now + timedelta(minutes=5), 100):
                record_result(unit, self.project, self.act("gonogo"), run, None)

        for _ in range(5):
            self.store.write(work)

    def completes(self, deployment: str, who: str = ANN, result: Outcome = Outcome.SUCCESS) -> Answer:
        self.settles(deployment, Requirement.COMPLETE)
        return self.does(complete.complete, who, deployment, result, "Went as planned.")

    def rings(self) -> None:
        """What the alarm clock does by now: every reminder that is due, the first first."""
        for one in self.store.read(lambda reader: reader.reminders.pending()):
            if one.due <= self.now:
                self.store.write(lambda unit, of=one.id: remind(unit, self.project, self.act("gonogo"), of))

    def looks(self, deployment: str, **found: tuple[Status, str]) -> list[str]:
        """Every queued check answers, passed where nothing else is said; gives which ran, but for the reading."""

        def work(unit: Any) -> list[CheckRun]:
            runs = unit.results.claim(self.now, self.now + timedelta(minutes=5), 100)
            for run in runs:
                status, words = found.get(run.check_id, (Status.PASSED, "as before"))
                told = (f"{run.id}-a", run.id, run.deployment_id, run.check_id, status, words, self.now)
                result = None if run.check_id == PREFLIGHT_JOB else CheckResult(*told, inputs_hash=words)
                record_result(unit, self.project, self.act("gonogo"), run, result)
            return [run for run in runs if run.deployment_id == deployment]

        ran: list[CheckRun] = []
        while runs := self.store.write(work):
            ran += runs
        return sorted(run.check_id for run in ran if run.check_id != PREFLIGHT_JOB)

    def history(self, *applied: str, pending: tuple[str, ...] = (), **faults: tuple[str, ...]) -> History:
        return History("sqlx", "_sqlx_migrations", applied, pending, **faults)

    def said(self, template: str) -> list[Mapping[str, Any]]:
        """Facts of what was said by a template, oldest first."""
        return self.store.read(lambda reader: said_facts(reader, template))

    def asked(self, deployment: str, role: str) -> list[tuple[str, AskedFacts]]:
        """Who was asked as this role, message by message in their order, and how each stands today."""

        def read(reader: Any) -> list[tuple[str, AskedFacts]]:
            asks = [live for live in reader.outbox.wanted(deployment) if live.kind == "asked"]
            asks = [live for live in asks if live.subject.startswith(f"{role}:")]
            return [(live.channel, views.asked(reader, self.project, live, self.now)) for live in asks]

        return self.store.read(read)

    def told_once(self, key: str) -> SaidRow | None:
        """One row of the outbox, wherever it stands in its lane."""
        return self.store.read(lambda reader: said_row(reader, key))

    def events(self, deployment: str) -> list[str]:
        chain = self.row(deployment).chain
        entries = self.store.read(lambda reader: reader.journal.entries(chain))
        return [entry.body.split('"event":"')[1].split('"')[0] for entry in entries]


WATCHED = """# Deployment

## Before <!-- phase: prepare -->

- [ ] Rollback plan prepared <!-- id: rollback-plan; required: go -->

## Immediate Checks <!-- phase: verify; environments: staging, production; due: 1h -->

- [ ] Services operational <!-- id: services -->
- [ ] Connections <!-- id: sessions -->

## Short-term <!-- phase: verify; environments: production; due: day 1-7 -->

- [ ] Table growth <!-- id: growth -->
- [ ] User feedback <!-- id: feedback -->

## Long-term <!-- phase: verify; environments: production; due: week 1-4 -->

- [ ] Capacity <!-- id: capacity -->

## Documentation <!-- phase: close -->

- [ ] Changelog <!-- id: news -->

## Sign-off <!-- phase: sign-off; environments: production -->

- [ ] Database administrator approval <!-- id: sign-off-dba; role: dba approve; required: go -->
"""
WATCHING = ("sessions", "growth", "capacity", "news")
"""Its lines that have a check, by that name."""


def watched_team(file: Path) -> Team:
    """Of a short checklist that is mostly about what comes after completion."""
    made = Team(file, project(roles={"dba": roles()["dba"]}, checklist_text=WATCHED))
    for item in WATCHING:
        made.has_probe(item, item)
    return made
