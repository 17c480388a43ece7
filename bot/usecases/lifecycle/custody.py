"""Whose a deployment is, and who holds the environment: take over, park, come back, give up before go."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.core.calendar import ReminderKind
from bot.core.decision import PREFLIGHT_JOB, Purpose
from bot.core.deployment import Deployment, State
from bot.core.refusal import Refused
from bot.core.team import Project
from bot.usecases.act import Act, Answer, chronicle, direct, head, notify, pin_dashboard, post_in_thread, repaint_all
from bot.usecases.books.units import HeldByAnother, Unit
from bot.usecases.lifecycle.start import become_deployer
from bot.usecases.permit import holds, require_deployer, require_state, require_worker
from bot.usecases.situation.judging import load
from bot.usecases.situation.snapshot import Situation

GRACE = timedelta(minutes=10)
IDLE = timedelta(hours=4)


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
    key = f"{deployment_id}:take-over:{act.who}:{deployment.version}"
    direct(unit, deployment, deployment.owner, "take-over", key, act.at, None, **facts)
    owner = situation.name(deployment.owner)
    return Answer(f"{owner} was told. In 10 minutes it is yours, unless they act on it.", deployment_id)


def require_new_owner(unit: Unit, situation: Situation, act: Act) -> None:
    """Judged when it is asked, and again when the grace is over. Raises Refused, NotYetKnown."""
    require_worker(unit, situation.project, act)
    situation.require_open()


def hand_over(unit: Unit, situation: Situation, act: Act, reason: str = "") -> Deployment:
    """Make the person who acts the owner and a deployer; before go their own decisions on it end."""
    deployment = unit.deployments.save(replace(situation.deployment, owner=act.who, last_act_at=act.at))
    voided = become_deployer(unit, situation, act, "took-over")
    facts = {"voided": voided, "from": situation.deployment.owner}
    chronicle(unit, deployment, act, "taken-over", facts, reason=reason)
    by = situation.name(act.who)
    post_in_thread(unit, situation.project, deployment, act, "taken-over", by=by, reason=reason)
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
    """Preparing again, and its range is read again."""
    deployment = unit.deployments.save(replace(parked, state=State.PREPARING, parked_at=None, last_act_at=act.at))
    chronicle(unit, deployment, act, "unparked")
    post_in_thread(unit, project, deployment, act, "unparked")
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
    post_in_thread(unit, project, deployment, act, "parked", reason=f"deployment {rolling.label} is rolled back")
    repaint_all(unit, project, deployment, act.at)


def abort(unit: Unit, project: Project, act: Act, deployment_id: str, reason: str) -> Answer:
    """Abort, release the environment, tell who was told of the start. After go there is hold and rollback instead."""
    situation = load(unit, project, deployment_id, act.at)
    require_state(situation, State.PREPARING, State.PARKED)
    require_deployer(unit, situation, act)
    if not reason.strip():
        raise Refused("Give a reason for aborting: who was told of the start is told of this.")
    deployment = unit.deployments.save(
        replace(situation.deployment, state=State.ABORTED, closed_at=act.at, last_act_at=act.at)
    )
    unit.reminders.cancel(deployment.id, None, act.at)
    unit.results.cancel(deployment.id, act.at)
    chronicle(unit, deployment, act, "aborted", reason=reason.strip())
    facts = {"reason": reason.strip(), "head": head(unit, deployment)}
    post_in_thread(unit, project, deployment, act, "aborted", by=situation.name(act.who), **facts)
    pin_dashboard(unit, project, deployment, act.at)
    notify(unit, project, situation.environment, deployment, act, "abort", **facts)
    repaint_all(unit, project, deployment, act.at)
    environment_released(unit, project, act, deployment)
    return Answer(f"Deployment {deployment.label} is aborted.", deployment_id)
