"""Give a deployment up before go."""

from __future__ import annotations

from dataclasses import replace

from bot.core.deployment import State
from bot.core.policy import Project
from bot.core.refusal import Refused
from bot.usecases.act import Act, Answer
from bot.usecases.chronicle import chronicle, head
from bot.usecases.custody import environment_released
from bot.usecases.permit import require_deployer, require_state
from bot.usecases.ports import Unit
from bot.usecases.say import notify, post_in_thread, repaint_all
from bot.usecases.situation.judging import load


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
    notify(unit, project, situation.environment, deployment, act, "abort", **facts)
    repaint_all(unit, project, deployment, act.at)
    environment_released(unit, project, act, deployment)
    return Answer(f"Deployment {deployment.label} is aborted.", deployment_id)
