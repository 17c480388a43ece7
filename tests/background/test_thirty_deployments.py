"""A month of thirty deployments and forty people on a moved clock: who is written to, when, how often, and why.

The alarm clock, the state file, the drawing and the sending are the bot's own; direct messages go to the stand-in, and
what the channel would be shown is left out. What is checked, is worked out here a second time, in a simpler way.
"""

from __future__ import annotations

import heapq
import itertools
import json
import random
import statistics
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import holidays
import pytest

from bot.background.alarm_clock import AlarmClock
from bot.background.backstage import Backstage
from bot.core.attention import NIGHT
from bot.core.checklist.items import Kind, Requirement, RoleKind
from bot.core.decision import PREFLIGHT_JOB, CheckResult, CheckRun
from bot.core.deployment import ENDED, State
from bot.core.journal import Entry
from bot.core.refusal import Refused
from bot.core.team import EVERYBODY, Environment, Escalation, Person, Project, Role
from bot.demo.standin import StandIn
from bot.slack.outbound.calling import make_clients
from bot.slack.outbound.drawing import Drawing, Outgoing
from bot.slack.outbound.live import send_live
from bot.slack.outbound.pace import Echoes, Outage, Pace, Rates
from bot.slack.outbound.said import send_said
from bot.slack.people.identity import WhoAmI
from bot.usecases import tick
from bot.usecases.books.rows import DIGEST, HOURS, IN_DIRECT, Identity, Live
from bot.usecases.books.units import SaidRow
from bot.usecases.checking.record_result import record_result
from bot.usecases.lifecycle import start
from bot.usecases.signoffs import decide
from bot.usecases.situation import gate
from bot.usecases.who_waits import AT_ONCE
from checks.result import Status
from tests.states import open_state
from tests.usecases.team import TEAM, WATCHED, WATCHING, Team, files

MANIFEST = Path(__file__).parents[2] / "manifest.json"
FIRST = datetime(2026, 10, 12, 5, tzinfo=UTC)
DAYS = 34  # The clocks of Europe go back on 25 October, those of America on 1 November.
DEPLOYMENTS = 30
STEP = 2  # hours
ZONES = {
    "Europe/Berlin": "DE",
    "Europe/London": "GB",
    "America/New_York": "US",
    "Asia/Kolkata": "IN",
    "Asia/Tokyo": "JP",
    "Australia/Sydney": "AU",
}
PEOPLE = tuple(f"U0P{number:02}" for number in range(40))
OWNERS = PEOPLE[:8]
HOLDERS = {
    "dba": PEOPLE[8:11],
    "backend": PEOPLE[11:17],
    "devops": PEOPLE[17:19],
    "management": PEOPLE[19:21],
}
BACKUP = PEOPLE[21]
PLACES = ("production", "production-eu", "production-us", "staging")
CHECKLIST = WATCHED + "".join(
    f"- [ ] {role} approval <!-- id: sign-off-{role}; role: {role} approve; required: go in production -->\n"
    for role in list(HOLDERS)[1:]
)
FAST = Rates(posts_a_second=10_000, updates_a_minute=1_000_000, routine_burst=1_000_000)


def zone_of(user: str) -> str:
    return list(ZONES)[PEOPLE.index(user) % len(ZONES)]


def is_quiet(user: str, now: datetime) -> bool:
    """Night, weekend, holiday, or do-not-disturb, as a person would say it."""
    wall = now.astimezone(ZoneInfo(zone_of(user)))
    night = not time(8) <= wall.time() < time(20)
    free = wall.date() in holidays.country_holidays(ZONES[zone_of(user)], years=wall.year)
    lunch = PEOPLE.index(user) % 4 == 0 and time(12) <= wall.time() < time(13)
    return night or free or lunch or wall.weekday() > 4


@dataclass(frozen=True)
class Sent:
    """One direct message as it arrived."""

    at: datetime
    user: str
    what: str
    key: str
    deployments: tuple[str, ...]
    causes: tuple[str, ...] = ()
    reasons: tuple[bool, ...] = ()


