"""Whose a deployment is, and who holds the environment: take over, park, come back, give up before go."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.core.calendar import ReminderKind
from bot.core.decision import PREFLIGHT_JOB, Purpose
from bot.core.deployment import IDLE, Deployment, State
from bot.core.refusal import Refused
from bot.core.team import Project
from bot.usecases.act import (
    Act,
    Answer,
    chronicle,
    direct,
    head,
    is_announced,
    morning_for,
    pin_dashboard,
    post_in_thread,
    repaint_all,
    tell_privately,
)
from bot.usecases.books.units import HeldByAnother, Unit
from bot.usecases.lifecycle.start import become_deployer
from bot.usecases.notices import notify
from bot.usecases.permit import holds, require_deployer, require_state, require_worker
from bot.usecases.situation.judging import load
from bot.usecases.situation.snapshot import Situation
from bot.usecases.who_waits import tell_owner
from checks.result import Finding

GRACE = timedelta(minutes=10)


def take_over(unit: Unit, project: Project, act: Act, deployment_id: str, reason: str) -> Answer:
    """Become the owner: at once when idle for 4 hours or by an admin, else 10 minutes after the owner was told."""
    situation = load(unit, project, deployment_id, act.at)
    deployment = situation.deployment
    require_new_owner(unit, situation, act)
    if act.who == deployment.owner:
        return Answer("It is yours already.", deployment_id)
    if not reason.strip():
        raise Refused("Give a reason: the owner is told.")
    if act.at - deployment.last_act_at >= IDLE or holds(unit, act, project.admins):
        hand_over(unit, situation, act, reason)
        return Answer(f"Deployment {deployment.label} is yours now.", deployment_id)
    unit.reminders.plan(deployment_id, ReminderKind.TAKE_OVER, act.who, act.at + GRACE)
    chronicle(unit, deployment, act, "take-over-asked", reason=reason.strip())
    facts = {"by": situation.name(act.who), "reason": reason.strip(), "minutes": int(GRACE.total_seconds() // 60)}
    tell_owner(unit, situation, act, "take-over", f"{act.who}:{deployment.version}", **facts)
    owner = situation.name(deployment.owner)
    return Answer(f"{owner} was told. In 10 minutes it is yours, unless they act on it.", deployment_id)


def offer(unit: Unit, project: Project, act: Act, deployment_id: str, heir: str, note: str = "") -> Answer:
    """Ask somebody to take it over; it stays the owner's until that person does. Raises Refused, NotYetKnown."""
    situation = load(unit, project, deployment_id, act.at)
    situation.require_open()
    require_deployer(unit, situation, act)
    before, name = situation.deployment, situation.name(heir)
    if not heir or heir in {act.who, before.owner}:
        raise Refused("Choose somebody else: it is theirs already." if heir else "Choose a person.")
    require_worker(unit, project, replace(act, who=heir, home_team=""))
    deployment = unit.deployments.save(replace(before, facts=replace(before.facts, offered_to=heir)))
    chronicle(unit, deployment, act, "offered", {"to": heir}, reason=note.strip())
    later = morning_for(unit, situation, heir, act.at)
    facts = {"by": situation.name(act.who), "reason": note.strip()}
    direct(unit, deployment, heir, "offered", f"{deployment.id}:offered:{deployment.version}", act.at, later, **facts)
    return Answer(f"{name} was asked. It stays {_whose(situation, act)} until {name} takes it over.", deployment_id)


def take_offered(unit: Unit, project: Project, act: Act, deployment_id: str) -> Answer:
    """It changes hands at once, since its owner asked for it. Raises Refused, NotYetKnown."""
    situation = load(unit, project, deployment_id, act.at)
    require_new_owner(unit, situation, act)
    if act.who != situation.deployment.facts.offered_to:
        raise Refused("It is not offered to you any more. *Take over …* in its thread asks its owner.")
    hand_over(unit, situation, act)
    return Answer(f"Deployment {situation.deployment.label} is yours now.", deployment_id)


