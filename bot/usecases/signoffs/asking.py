"""Ask the approvers: once, when prepare's required items are settled, or when the deployer says *Ask now*."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from bot.core.checklist.items import Requirement
from bot.core.deployment import State
from bot.core.refusal import Refused
from bot.core.signoff import RoleState, who_is_asked
from bot.core.team import Project
from bot.usecases.act import Act, Answer, chronicle, morning_for, want_dashboard, want_sign_off
from bot.usecases.books.rows import ASKED, Live
from bot.usecases.books.units import Reader, Unit
from bot.usecases.permit import holders_of, require_deployer, require_state
from bot.usecases.situation.gate import decides_again
from bot.usecases.situation.judging import load
from bot.usecases.situation.snapshot import Situation
from bot.usecases.verb import Verb


def ask_when_ready(unit: Unit, project: Project, act: Act, deployment_id: str) -> None:
    """Ask unasked, once: everything that go needs of prepare is settled and the files are read."""
    situation = load(unit, project, deployment_id, act.at)
    deployment = situation.deployment
    ready = deployment.state is State.PREPARING and bool(situation.subject) and not situation.missing(Requirement.GO)
    if ready and deployment.asked_at is None:
        ask(unit, situation, act, by_night=False)


def ask_now(unit: Unit, project: Project, act: Act, deployment_id: str, *, anyway: bool = False) -> Answer:
    """Ask before everything is settled, or again. Who is in quiet hours is named; `anyway` sends to them too."""
    situation = load(unit, project, deployment_id, act.at)
    require_state(situation, State.PREPARING)
    require_deployer(unit, situation, act)
    if not situation.subject:
        raise Refused("There is nothing to decide yet: the migration files are not read.")
    sleeping = ask(unit, situation, act, by_night=anyway)
    if sleeping:
        names = ", ".join(sleeping)
        text = f"Asked. In quiet hours, so asked in the morning: {names}. Press *Ask anyway* to wake them."
        offer = {"verb": Verb.ASK_NOW, "deployment": deployment_id, "extra": "anyway", "words": "Ask anyway"}
        return Answer(text, deployment_id, (offer,))
    return Answer("Asked.", deployment_id)


def ask(unit: Unit, situation: Situation, act: Act, *, by_night: bool) -> list[str]:
    """Post the sign-off messages and write to who may sign; returns the names of those who sleep."""
    deployment = unit.deployments.save(replace(situation.deployment, asked_at=act.at, last_act_at=act.at))
    sleeping: list[str] = []
    for state in situation.roles:
        if state.role.enabled:
            want_sign_off(unit, situation.project, deployment, state.role.name, act.at)
    waited = [state for state in situation.roles if state.blocks and _is_asked(situation, state)]
    for state in waited:
        sleeping += _ask_role(unit, situation, act, state, by_night=by_night)
    facts = {"subject": situation.subject, "roles": [state.role.name for state in waited]}
    chronicle(unit, deployment, act, "asked", facts)
    want_dashboard(unit, situation.project, deployment, act.at)
    return sleeping


def _ask_role(unit: Unit, situation: Situation, act: Act, state: RoleState, *, by_night: bool) -> list[str]:
    role, sleeping = state.role, []
    for user in _undecided(unit, situation, state):
        later = None if by_night else morning_for(unit, situation, user, act.at)
        earlier = asks_of(unit, situation.deployment.id, role.name, user)
        if earlier and _still_asks(situation, state, earlier):
            place = (situation.deployment.id, ASKED, earlier[-1].live.subject, user)
            unit.outbox.want(*place, act.at, at_any_hour=by_night)
            if later is None:
                unit.outbox.wake(earlier[-1].live.id)
        else:
            post_ask(unit, situation, state, user, later, at_any_hour=by_night)
        if later:
            sleeping.append(situation.name(user))
    return sleeping


def _undecided(unit: Unit, situation: Situation, state: RoleState) -> list[str]:
    decided = {one.who for one in state.counting}
    return sorted(who_is_asked(holders_of(unit, situation), state.role) - decided)


def post_ask(
    unit: Unit,
    situation: Situation,
    state: RoleState,
    user: str,
    later: datetime | None = None,
    *,
    at_any_hour: bool = False,
) -> None:
    """A message of its own, since an edit tells nobody; those before it close themselves."""
    deployment, role = situation.deployment, state.role.name
    earlier = asks_of(unit, deployment.id, role, user)
    subject = f"{role}:{user}:{situation.subject[:_DIGEST]}:{len(earlier) + 1}"
    for ask_before in earlier:
        unit.outbox.want(deployment.id, ASKED, ask_before.live.subject, user, situation.now)
    unit.outbox.want(deployment.id, ASKED, subject, user, situation.now, not_before=later, at_any_hour=at_any_hour)


_DIGEST = 16


class Ask(NamedTuple):
    """One message that asked; `digest` begins what it was about, `number` counts from 1.

    The live message's subject is `ROLE:USER:DIGEST:NUMBER`.
    """

    live: Live
    role: str
    user: str
    digest: str
    number: int

    def is_about(self, subject: str) -> bool:
        return bool(subject) and subject.startswith(self.digest)


def asks_of(reader: Reader, deployment_id: str, role: str, user: str) -> list[Ask]:
    """Everything that was asked of one person for one role, oldest first."""
    found = (read_ask(live) for live in reader.outbox.wanted(deployment_id) if live.kind == ASKED)
    return [one for one in found if (one.role, one.user) == (role, user)]


def read_ask(live: Live) -> Ask:
    role, user, digest, number = live.subject.split(":")
    return Ask(live, role, user, digest, int(number))


def _still_asks(situation: Situation, state: RoleState, earlier: Sequence[Ask]) -> bool:
    """Whether the newest is about today's subject, and nothing that the person said about it has ended since."""
    last = earlier[-1]
    ended = [one for one in situation.sign_offs if (one.role, one.who) == (state.role.name, last.user)]
    ended = [one for one in ended if one.subject == situation.subject and one not in state.counting]
    about = sum(one.digest == last.digest for one in earlier)
    return last.is_about(situation.subject) and about > len(ended)


def _is_asked(situation: Situation, state: RoleState) -> bool:
    """Before go everybody; while held only who decides on changed files."""
    return situation.deployment.state is not State.HELD or decides_again(situation, state)
