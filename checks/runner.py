"""Runs checks one after the other: each gets its context, none can stop the others, each ends in time."""

from __future__ import annotations

import contextlib
import hashlib
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from checks.accepted import LISTED
from checks.base import CannotRun, Check, DatabaseAddress, Inputs, Need, NotApplicable, Result, Status, hash_findings
from checks.contexts import FilesContext, PairContext, ProbeContext, TargetContext, database_of, migrations_of
from checks.findings import without_accepted
from checks.masking import Mask
from checks.measures import duration
from checks.migrations import fingerprint
from checks.sql.statements import collector_paused

if TYPE_CHECKING:
    from checks.risk.facts import Observed
    from checks.scratchdb.context import ScratchContext

_mask = Mask()

Found = TypeVar("Found")
OnProgress = Callable[[Check[Any], int, int], None]

# Seconds for one check of each need. Those that use scratch share the time of `ScratchLimits` between them.
TIME_LIMITS: Mapping[Need, float] = {
    Need.FILES: 120.0,
    Need.TARGET: 30.0,
    Need.PAIR: 60.0,
    Need.COMMAND: 900.0,
    Need.HTTP: 60.0,
    Need.PROMETHEUS: 60.0,
    Need.OWN: 10.0,
}
# Seconds in which what was stopped may still say where.
_LAST_WORDS = 2.0


def run_checks(
    checks: Iterable[Check[Any]],
    inputs: Inputs,
    on_progress: OnProgress | None = None,
    time_limits: Mapping[Need, float] = TIME_LIMITS,
) -> Iterator[tuple[Check[Any], Result]]:
    """Yields each check with its result, in the given order.

    `on_progress(check, position, total)` is called before each, positions from 1. What a check lacks, an exception
    in it and a time-out become *could-not-run* with a sentence; the trace of an exception goes to the log.
    """
    wanted = list(checks)
    contexts = _Contexts(inputs, any(check.needs is Need.SCRATCH for check in wanted))
    parsing = contextlib.ExitStack()
    try:
        for position, check in enumerate(wanted, 1):
            parsing.enter_context(collector_paused()) if check.needs is Need.FILES else parsing.close()
            if on_progress is not None:
                on_progress(check, position, len(wanted))
            yield check, _run(check, contexts, time_limits.get(check.needs, 60.0))
    finally:
        contexts.close()
        parsing.close()


def _run(check: Check[Any], contexts: _Contexts, limit: float) -> Result:
    started = time.monotonic()
    uses_scratch = contexts.uses_scratch(check.needs)
    result = _mask.result(_verdict(check, contexts, contexts.limit(check.needs, limit)))
    took = time.monotonic() - started
    if uses_scratch:
        contexts.scratch_time = max(contexts.scratch_time - took, 0)
        if stopped := contexts.stopped:
            result = Result(Status.COULD_NOT_RUN, stopped.sentence, stopped.hint)
    return replace(result, took=round(took, 3), inputs_hash=result.inputs_hash or contexts.inputs_hash(check, result))


def _verdict(check: Check[Any], contexts: _Contexts, limit: float) -> Result:
    try:
        return _within(limit, lambda: _unaccepted(check, contexts))
    except NotApplicable as fault:
        return Result(Status.NOT_APPLICABLE, fault.sentence)
    except CannotRun as fault:
        return Result(Status.COULD_NOT_RUN, fault.sentence, fault.hint)
    except _TimeUp as up:
        contexts.abandon(check.needs, up.thread)
        hint = "try again; if it happens again, run it alone with --only"
        return Result(Status.COULD_NOT_RUN, f"not finished after {duration(limit)}", hint)
    except Exception as fault:
        # The text of an exception may hold anything, a password too: only its type is shown, and the log has frames.
        from logging import getLogger

        getLogger(__name__).error(  # noqa: TRY400
            "check %s raised %s\n%s", check.id, type(fault).__name__, _frames(fault)
        )
        sentence = f"the check itself failed ({type(fault).__name__}); its trace is in the log"
        return Result(Status.COULD_NOT_RUN, sentence, "tell whoever looks after gonogo")


def _unaccepted(check: Check[Any], contexts: _Contexts) -> Result:
    if not check.is_set_up(contexts.inputs.options):
        raise NotApplicable(f"not set up: [checks.{check.id}] {check.option} = … says what to look at")
    result, inputs = check.run(contexts.of(check)), contexts.inputs
    # An entry of the list was made of a masked result.
    entries = inputs.accepted if check.needs in LISTED else ()
    return without_accepted(check.id, _mask.result(result) if entries else result, inputs.migrations, entries)


class _TimeUp(Exception):
    """A check's time is over; its thread is still at work."""

    def __init__(self, thread: threading.Thread) -> None:
        super().__init__()
        self.thread = thread


def _within(seconds: float, function: Callable[[], Found]) -> Found:
    """The function's result or exception; _TimeUp when it takes longer. Its thread is then left to end by itself."""
    outcome: list[Found] = []
    faults: list[BaseException] = []

    def work() -> None:
        try:
            outcome.append(function())
        except BaseException as fault:
            faults.append(fault)

    thread = threading.Thread(target=work, name="gonogo-check", daemon=True)
    thread.start()
    thread.join(seconds)
    if outcome:
        return outcome.pop()
    if not faults:
        raise _TimeUp(thread)
    # Its trace holds this frame, and would keep every tree of the run until the garbage collector comes.
    raise faults.pop()


