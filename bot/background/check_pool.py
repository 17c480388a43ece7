"""Runs queued checks off the click path: claim, run, record, one batch at a time a worker, woken or by itself."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence

from bot.background.backstage import BOT, Backstage
from bot.background.check_inputs import baseline_of, could_not_run, find_check, inputs_of, kept
from bot.background.jobs import LEASE, STOPPED, anchor_once, perform, plan_once
from bot.background.preflight import read
from bot.core.decision import PREFLIGHT_JOB, CheckResult, CheckRun, Purpose
from bot.core.deployment import Deployment
from bot.core.team import Project
from bot.settings.inputs import Sources
from bot.usecases.act import Act
from bot.usecases.checking.record_reading import record_reading
from bot.usecases.checking.record_result import record_result
from checks.base import CannotRun
from checks.migrations import MigrationsError
from checks.runner import run_checks
from checks.targetdb.baseline import take

logger = logging.getLogger(__name__)


class Wakeable:
    """Runs `work` until it says that nothing is left, then waits for `wake` or `idle_seconds`.

    A fault in `work` is logged and does not end the thread.
    """

    def __init__(self, name: str, work: Callable[[], bool], idle_seconds: float = 1.0) -> None:
        self._work = work
        self._idle_seconds = idle_seconds
        self._woken = threading.Event()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._loop, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        self._woken.set()

    @property
    def stopped(self) -> bool:
        return self._stopped.is_set()

    def ask_to_stop(self) -> None:
        self._stopped.set()
        self._woken.set()

    def join(self, seconds: float) -> bool:
        """Wait for the thread; False when it is still at work."""
        if self._thread.is_alive():
            self._thread.join(seconds)
        return not self._thread.is_alive()

    def _loop(self) -> None:
        while not self._stopped.is_set():
            if not self._try_work():
                self._woken.wait(self._idle_seconds)
                self._woken.clear()

    def _try_work(self) -> bool:
        try:
            return self._work()
        except Exception:
            logger.exception("%s met a fault and goes on", self._thread.name)
            self._stopped.wait(self._idle_seconds)
            return False


BATCH_LIMIT = 60


class CheckPool:
    """`workers` threads that run what is queued; woken after commits."""

    def __init__(self, backstage: Backstage, workers: int = 2) -> None:
        self._backstage = backstage
        self._threads = [Wakeable(f"checks-{number}", self._work_once) for number in range(1, workers + 1)]
        self._threads.append(Wakeable("watch", self._watch_once))
        self._threads.append(Wakeable("planner", lambda: plan_once(backstage, run_batch)))
        if command := backstage.anchor:
            self._threads.append(Wakeable("anchor", lambda: anchor_once(backstage, command)))

    def start(self) -> None:
        """Says of acts that were under way when an earlier process ended that nobody knows how they ended.

        Heads that the anchor would not take are given to it again: a start is what follows a mend.
        """
        if self._backstage.anchor:
            self._backstage.store.write(lambda unit: unit.anchors.try_again())
        for run in self._backstage.store.read(lambda reader: reader.results.interrupted_acts()):
            _record(self._backstage, run, could_not_run(run, STOPPED, self._backstage.clock()))
        for thread in self._threads:
            thread.start()

    def wake(self) -> None:
        for thread in self._threads:
            thread.wake()

    def ask_to_stop(self) -> None:
        """Claims nothing more; what runs is finished by its own time-outs, or again after the lease."""
        for thread in self._threads:
            thread.ask_to_stop()

    def join(self, seconds: float) -> None:
        for thread in self._threads:
            thread.join(seconds)

    def _work_once(self) -> bool:
        now = self._backstage.clock()
        if not self._backstage.store.read(lambda reader: reader.results.has_free(now)):
            return False
        runs = self._backstage.store.write(lambda unit: unit.results.claim(now, now + LEASE, BATCH_LIMIT))
        if runs:
            run_batch(self._backstage, runs)
        return bool(runs)

    def _watch_once(self) -> bool:
        """A history that a runner moves is read within seconds, however long the checks before it take."""
        now = self._backstage.clock()
        if not self._backstage.store.read(lambda reader: reader.results.has_watch(now)):
            return False
        runs = self._backstage.store.write(lambda unit: unit.results.claim_watch(now, now + LEASE))
        if runs:
            run_batch(self._backstage, runs)
        return bool(runs)


def run_batch(backstage: Backstage, runs: Sequence[CheckRun]) -> None:
    """Run what was claimed together: the reading first, then the checks, each recorded as it answers."""
    deployment = backstage.store.read(lambda reader: reader.deployments.get(runs[0].deployment_id))
    project = backstage.projects.get(deployment.project)
    sources = backstage.sources(deployment.project, deployment.environment)
    if project is None or sources is None:
        _give_up(backstage, runs, "this environment is no longer in the settings")
        return
    for run in (one for one in runs if one.check_id == PREFLIGHT_JOB):
        _read(backstage, project, sources, run)
    for run in (one for one in runs if one.purpose is Purpose.ACT):
        _record(backstage, run, perform(backstage, project, sources, run))
    for place, group in _by_place(runs).items():
        _run_group(backstage, deployment, place, group)


def _read(backstage: Backstage, project: Project, sources: Sources, run: CheckRun) -> None:
    deployment = backstage.store.read(lambda reader: reader.deployments.get(run.deployment_id))
    reading = read(sources, deployment, backstage.cache, backstage.clock(), baseline_of(backstage, deployment.id))
    if run.purpose is Purpose.GO:
        _take_baseline(backstage, sources, deployment)
    act = backstage.act_on(deployment.id)
    backstage.store.write(lambda unit: record_reading(unit, project, act, run.deployment_id, reading))
    _record(backstage, run, None)


def _take_baseline(backstage: Backstage, sources: Sources, deployment: Deployment) -> None:
    """How the target is before go, so that what comes after is told as differences."""
    if sources.target is None:
        return
    try:
        data = json.dumps(take(sources.target))
    except CannotRun as fault:
        logger.info("no baseline of %s was taken: %s", deployment.environment, fault)
        return
    backstage.store.write(lambda unit: unit.troubles.keep_baseline(deployment.id, data, backstage.clock()))


def _by_place(runs: Iterable[CheckRun]) -> Mapping[str, list[CheckRun]]:
    """Runs by the environment they ask; "" is the deployment's own."""
    found: dict[str, list[CheckRun]] = {}
    for run in runs:
        if run.check_id != PREFLIGHT_JOB and run.purpose is not Purpose.ACT:
            found.setdefault(run.check_id.partition("@")[2], []).append(run)
    return found


