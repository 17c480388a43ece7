"""Jobs of the pool that are no checks: short acts, `plan` in a copy of the state, and heads given to the anchor."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from bot.background.backstage import BOT, Backstage
from bot.background.check_inputs import could_not_run, find_check, inputs_of, kept
from bot.core.decision import CheckResult, CheckRun
from bot.core.deployment import State
from bot.core.refusal import Refused
from bot.core.team import Project
from bot.settings.inputs import AnchorCommand, Sources
from bot.usecases.act import Act
from bot.usecases.books.rows import AnchorRow, PendingClick
from bot.usecases.books.units import PostUnit
from bot.usecases.checking.runs import note_progress
from bot.usecases.evidence import tell_anchored
from bot.usecases.lifecycle.plan import PLAN_JOB, tell_plan
from bot.usecases.lifecycle.start import start
from bot.usecases.views.blockers import planned
from checks.base import CannotRun
from checks.masking import Mask, secret_variables
from checks.migrations import MigrationsError
from checks.probes.command import refuse_late, run_act, text_of, whole_lines
from checks.probes.process import Program, base_environment, run_program
from checks.probes.wording import one_line

SECONDS_BETWEEN = 2.0
STOPPED = "gonogo was stopped while it ran; look at what it did until then before you run it again"
GONE = "the settings name no such act any more"


def perform(backstage: Backstage, project: Project, sources: Sources, run: CheckRun) -> CheckResult:
    """Run the act and give its answer, as the answer of a check. Nothing is raised for what a person can mend."""
    try:
        inputs = inputs_of(backstage, run.deployment_id, sources)
    except MigrationsError as fault:
        return could_not_run(run, str(fault), backstage.clock())
    spec = next((one for one in inputs.probes if one.id == run.check_id), None)
    check = find_check(run.check_id, inputs)
    if spec is None or check is None:
        return could_not_run(run, GONE, backstage.clock())
    result = run_act(spec, inputs, _teller(backstage, project, run))
    return kept(run, check, result, inputs, backstage.clock())


def _teller(backstage: Backstage, project: Project, run: CheckRun) -> Callable[[str], None]:
    """Tells a line now and then: people read it, and each is a commit."""
    last = 0.0

    def tell(line: str) -> None:
        nonlocal last
        if time.monotonic() - last < SECONDS_BETWEEN:
            return
        last = time.monotonic()
        act = backstage.act_on(run.deployment_id)
        backstage.store.write(lambda unit: note_progress(unit, project, act, run, line))

    return tell


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
        runs = trial.store.write(lambda unit: unit.results.claim(trial.clock(), trial.clock() + LEASE, 60))
        if not runs:
            return
        run_batch(trial, runs)


ANCHOR_SECONDS = 60.0
ANCHOR_LIMIT = 16 * 1024
"""Bytes of an answer that are kept: a time-stamp in base64 with its certificates has about 8 KiB."""
MOST_TRIES = 14
_LONGEST_REST = 3600.0
_FILLED = re.compile(r"\{(head|chain|seq)\}")


def anchor_once(backstage: Backstage, command: AnchorCommand) -> bool:
    """Give the head that waits longest to the team's anchor, and keep its answer in the chain.

    At least once: a process that dies between the answer and its commit leaves the head waiting. A try that fails
    rests twice as long as the one before, an hour at most; after 14 tries, some three hours, it is given up.
    """
    row = backstage.store.read(lambda reader: reader.anchors.due(backstage.clock()))
    if row is None:
        return False
    try:
        answer = _asked_anchor(command, row)
    except CannotRun as refusal:
        _put_off(backstage, row, refusal.sentence)
    else:
        backstage.store.write(lambda unit: tell_anchored(unit, row, answer, backstage.clock()))
    return True


def _asked_anchor(command: AnchorCommand, row: AnchorRow) -> str:
    """What it printed, masked. Raises CannotRun: not started, not in time, another exit code than 0."""
    values = {"head": row.head, "chain": row.chain, "seq": str(row.seq)}
    arguments = tuple(_FILLED.sub(lambda found: values[found[1]], one) for one in command.arguments)
    ended = run_program(Program(arguments, command.folder, base_environment(), ANCHOR_SECONDS, ANCHOR_LIMIT))
    mask = Mask(secret_variables())
    refuse_late(ended, ANCHOR_SECONDS, mask)
    if ended.code:
        raise CannotRun(one_line(f"exit code {ended.code}: {text_of(ended, mask)}"), "")
    return mask.known(whole_lines(ended, ended.output)).strip()


def _put_off(backstage: Backstage, row: AnchorRow, why: str) -> None:
    is_last = row.attempts + 1 >= MOST_TRIES
    logger.log(logging.ERROR if is_last else logging.WARNING, "head %s was not anchored: %s", row.head[:12], why)
    rest = timedelta(seconds=min(2.0**row.attempts, _LONGEST_REST))
    not_before = None if is_last else backstage.clock() + rest
    backstage.store.write(lambda unit: unit.anchors.put_off(row, not_before, why))