def _frames(fault: BaseException) -> str:
    """Where an exception came from, without its text."""
    import traceback

    codes = ((frame.f_code, line) for frame, line in traceback.walk_tb(fault.__traceback__))
    return "\n".join(f"  {code.co_filename}:{line} in {code.co_name}" for code, line in codes)


class _Contexts:
    """The contexts of one run, each made when a check first asks for it."""

    def __init__(self, inputs: Inputs, applies_files: bool) -> None:
        self.inputs = inputs
        self.applies_files = applies_files and bool(inputs.scratch_server)
        self.scratch_time = inputs.scratch_limits.time
        self._files: FilesContext | None = None
        self._scratch: ScratchContext | None = None
        self._targets: dict[str, TargetContext] = {}
        self._opened = contextlib.ExitStack()

    def of(self, check: Check[Any]) -> Any:
        """What the check is given. Raises CannotRun for what the inputs lack."""
        match check.needs:
            case Need.FILES:
                return self.files()
            case Need.SCRATCH:
                return self.scratch()
            case Need.TARGET:
                return replace(self.target(self.inputs.target), check_id=check.id)
            case Need.PAIR:
                other = replace(self._other(), check_id=check.id)
                return PairContext(replace(self.target(self.inputs.target), check_id=check.id), other)
            case Need.OWN:
                raise CannotRun("only a running deployment knows this", "ask in Slack")
        return ProbeContext(self.inputs, check.id)

    def uses_scratch(self, need: Need) -> bool:
        """Whether a check of this need looks at what the files make: so does a pair without a second database."""
        return need is Need.SCRATCH or (need is Need.PAIR and self.inputs.compare_with is None)

    def limit(self, need: Need, usual: float) -> float:
        """Seconds for the next check: what scratch takes is of the run's, whoever asks first."""
        if self.uses_scratch(need):
            return self.scratch_time
        return usual + self.scratch_time if need is Need.FILES and self.applies_files else usual

    def observed(self) -> Observed:
        """What scratch saw of each pending statement, if checks of this run apply the files; nothing where they do not.

        A file that does not apply, or for ever, is told by those checks.
        """
        if not self.applies_files:
            return {}
        from checks.risk.observer import observed_of

        started = time.monotonic()
        try:
            applied = _within(self.scratch_time, lambda: self.scratch().applied)
        except (CannotRun, NotApplicable):
            return {}
        except _TimeUp as up:
            self.abandon(Need.SCRATCH, up.thread)
            return {}
        finally:
            self.scratch_time = max(self.scratch_time - (time.monotonic() - started), 0)
        return {} if self.stopped else observed_of(applied.statements, {f.name for f in self.files().pending})

    @property
    def stopped(self) -> CannotRun | None:
        """The limit that the scratch run came to; None while it came to none."""
        return self._scratch.stopped if self._scratch is not None else None

    def files(self) -> FilesContext:
        if self._files is None:
            migrations = migrations_of(self.inputs)
            self._files = FilesContext(migrations, self.inputs.options, self.observed)
        return self._files

    def scratch(self) -> ScratchContext:
        from checks.scratchdb.context import ScratchContext

        if self._scratch is None:
            files = self.files()
            self._scratch = ScratchContext(files, self.inputs)
            self._opened.callback(self._scratch.close)
        if stopped := self._scratch.stopped:
            raise stopped
        return self._scratch

    def target(self, address: DatabaseAddress | None) -> TargetContext:
        from checks.targetdb.session import Target

        address = database_of(self.inputs, address)
        if address.conninfo not in self._targets:
            target = Target(address)
            self._opened.callback(target.close)
            self._targets[address.conninfo] = TargetContext(target, self.inputs)
        return self._targets[address.conninfo]

    def _other(self) -> TargetContext:
        """The second database; where none is configured, a scratch database that the files make."""
        if self.inputs.compare_with is not None:
            return self.target(self.inputs.compare_with)
        files = self.inputs.migrations
        if files is None or not files.is_sql or not self.inputs.scratch_server:
            raise CannotRun("no second database to compare with", "set after = …, or --compare-with")
        scratch = self.scratch()
        scratch.require_applied()
        return self.target(DatabaseAddress("the files", scratch.database.conninfo, "scratch"))

    def abandon(self, need: Need, thread: threading.Thread) -> None:
        """After a time-out: what still runs is stopped, and the next check gets fresh connections."""
        if need in (Need.TARGET, Need.PAIR):
            for context in self._targets.values():
                context.target.abandon()
        if self.uses_scratch(need) and self._scratch is not None:
            self._scratch.stop()
            thread.join(_LAST_WORDS)

    def inputs_hash(self, check: Check[Any], result: Result) -> str:
        """What the verdict was made from: see `base.Result`."""
        if check.needs not in (Need.FILES, Need.SCRATCH) or self.inputs.migrations is None:
            return hash_findings(result.findings)
        accepted = (one.entry for one in result.accepted if one.entry)
        parts = (self._fingerprint, self._server_major(check.needs), str(check.version), *accepted)
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    @cached_property
    def _fingerprint(self) -> str:
        return fingerprint(self.inputs.migrations.files) if self.inputs.migrations else ""

    def _server_major(self, need: Need) -> str:
        if need is Need.SCRATCH:
            return self._scratch.known_start if self._scratch is not None else ""
        from pglast import get_postgresql_version

        return str(get_postgresql_version()[0])

    def close(self) -> None:
        self._opened.close()
        self._files = self._scratch = None
