"""`plan`: what would block a deployment, worked out without one. Asked here, worked out by a job, told privately."""

from __future__ import annotations

from collections.abc import Mapping

from bot.core.policy import Project
from bot.core.refusal import Refused
from bot.usecases.act import Act, Answer
from bot.usecases.books.rows import PendingClick, Said
from bot.usecases.membership import require_worker
from bot.usecases.ports import Unit
from bot.usecases.post_ports import PostUnit
from bot.usecases.range_words import typed_range

PLAN_JOB = "plan-job"
"""The verb of a kept click that is a job: it stays until it was worked out, also across a restart."""


def ask_plan(unit: Unit, project: Project, act: Act, environment: str, range_text: str) -> Answer:
    """Keep the wish for the job. Raises Refused for an unknown environment and for what is no range."""
    require_worker(unit, project, act)
    if project.environment(environment) is None:
        known = ", ".join(project.environments) or "development, staging, production"
        raise Refused(f"There is no environment “{environment}”. Known: {known}.")
    typed_range(range_text)
    payload = {"project": project.name, "environment": environment, "range": range_text, "team": act.team}
    unit.clicks.keep(PendingClick(unit.new_id(), PLAN_JOB, payload, act.who, {}, act.at))
    return Answer(f"Everything that a start of {environment} would check is being checked. Nothing is changed by it.")


def tell_plan(unit: PostUnit, job: PendingClick, facts: Mapping[str, object], act: Act) -> bool:
    """Say what came of it, and end the job; False where another process did."""
    if not unit.clicks.settle(job.id, "planned", act.at):
        return False
    said = {"user": job.who, **job.payload, **facts}
    return unit.outbox.say(Said(f"plan:{job.id}", "direct", f"dm:{job.who}", "plan", said), act.at)
