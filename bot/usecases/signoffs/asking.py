"""Ask the approvers: once, when prepare's required items are settled, or when the deployer says *Ask now*."""

from __future__ import annotations

from dataclasses import replace

from bot.core.calendar import open_sign_off
from bot.core.checklist.items import Requirement
from bot.core.deployment import State
from bot.core.refusal import Refused
from bot.core.signoff import RoleState, who_is_asked
from bot.core.team import Project
from bot.usecases.act import Act, Answer, chronicle, direct, morning_for, want_dashboard, want_sign_off
from bot.usecases.books.units import Reader, Unit
from bot.usecases.permit import holders_of, require_deployer, require_state
from bot.usecases.situation.gate import decides_again, warnings
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
    for user in sorted(who_is_asked(holders_of(unit, situation), role)):
        later = None if by_night else morning_for(unit, situation, user, act.at)
        key = f"{situation.deployment.id}:asked:{role.name}:{user}:{situation.subject[:16]}"
        facts = asked_facts(unit, situation, state, situation.name(act.who))
        direct(unit, situation.deployment, user, "sign-off-asked", key, act.at, later, **facts)
        if later:
            sleeping.append(situation.name(user))
    for planned in open_sign_off(role.name, act.at, situation.environment.timezone):
        unit.reminders.plan(situation.deployment.id, planned.kind, planned.subject, planned.due)
    return sleeping


def _is_asked(situation: Situation, state: RoleState) -> bool:
    """Before go everybody; while held only who decides on changed files."""
    return situation.deployment.state is not State.HELD or decides_again(situation, state)


def asked_facts(reader: Reader, situation: Situation, state: RoleState, by: str) -> dict[str, object]:
    """What a person who is asked reads before deciding."""
    return {
        "role": state.role.name,
        "title": state.role.title,
        "role_kind": str(state.role.kind),
        "second": holders_of(reader, situation).held_by_deployers(state.role),
        "subject": situation.subject,
        "files": sum(not file.is_down for file in situation.files),
        "checks_passed": situation.checks_passed[0],
        "checks_total": situation.checks_passed[1],
        "open_items": len(situation.missing(Requirement.GO)),
        "warnings": list(warnings(situation)),
        "by": by,
    }
