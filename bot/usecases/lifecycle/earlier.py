"""What earlier deployments say about this one: a lesson, what the environment before has seen, what carries over."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from bot.core.checklist.items import Item, RoleKind
from bot.core.decision import Decision, DecisionKind, SignOff, SignOffDecision
from bot.core.deployment import Deployment, Outcome, PinnedFile
from bot.core.item import Carried, Earlier, ItemState, ItemWord, Settled, carried_items, worst
from bot.core.journal import from_text
from bot.core.signoff import RoleState
from bot.core.team import Project
from bot.usecases.books.units import Reader, Unit
from bot.usecases.facts import Rehearsal
from bot.usecases.lifecycle.plan import longest_of_last
from bot.usecases.situation.judging import checklist_of, environment_of, load
from bot.usecases.situation.snapshot import Situation
from checks.result import Finding, Status

_LESSONS = "own-lessons"
LOOKED_AT = 5


def lesson_of_last(reader: Reader, deployment: Deployment) -> str:
    """What the last deployment of this environment noted as a lesson; empty where the last one noted nothing."""
    past = reader.deployments.of_environment(deployment.team, deployment.project, deployment.environment)
    ended = (one for one in past if one.number < deployment.number and one.completed_at is not None)
    last = next(ended, None)
    if last is None:
        return ""
    words = (last.completion or {}).get("lessons", "") or _noted(reader, last)
    return f"deployment {last.label}: {words}" if words else ""


def _noted(reader: Reader, deployment: Deployment) -> str:
    items = {item.id for item in checklist_of(reader, deployment).items if _LESSONS in item.checks}
    notes = (one for one in reader.decisions.of(deployment.id) if one.item in items and one.kind is DecisionKind.NOTE)
    return "; ".join(one.reason for one in notes if one.reason)


def promotion_obstacles(reader: Reader, project: Project, deployment: Deployment) -> tuple[Finding, ...]:
    """A warning where the environment before has not completed these very files."""
    after = environment_of(project, deployment).after
    if after is None or deployment.fingerprint is None or not project.has_migrations:
        return ()
    completed = _completed(reader, deployment, after)
    done = {sha for one in completed for sha in _counting_shas(one, reader.files.of(one.id))}
    missing = [file.version for file in reader.files.of(deployment.id) if not file.is_down and file.sha not in done]
    if not missing:
        return ()
    shown = ", ".join(missing[:LOOKED_AT]) + (f" and {len(missing) - LOOKED_AT} more" if missing[LOOKED_AT:] else "")
    return (Finding(f"{after} has not completed {shown} as they are now", hint=f"deploy them to {after} first"),)


def rehearsal(reader: Reader, project: Project, deployment: Deployment) -> Rehearsal | None:
    """How long the environment before took for these very files, as far as its last deployments ran them.

    None where no environment comes before.
    """
    after = environment_of(project, deployment).after
    if after is None or not project.has_migrations:
        return None
    left = {file.sha: file.version for file in reader.files.of(deployment.id) if not file.is_down}
    took = []
    for one in _completed(reader, deployment, after, LOOK_BACK):
        ran = left.keys() & _counting_shas(one, reader.files.of(one.id)) if left else set()
        if ran and one.go_at and one.completed_at:
            took.append(one.completed_at - one.go_at)
            left = {sha: version for sha, version in left.items() if sha not in ran}
    return Rehearsal(after, tuple(took), tuple(left.values()))


def _completed(reader: Reader, deployment: Deployment, environment: str, limit: int = -1) -> list[Deployment]:
    """Those of that environment that ended well, newest first, of its last `limit`."""
    past = reader.deployments.of_environment(deployment.team, deployment.project, environment, limit)
    return [one for one in past if one.result in {Outcome.SUCCESS, Outcome.PARTIAL}]


def _counting_shas(deployment: Deployment, files: Iterable[PinnedFile]) -> frozenset[str]:
    """All files of a full deployment; of a Partial one only those that history has."""
    if deployment.result is not Outcome.PARTIAL:
        return frozenset(file.sha for file in files)
    applied = set(deployment.history.applied) if deployment.history else set()
    return frozenset(file.sha for file in files if file.version in applied)


def expected_run(reader: Reader, project: Project, deployment: Deployment) -> tuple[int, str] | None:
    """Minutes that the run may take, and whose they are: the environment before with the same files, else the longest.

    None where nobody knows.
    """
    after = environment_of(project, deployment).after
    taken = _taken_for(reader, deployment, _completed(reader, deployment, after)[:LOOK_BACK]) if after else None
    if taken is not None:
        return taken, f"{after} took for the same files"
    longest = longest_of_last(reader, deployment)
    return (longest, "the longest of the last three took") if longest else None


def _taken_for(reader: Reader, deployment: Deployment, completed: Iterable[Deployment]) -> int | None:
    """Together, where they cover every file: from go until history had all of it, else until completion."""
    missing, minutes = {file.sha for file in reader.files.of(deployment.id) if not file.is_down}, 0.0
    for one in completed if missing else ():
        shas = _counting_shas(one, reader.files.of(one.id))
        ended = from_text(one.facts.ran_at) if one.facts.ran_at else one.completed_at
        if missing & shas and one.go_at is not None and ended is not None:
            missing -= shas
            minutes += max((ended - one.go_at).total_seconds(), 0) / 60
        if not missing:
            return max(1, round(minutes))
    return None


LOOK_BACK = 20
"""How many deployments of the environment before are looked at, newest first."""


def carry_over(unit: Unit, project: Project, deployment: Deployment, now: datetime) -> None:
    """Note as carried what earlier deployments settled for the very files of this range."""
    after = environment_of(project, deployment).after
    if after is None or deployment.fingerprint is None:
        return
    completed = _completed(unit, deployment, after)[:LOOK_BACK]
    earlier = [_as_earlier(load(unit, project, one.id, now)) for one in completed]
    files = frozenset(file.sha for file in unit.files.of(deployment.id))
    items = [item.id for item in checklist_of(unit, deployment).items if item.carry and item.applies(deployment.kind)]
    noted = {
        (decision.item, decision.carried_from)
        for decision in unit.decisions.of(deployment.id)
        if decision.carried_from and deployment.fingerprint in decision.seen
    }
    situation = load(unit, project, deployment.id, now)
    for item, carried in carried_items(items, files, earlier).items():
        role = situation.role_of_item(item)
        if role is not None:
            _carry_review(unit, situation, role, carried, now)
        elif (item, carried.deployment_id) not in noted:
            unit.decisions.add(_decision(unit, deployment, item, carried, now))


def _carry_review(unit: Unit, situation: Situation, state: RoleState, carried: Carried, now: datetime) -> None:
    """A review carries by file, once, unless somebody behind it became a deployer; approvals never do."""
    mine = [one for one in situation.sign_offs if one.role == state.role.name]
    given = any(one.stands or (one.carried_from and one.subject == situation.subject) for one in mine)
    if state.role.kind is not RoleKind.REVIEW or given or carried.people & situation.deployer_ids:
        return
    unit.sign_offs.add(
        SignOff(
            id=unit.new_id(),
            deployment_id=situation.deployment.id,
            role=state.role.name,
            subject=situation.subject,
            decision=SignOffDecision.REVIEW,
            who=carried.who,
            on_behalf_of=carried.on_behalf_of,
            at=carried.at,
            entered_at=now,
            reason=carried.words,
            carried_from=carried.deployment_id,
        )
    )


def _decision(unit: Unit, deployment: Deployment, item: str, carried: Carried, now: datetime) -> Decision:
    return Decision(
        id=unit.new_id(),
        deployment_id=deployment.id,
        item=item,
        kind=DecisionKind.DONE,
        who=carried.who,
        at=carried.at,
        entered_at=now,
        reason=carried.words,
        seen=frozenset({deployment.fingerprint or ""}),
        carried_from=carried.deployment_id,
        verdict=carried.verdict,
    )


def _as_earlier(situation: Situation) -> Earlier:
    deployment = situation.deployment
    found = ((item.id, _settled(situation, item)) for item in situation.checklist.items if item.carry)
    settled = {item: how for item, how in found if how is not None}
    shas = _counting_shas(deployment, situation.files)
    return Earlier(deployment.id, deployment.label, deployment.environment, shas, settled)


def _settled(situation: Situation, item: Item) -> Settled | None:
    """How it was done, by a check or a person; None for n/a, for an override, and where it does not apply."""
    role = situation.role_of_item(item.id)
    if item.id not in situation.states or role is not None:
        return _reviewed(role) if role else None
    state = situation.states[item.id]
    overridden = state.decision is not None and state.decision.kind is DecisionKind.OVERRIDE
    failed = any(result.status is Status.FAILED for result in state.results)
    return (
        _who_when(state, situation.deployment) if state.word is ItemWord.DONE and not (overridden or failed) else None
    )


def _reviewed(role: RoleState) -> Settled | None:
    """Its last reviewer, and on whose behalf; a second and a waiver are no review."""
    said = [one for one in role.counting if one.decision is SignOffDecision.REVIEW]
    return Settled(said[-1].who, said[-1].at, None, said[-1].on_behalf_of) if said and role.met else None


def _who_when(state: ItemState, deployment: Deployment) -> Settled:
    if state.decision is not None:
        return Settled(state.decision.who, state.decision.at, worst(state.results))
    if state.carried is not None:
        return Settled(state.carried.who, state.carried.at, worst(state.results) or state.carried.verdict)
    passed = [result.at for result in state.results if result.status is Status.PASSED]
    return Settled("gonogo", max(passed, default=deployment.started_at), worst(state.results))
