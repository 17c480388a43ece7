"""Works out `plan`: a real start with all its gates and checks, in a copy of the state that is thrown away."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from bot.background.backstage import BOT, Backstage
from bot.core.decision import CheckRun
from bot.core.deployment import State
from bot.core.policy import Project
from bot.core.refusal import Refused
from bot.usecases.act import Act
from bot.usecases.books.rows import PendingClick
from bot.usecases.lifecycle.start import start
from bot.usecases.plan import PLAN_JOB, tell_plan
from bot.usecases.post_ports import PostUnit
from bot.usecases.views.planned import planned

logger = logging.getLogger(__name__)
LEASE = timedelta(minutes=20)
BATCHES = 40
FAULT = "The plan met a fault of gonogo's own; its log has the trace. Nothing was changed."


RunBatch = Callable[[Backstage, Sequence[CheckRun]], None]


def plan_once(backstage: Backstage, run_batch: RunBatch) -> bool:
    """Work out the oldest wish, if there is one. A process that dies leaves the wish, and the next one takes it up."""
    waiting = backstage.store.read(lambda reader: reader.clicks.waiting())
    job = next((click for click in waiting if click.verb == PLAN_JOB), None)
    if job is None:
        return False
    facts = _worked_out(backstage, job, run_batch)
    act = Act(BOT, backstage.clock(), job.payload.get("team", ""))
    backstage.store.write(lambda unit: tell_plan(unit, job, facts, act))
    return True


def _worked_out(backstage: Backstage, job: PendingClick, run_batch: RunBatch) -> Mapping[str, object]:
    project = backstage.projects.get(job.payload["project"])
    if project is None:
        return {"fault": f"The project “{job.payload['project']}” is no longer in the settings."}
    try:
        return _tried(backstage, project, job, run_batch)
    except Refused as refusal:
        return {"fault": refusal.sentence}
    except Exception:
        logger.exception("the plan %s could not be worked out", job.id)
        return {"fault": FAULT}


def _tried(backstage: Backstage, project: Project, job: PendingClick, run_batch: RunBatch) -> Mapping[str, object]:
    with backstage.store.copy() as copied:
        trial = replace(backstage, store=copied)
        held_by = copied.write(lambda unit: _freed(unit, project, job, trial))
        deployment = copied.write(lambda unit: _started(unit, project, job, trial))
        _work_off(trial, run_batch)
        now = trial.clock()
        return {**copied.read(lambda reader: planned(reader, project, deployment, now)), "held_by": held_by}


def _freed(unit: PostUnit, project: Project, job: PendingClick, trial: Backstage) -> str:
    """In the copy nothing else runs and nobody holds the environment; gives who holds it in truth."""
    for one in unit.deployments.open():
        unit.results.cancel(one.id, trial.clock())
    holder = unit.deployments.holder(job.payload["team"], project.name, job.payload["environment"])
    if holder is None:
        return ""
    unit.deployments.save(replace(holder, state=State.ABORTED, closed_at=trial.clock()))
    owner = unit.people.names().get(holder.owner, holder.owner)
    return f"deployment {holder.label}, {owner}'s, {holder.state}"


def _started(unit: PostUnit, project: Project, job: PendingClick, trial: Backstage) -> str:
    act = Act(job.who, trial.clock(), job.payload["team"], console=True)
    made = start(unit, project, act, job.payload["environment"], job.payload.get("range", ""))
    return made.deployment_id or ""


def _work_off(trial: Backstage, run_batch: RunBatch) -> None:
    """Everything that the start queued, and what that queued in turn."""
    for _ in range(BATCHES):
        runs = trial.store.write(lambda unit: _claimed(unit, trial))
        if not runs:
            return
        run_batch(trial, runs)


def _claimed(unit: PostUnit, trial: Backstage) -> tuple[CheckRun, ...]:
    now = trial.clock()
    return unit.results.claim(now, now + LEASE, 60)