def project() -> Project:
    roles = {name: Role(name, name, f"sign-off-{name}", RoleKind.APPROVE, members) for name, members in HOLDERS.items()}
    roles["dba"] = replace(roles["dba"], backup=(BACKUP,))
    places = {
        name: Environment(name, Kind.STAGING if name == "staging" else Kind.PRODUCTION, checks=frozenset(WATCHING))
        for name in PLACES
    }
    return Project(
        "default",
        "C0DEPLOYS",
        environments=places,
        roles=roles,
        checklist_text=CHECKLIST,
        checklist_file="checklist.md",
        has_migrations=True,
        quiet_hours=NIGHT,
        probes={check: (check,) for check in WATCHING},
        escalation=Escalation(to=HOLDERS["management"]),
    )


class Office(Team):
    """Forty people instead of five, who are in six zones; a third of them eats undisturbed."""

    def _people(self, unit: Any) -> None:
        unit.people.learn(Identity(TEAM, "Acme", "U0BOT", "B0BOT", "A0APP"), self.now)
        for user in PEOPLE:
            zone = ZoneInfo(zone_of(user))
            unit.people.keep(Person(TEAM, user, user.title(), zone.key, TEAM, False, True, self.now))
            if PEOPLE.index(user) % 4 == 0:
                noon = datetime.combine(self.now.astimezone(zone).date(), time(12), zone)
                unit.people.keep_silent(user, (noon, noon + timedelta(hours=1)))
        unit.people.keep_channel("C0DEPLOYS", [EVERYBODY], self.now)


@dataclass
class Story:
    """One deployment of one owner. A routine one meets nobody who forgets, no rejection, and nothing that deviates."""

    owner: str
    place: str
    kind: str
    deployment: str = ""
    mended: bool = False

    @property
    def is_routine(self) -> bool:
        return self.kind == "routine"


KINDS = {"routine": 6, "nobody answers": 2, "rejected": 1, "deviates": 1, "forgotten": 1}