def _run_group(backstage: Backstage, deployment: Deployment, place: str, runs: Sequence[CheckRun]) -> None:
    sources = backstage.sources(deployment.project, place or deployment.environment)
    if sources is None:
        _give_up(backstage, runs, f"{place} is not in the settings")
        return
    try:
        inputs = inputs_of(backstage, deployment.id, sources)
    except MigrationsError as fault:
        _give_up(backstage, runs, str(fault))
        return
    wanted = {run.check_id.partition("@")[0]: run for run in runs}
    known = {check_id: check for check_id in wanted if (check := find_check(check_id, inputs)) is not None}
    for check, result in run_checks(known.values(), inputs):
        _record(backstage, wanted[check.id], kept(wanted[check.id], check, result, inputs, backstage.clock()))
    missing = [run for check_id, run in wanted.items() if check_id not in known]
    _give_up(backstage, missing, "this gonogo has no check of that name")


def _record(backstage: Backstage, run: CheckRun, result: CheckResult | None) -> None:
    """Without a project, which the settings name no longer, the run is only closed."""
    deployment = backstage.store.read(lambda reader: reader.deployments.get(run.deployment_id))
    project, act = backstage.projects.get(deployment.project), Act(BOT, backstage.clock(), deployment.team)
    if project is None:
        backstage.store.write(lambda unit: unit.results.finish(run.id, None, act.at))
    else:
        backstage.store.write(lambda unit: record_result(unit, project, act, run, result))


def _give_up(backstage: Backstage, runs: Sequence[CheckRun], why: str) -> None:
    """Every claimed run is answered, if only by why it could not run."""
    for run in runs:
        is_reading = run.check_id == PREFLIGHT_JOB
        _record(backstage, run, None if is_reading else could_not_run(run, why, backstage.clock()))