def _whose(situation: Situation, act: Act) -> str:
    owner = situation.deployment.owner
    return "yours" if owner == act.who else f"{situation.name(owner)}'s"


def require_new_owner(unit: Unit, situation: Situation, act: Act) -> None:
    """Judged when it is asked, and again when the grace is over. Raises Refused, NotYetKnown."""
    require_worker(unit, situation.project, act)
    situation.require_open()


def hand_over(unit: Unit, situation: Situation, act: Act, reason: str = "") -> Deployment:
    """Make the person who acts the owner and a deployer; before go their own decisions on it end."""
    before = situation.deployment
    facts_left = replace(before.facts, offered_to=None)
    deployment = unit.deployments.save(replace(before, owner=act.who, last_act_at=act.at, facts=facts_left))
    voided = become_deployer(unit, situation, act, "took-over")
    facts = {"voided": voided, "from": before.owner}
    chronicle(unit, deployment, act, "taken-over", facts, reason=reason)
    by = situation.name(act.who)
    post_in_thread(unit, situation.project, deployment, act, "taken-over", by=by, reason=reason)
    tell_owner(unit, situation, act, "taken-over", str(deployment.version), by=by, reason=reason)
    repaint_all(unit, situation.project, deployment, act.at)
    return deployment


def park(unit: Unit, project: Project, act: Act, deployment_id: str, reason: str = "") -> Answer:
    """Free the environment for a hotfix; state and approvals are kept, and it comes back by itself."""
    situation = load(unit, project, deployment_id, act.at)
    require_state(situation, State.PREPARING)
    require_deployer(unit, situation, act)
    deployment = _parked(unit, situation.deployment, act)
    chronicle(unit, deployment, act, "parked", reason=reason.strip())
    post_in_thread(unit, project, deployment, act, "parked", by=situation.name(act.who), reason=reason.strip())
    repaint_all(unit, project, deployment, act.at)
    return Answer(f"{deployment.environment} is free. This deployment comes back when it is free again.", deployment_id)


def _parked(unit: Unit, deployment: Deployment, act: Act) -> Deployment:
    unit.results.cancel(deployment.id, act.at)
    parked = replace(
        deployment, state=State.PARKED, parked_at=act.at, go_asked_at=None, go_asked_by=None, last_act_at=act.at
    )
    return unit.deployments.save(parked)


def unpark(unit: Unit, project: Project, act: Act, deployment_id: str) -> Answer:
    """Take the environment back. Raises Refused while another deployment holds it."""
    situation = load(unit, project, deployment_id, act.at)
    require_state(situation, State.PARKED)
    require_deployer(unit, situation, act)
    try:
        bring_back(unit, project, act, situation.deployment)
    except HeldByAnother:
        raise Refused(f"{situation.deployment.environment} is still held by another deployment.") from None
    return Answer(deployment_id=deployment_id)


def bring_back(unit: Unit, project: Project, act: Act, parked: Deployment) -> None:
    """Preparing again, and its range is read again against the history."""
    facts = replace(parked.facts, returned="1" if project.has_migrations else None)
    back = replace(parked, state=State.PREPARING, parked_at=None, facts=facts, last_act_at=act.at)
    deployment = unit.deployments.save(back)
    chronicle(unit, deployment, act, "unparked")
    post_in_thread(unit, project, deployment, act, "unparked")
    tell_owner(unit, load(unit, project, deployment.id, act.at), act, "unparked", str(deployment.version))
    if project.has_migrations:
        unit.results.queue(deployment.id, [PREFLIGHT_JOB], Purpose.WATCH, unit.new_id(), None, act.at)
    repaint_all(unit, project, deployment, act.at)


def environment_released(unit: Unit, project: Project, act: Act, released: Deployment) -> None:
    """The deployment that was parked first comes back, where nothing else holds the environment."""
    place = (released.team, released.project, released.environment)
    if unit.deployments.holder(*place) is not None:
        return
    parked = [one for one in unit.deployments.of_environment(*place) if one.state is State.PARKED]
    if parked:
        bring_back(unit, project, act, min(parked, key=lambda one: one.parked_at or one.started_at))