class Month:
    """Acts wait in a heap; the clock goes on two hours at a time, and the bot with it."""

    def __init__(self, slack: StandIn, folder: Path, seed: int) -> None:
        self.chance, self.slack = random.Random(seed), slack
        self.team = Office(folder / "gonogo.db", project())
        self.team.now = FIRST
        self.folder, self.sent, self.restarts = folder, list[Sent](), 0
        self.clients = make_clients(slack.bot_token, slack.api_url)
        self.stories: list[Story] = []
        self.acts: list[tuple[datetime, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self.wakes_up()

    # --- the bot -----------------------------------------------------------------------------------------------------

    def wakes_up(self) -> None:
        team = self.team
        team.store = store = open_state(team.file, lambda: None)
        store.write(lambda unit: (unit.live.recover(), unit.said.recover(), unit.results.requeue()))
        projects = {"default": team.project}
        stage = Backstage(store, projects, lambda *_: None, lambda: team.now, self.folder)
        who = WhoAmI(store, self.clients.reading, lambda: team.now)
        drawing = Drawing(projects, who)
        pace, outage = Pace(FAST, self.seconds), Outage(self.seconds)
        self.clock = AlarmClock(stage)
        self.out = Outgoing(store, self.clients, lambda: team.now, pace, outage, Echoes(), drawing, lambda _: None)

    def seconds(self) -> float:
        return self.team.now.timestamp()

    def restarts_now(self) -> None:
        self.team.store.close()
        self.restarts += 1
        self.wakes_up()

    def works(self, *, dies: bool = False) -> None:
        """One sweep, every check that waits, everything that is to be sent; `dies` before the sending."""
        self.clock.sweep()
        while self.team.store.write(self._answers):
            pass
        if dies:
            self.restarts_now()
        self.sends()

    def _answers(self, unit: Any) -> list[CheckRun]:
        now, stories = self.team.now, {story.deployment: story for story in self.stories}
        runs: list[CheckRun] = unit.results.claim(now, now + timedelta(minutes=5), 100)
        for run in runs:
            story, row = stories[run.deployment_id], unit.deployments.get(run.deployment_id)
            late = row.completed_at is not None and now - row.completed_at > timedelta(days=2)
            bad = story.kind == "deviates" and run.check_id == "growth" and late and not story.mended
            status, words = (Status.WARNING, "orders +9.1 GB a day") if bad else (Status.PASSED, "as before")
            told = (f"{run.id}-a", run.id, run.deployment_id, run.check_id, status, words, now)
            result = None if run.check_id == PREFLIGHT_JOB else CheckResult(*told, inputs_hash=words)
            record_result(unit, self.team.project, self.team.act("gonogo"), run, result)
        return runs

    def sends(self) -> None:
        for _ in range(8):
            behind, said = self.team.store.read(self._waiting)
            # An edit tells nobody, and neither does what stands in a thread.
            shown = [live for live in behind if live.kind not in IN_DIRECT or live.ts is not None]
            self.team.store.write(
                lambda unit, found=shown: [unit.live.mark_sent(one.id, one.wanted, "") for one in found]
            )
            for live in behind:
                if live not in shown:
                    self._recorded(live.channel, live.kind, live.id, partial(send_live, self.out, live), live)
            for row in said:
                self._send_said(row)
            if not behind and not said:
                return

    def _waiting(self, reader: Any) -> tuple[tuple[Live, ...], tuple[SaidRow, ...]]:
        return reader.live.behind(self.team.now, 500), reader.said.open(self.team.now, 500)

    def _send_said(self, row: SaidRow) -> None:
        if row.said.sort != "direct":
            self.team.store.write(lambda unit: unit.said.mark_sent(row.id, self.team.now))
        else:
            user = str(row.said.facts["user"])
            self._recorded(user, row.said.template, row.said.key, partial(send_said, self.out, row), row)

    def _recorded(self, user: str, what: str, key: str, send: Callable[[], None], row: Live | SaidRow) -> None:
        before = self.inbox(user)
        send()
        if self.inbox(user) > before:
            self.sent.append(self._as_sent(user, what, key, row))

    def _as_sent(self, user: str, what: str, key: str, row: Live | SaidRow) -> Sent:
        if isinstance(row, Live) and row.kind == DIGEST:
            slot = row.subject.partition(":")[2]
            told = self.team.store.read(lambda reader: reader.digests.get(user, slot))
            assert told is not None
            places = tuple(dict.fromkeys(line.deployment for line in told.lines))
            causes = tuple(line.cause for line in told.lines)
            return Sent(
                self.team.now, user, what, key, places, causes, tuple(self.has_reason(user, one) for one in causes)
            )
        about = row.deployment_id if isinstance(row, Live) else row.said.deployment_id
        return Sent(self.team.now, user, what, key, (about or "",))

    def inbox(self, user: str) -> int:
        channel = self.slack.workspace.direct(self.slack.workspace.app.bot_user, user)
        return len(self.slack.workspace.messages.get(channel.id, {}))

    # --- the people --------------------------------------------------------------------------------------------------

    def at(self, when: datetime, act: Callable[[], None]) -> None:
        heapq.heappush(self.acts, (when, next(self._order), act))

    def awake(self, user: str, when: datetime) -> datetime:
        """The next hour at which that person works."""
        while is_quiet(user, when):
            when += timedelta(hours=1)
        return when

    def plans(self) -> None:
        """Thirty starts, each in its owner's working time."""
        for number in range(DEPLOYMENTS):
            owner, place = OWNERS[number % len(OWNERS)], PLACES[number % len(PLACES)]
            [kind] = self.chance.choices(list(KINDS), list(KINDS.values()))
            story = Story(owner, place, kind)
            when = FIRST + timedelta(days=number * 22 / DEPLOYMENTS, hours=self.chance.randrange(6))
            self.at(self.awake(owner, when), partial(self.begins, story))

    def begins(self, story: Story) -> None:
        team = self.team
        try:
            story.deployment = team.does(start.start, story.owner, story.place).deployment_id or ""
        except Refused:
            self.later(story.owner, 20, partial(self.begins, story))
            return
        self.stories.append(story)
        team.reads(story.deployment, files(f"{len(self.stories):05}"))
        team.settles(story.deployment, Requirement.GO, story.owner)
        for role, members in HOLDERS.items() if story.place != "staging" else ():
            forgets = story.kind == "nobody answers" and role == "dba"
            signer = BACKUP if forgets and self.chance.random() < 0.5 else self.chance.choice(members)
            hours = self.chance.randrange(75, 110) if forgets else self.chance.randrange(1, 6)
            self.later(signer, hours, partial(self.decides, story, role, signer))
        self.later(story.owner, 70 if story.kind == "forgotten" else 3, partial(self.goes, story))

    def later(self, user: str, hours: int, act: Callable[[], None]) -> None:
        self.at(self.awake(user, self.team.now + timedelta(hours=hours)), act)

    def decides(self, story: Story, role: str, who: str) -> None:
        subject, state = self.team.situation(story.deployment).subject, self.team.row(story.deployment).state
        if state is not State.PREPARING:
            return
        if story.kind == "rejected" and role == "devops" and not story.mended:
            story.mended = True
            self.team.does(decide.reject, who, story.deployment, role, subject, "orders is locked for minutes")
            self.later(story.owner, 30, lambda: self.clears(story, role, who))
        else:
            self.team.does(decide.sign, who, story.deployment, role, subject)

    def clears(self, story: Story, role: str, who: str) -> None:
        self.team.does(decide.clear_rejection, story.owner, story.deployment, role, "it is an index of seconds")
        self.later(who, 2, partial(self.decides, story, role, who))

    def goes(self, story: Story) -> None:
        """As soon as nothing is missing, and in his own time."""
        team, deployment = self.team, story.deployment
        if gate.blockers(team.situation(deployment)):
            self.later(story.owner, 3, partial(self.goes, story))
            return
        team.says_go(deployment, story.owner)
        self.at(team.now + timedelta(hours=1), lambda: self.ends(story))

    def ends(self, story: Story) -> None:
        self.team.completes(story.deployment, story.owner)
        if story.kind == "deviates":
            self.later(story.owner, 24 * 5, partial(self.mends, story))

    def mends(self, story: Story) -> None:
        story.mended = True
        with suppress(Refused):
            self.team.does(tick.tick, story.owner, story.deployment, "growth", "looked at it")

    def passes(self, hours: int, *, is_down: bool = False) -> None:
        """Two hours at a time; a process that is down sleeps through all of it."""
        for _ in range(0, hours, STEP):
            self.team.now += timedelta(hours=STEP)
            if self.acts and self.acts[0][0] <= self.team.now:
                self.team.later()  # whoever acts was looked up within the hour
            while self.acts and self.acts[0][0] <= self.team.now:
                heapq.heappop(self.acts)[2]()
            if not is_down:
                self.works(dies=self.chance.random() < 0.03)

    def journal(self, story: Story) -> tuple[Entry, ...]:
        chain = self.team.row(story.deployment).chain
        return self.team.store.read(lambda reader: reader.journal.entries(chain))

    # --- what was wrong with what was told ---------------------------------------------------------------------------

    def has_reason(self, user: str, cause: str) -> bool:
        """Whether what is told is so, read from the deployment itself."""
        deployment, sort, *rest = cause.split(":")
        situation = self.team.situation(deployment)
        if sort == "item":
            return not situation.states[rest[0]].settled
        if sort in {"idle", "take-over"}:
            return situation.deployment.state not in ENDED
        state = situation.role(rest[0])
        return not state.met and not any(one.who == user for one in state.counting)


def at_fault(month: Month) -> Iterator[str]:
    for one in month.sent:
        if is_quiet(one.user, one.at) and one.what not in {*AT_ONCE, HOURS}:
            yield f"{one.user} was sent {one.what} at {one.at.astimezone(ZoneInfo(zone_of(one.user)))}"
        if one.causes and not any(one.reasons):
            yield f"{one.user} was told at {one.at} of what was over: {one.causes}"
    twice = Counter((one.user, one.key) for one in month.sent)
    yield from (f"{user} was sent {key} {times} times" for (user, key), times in twice.items() if times > 1)
    days = Counter(
        (one.user, one.at.astimezone(ZoneInfo(zone_of(one.user))).date()) for one in month.sent if one.causes
    )
    yield from (f"{user} had {times} digests on {day}" for (user, day), times in days.items() if times > 1)
    told = defaultdict(list)
    for one in month.sent:
        for cause in one.causes:
            told[one.user, cause].append(one.at)
    for (user, cause), times in told.items():
        for number, (before, after) in enumerate(itertools.pairwise(times), 2):
            if after - before < timedelta(hours=12 if number <= 3 else 6 * 24):
                yield f"{user} was told of {cause} at {before} and at {after}"


def printed(month: Month) -> tuple[dict[str, int], float]:
    """How many messages each routine deployment sent its owner; and the median a week of everybody else."""
    routine = {
        story.deployment: sum(one.user == story.owner and story.deployment in one.deployments for one in month.sent)
        for story in month.stories
        if story.is_routine
    }
    per_person = Counter(one.user for one in month.sent)
    others = [per_person[user] / (DAYS / 7) for user in PEOPLE if user not in OWNERS]
    print(f"\n{len(month.stories)} deployments, {len(month.sent)} messages, {month.restarts} restarts")
    print("a person:", ", ".join(f"{user[-2:]} {per_person[user]}" for user in PEOPLE))
    print("by kind:", dict(Counter(one.what for one in month.sent)))
    print("to the owner of each routine deployment:", sorted(routine.values()))
    print(f"median a week of everybody else: {statistics.median(others):.1f}, most {max(others):.1f}")
    return routine, statistics.median(others)


@pytest.fixture
def month(tmp_path: Path) -> Iterator[Month]:
    slack = StandIn.start(MANIFEST)
    for user in PEOPLE:
        slack.add_person(user.lower(), user.title(), id=user, tz=zone_of(user))
    yield Month(slack, tmp_path, seed=11)
    threading.Thread(target=slack.stop, daemon=True).start()


def test_a_month_is_calm_and_nobody_forgets(month: Month) -> None:
    month.plans()
    month.passes(24 * DAYS)
    routine, median = printed(month)
    assert len(month.stories) == DEPLOYMENTS
    assert month.restarts > 5
    assert list(at_fault(month)) == []
    assert max(routine.values()) <= 4
    assert median <= 1
    waited = [story for story in month.stories if story.kind == "nobody answers" and story.place != "staging"]
    assert waited
    for story in waited:
        cause = f"{story.deployment}:sign-off:dba"
        told = {one.user for one in month.sent if any(cause in each for each in one.causes)}
        assert told & {*HOLDERS["dba"]}, story


def test_after_a_week_away_it_says_once_what_still_matters(month: Month) -> None:
    month.plans()
    month.passes(24 * 8)
    before = len(month.sent)
    month.passes(24 * 7, is_down=True)
    month.passes(24)
    after = month.sent[before:]
    assert list(at_fault(month)) == []
    digests = Counter(one.user for one in after if one.what == DIGEST)
    assert digests
    assert max(digests.values()) == 1
    for story in month.stories:
        entries = month.journal(story)
        looked = [json.loads(entry.body) for entry in entries if '"event":"looked"' in entry.body]
        late = [body["list"].split()[0] for body in looked if body["at"] >= f"{FIRST + timedelta(days=15):%FT}"]
        assert max(Counter(late).values(), default=1) <= 2, looked  # one that was missed, and that of the new day
