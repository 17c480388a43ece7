"""Runs short acts, one at a time a worker; one that a stopped process left half done is never run again by itself."""

from __future__ import annotations

import time
from collections.abc import Callable

from bot.background.backstage import Backstage
from bot.background.check_inputs import could_not_run, find_check, inputs_of, kept
from bot.core.decision import CheckResult, CheckRun
from bot.core.policy import Project
from bot.settings.sources import Sources
from bot.usecases.run_act import note_progress
from checks.migrations import MigrationsError
from checks.probes import run_act

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


def interrupted(run: CheckRun, backstage: Backstage) -> CheckResult:
    """The answer of an act that ran when the process ended."""
    return could_not_run(run, STOPPED, backstage.clock())


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