def park_for_rollback(unit: Unit, project: Project, act: Act, rolling: Deployment) -> None:
    """A rollback takes the environment: a later deployment that is preparing is parked."""
    holder = unit.deployments.holder(rolling.team, rolling.project, rolling.environment)
    if holder is None or holder.id == rolling.id or holder.state is not State.PREPARING:
        return
    deployment = _parked(unit, holder, act)
    chronicle(unit, deployment, act, "parked", {"for": rolling.label})
    why = f"deployment {rolling.label} is rolled back"
    post_in_thread(unit, project, deployment, act, "parked", by="gonogo", reason=why)
    repaint_all(unit, project, deployment, act.at)


def abort(unit: Unit, project: Project, act: Act, deployment_id: str, reason: str) -> Answer:
    """Abort, release the environment, tell who was told of the start. After go there is hold and rollback instead."""
    situation = load(unit, project, deployment_id, act.at)
    require_state(situation, State.PREPARING, State.PARKED)
    require_deployer(unit, situation, act)
    if not reason.strip():
        raise Refused("Give a reason for aborting: who was told of the start is told of this.")
    deployment = _aborted(unit, situation.deployment, act, reason.strip())
    if is_announced(unit, deployment):
        _tell_aborted(unit, situation, act, deployment, reason.strip())
    _leave(unit, project, act, deployment)
    return Answer(f"Deployment {deployment.label} is aborted.", deployment_id)


def _aborted(unit: Unit, before: Deployment, act: Act, reason: str) -> Deployment:
    deployment = unit.deployments.save(replace(before, state=State.ABORTED, closed_at=act.at, last_act_at=act.at))
    unit.reminders.cancel(deployment.id, None, act.at)
    unit.results.cancel(deployment.id, act.at)
    chronicle(unit, deployment, act, "aborted", reason=reason)
    return deployment


def _tell_aborted(unit: Unit, situation: Situation, act: Act, deployment: Deployment, reason: str) -> None:
    facts, corrected = {"reason": reason, "head": head(unit, deployment)}, _corrected(unit, deployment)
    said = {"by": situation.name(act.who), "goes_to": corrected.label if corrected else "", **facts}
    post_in_thread(unit, situation.project, deployment, act, "aborted", **said)
    pin_dashboard(unit, situation.project, deployment, act.at)
    notify(unit, situation, deployment, act, "abort")
    repaint_all(unit, situation.project, deployment, act.at)


def _leave(unit: Unit, project: Project, act: Act, left: Deployment) -> None:
    """The environment goes back to the rolled back deployment that it was taken from, else to who is parked."""
    corrected = _corrected(unit, left)
    if corrected is None:
        environment_released(unit, project, act, left)
        return
    held = unit.deployments.save(replace(corrected, lifted=False))
    chronicle(unit, held, act, "held-again", {"for": left.number})
    repaint_all(unit, project, held, act.at)


def _corrected(unit: Unit, deployment: Deployment) -> Deployment | None:
    """The rolled back deployment whose environment this one took, while that is not closed."""
    found = unit.deployments.find(deployment.facts.corrects or "")
    return found if found is not None and found.lifted and found.state is State.VERIFYING else None


def call_off(unit: Unit, project: Project, act: Act, deployment_id: str, why: str) -> None:
    """End a deployment for which nothing is pending. Who was told of it hears that; else nobody but its starter."""
    situation = load(unit, project, deployment_id, act.at)
    before, told = situation.deployment, is_announced(unit, situation.deployment)
    facts = replace(before.facts, nothing_pending=None if told else why)
    deployment = _aborted(unit, replace(before, facts=facts, obstacles=(Finding(why),)), act, why)
    if told:
        _tell_aborted(unit, situation, act, deployment, why)
    quiet = "" if told else " Nothing was opened, and nobody else was told."
    for user in sorted({before.starter, before.owner}):
        tell_privately(unit, user, f"{deployment.id}:nothing-pending:{user}", f"{why}.{quiet}", act.at)
    _leave(unit, project, act, deployment)
