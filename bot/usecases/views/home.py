"""App Home, whose deployments are open, and earlier ones: how long each took, how long each role was waited for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice

from bot.core.decision import SignOff
from bot.core.deployment import Deployment
from bot.core.signoff import YES
from bot.core.team import Project, main_of
from bot.usecases.books.units import Reader
from bot.usecases.facts import AskedFacts, AskedWord, Named, SignOffFacts
from bot.usecases.locks import in_force
from bot.usecases.permit import holders_of
from bot.usecases.quiet import hours_facts
from bot.usecases.situation import gate
from bot.usecases.situation.judging import load
from bot.usecases.situation.snapshot import PREPARATION, Situation
from bot.usecases.standing_facts import HomeFacts, Past
from bot.usecases.subscriptions import subscriptions_of
from bot.usecases.views.dashboard import dashboard_facts
from bot.usecases.views.owed import is_asked, waiting_roles
from bot.usecases.views.sign_off import card, decided_by, sign_off_facts
from bot.usecases.views.work import owed_work

RECENT = 10


def deployments_of(reader: Reader, who: str) -> tuple[Deployment, ...]:
    """Open deployments of which this person is a deployer, newest first."""
    mine = (
        one
        for one in reader.deployments.open()
        if any(deployer.user_id == who for deployer in reader.deployments.deployers(one.id))
    )
    return tuple(sorted(mine, key=lambda one: one.started_at, reverse=True))


def home(reader: Reader, projects: Mapping[str, Project], who: str, now: datetime) -> HomeFacts:
    """What needs this person, what is open, what was."""
    situations = [
        load(reader, projects[one.project], one.id, now) for one in reader.deployments.open() if one.project in projects
    ]
    person = reader.people.person(who)
    return HomeFacts(
        person=Named(who, person.name if person else who),
        needs_me=tuple(need for situation in situations for need in _needs(reader, situation, who)),
        open=tuple(dashboard_facts(reader, situation) for situation in situations),
        recent=tuple(one for one in _told(reader, RECENT) if one.closed_at is not None),
        hours=hours_facts(reader, main_of(projects), who, now),
        work=tuple(one for situation in situations for one in owed_work(reader, situation, who)),
        decided=tuple(said for situation in situations for said in _decided(reader, situation, who)),
        locks=in_force(reader, now),
        subscriptions=subscriptions_of(reader, projects, who),
    )


def _needs(reader: Reader, situation: Situation, who: str) -> list[tuple[Deployment, str, SignOffFacts | None]]:
    deployment = situation.deployment
    found: list[tuple[Deployment, str, SignOffFacts | None]] = []
    for state in waiting_roles(situation):
        holders = holders_of(reader, situation)
        if is_asked(reader, situation, state, who):
            facts = replace(sign_off_facts(reader, situation, state), card=card(reader, situation))
            given = (one for one in holders.delegations if (one.role, one.to_user) == (state.role.name, who))
            behalf = "".join(f" for {situation.name(one.from_user)}" for one in islice(given, 1))
            found.append((deployment, f"asked of you{behalf}", facts))
    if deployment.owner == who and situation.step and (situation.step != "close" or gate.wants_people(situation)):
        found.append((deployment, f"your deployment: next is {situation.step}", None))
    return found


def _decided(reader: Reader, situation: Situation, who: str) -> Iterator[AskedFacts]:
    """What this person said for roles, while it can be taken back."""
    if situation.deployment.state in PREPARATION:
        for state in situation.roles:
            facts = sign_off_facts(reader, situation, state)
            mine = decided_by(facts, state, who) if state.role.gates else None
            if mine:
                yield AskedFacts(facts, AskedWord.MINE, mine=mine)


def past(reader: Reader, limit: int, environment: str = "") -> tuple[Past, ...]:
    """The last deployments, newest first; of one environment where it is named."""
    found = (one for one in _told(reader, 10 * limit) if environment in {"", one.environment})
    return tuple(_past(reader, one) for one, _ in zip(found, range(limit), strict=False))


def _told(reader: Reader, limit: int) -> Iterator[Deployment]:
    """Without those that had nothing to deploy: nobody but their starters ever heard of them."""
    return (one for one in reader.deployments.recent(limit) if one.facts.nothing_pending is None)


def _past(reader: Reader, deployment: Deployment) -> Past:
    to_go = deployment.go_at - deployment.started_at if deployment.go_at else None
    ran = deployment.completed_at - deployment.go_at if deployment.completed_at and deployment.go_at else None
    return Past(deployment, to_go, ran, _waits(deployment, reader.sign_offs.of(deployment.id)))


def _waits(deployment: Deployment, sign_offs: tuple[SignOff, ...]) -> Mapping[str, timedelta]:
    """From asking (or the start) to the last yes that stood before go, by role."""
    asked = deployment.asked_at or deployment.started_at
    found: dict[str, timedelta] = {}
    for one in sign_offs:
        if one.decision in YES and one.stands and one.carried_from is None:
            found[one.role] = max(found.get(one.role, timedelta()), one.at - asked, timedelta())
    return found
