"""Asks a team's own program, runs a short act, or reads what already lies on this machine."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import replace

from checks.base import CannotRun, Inputs, ProbeSpec, Result, Status
from checks.contexts import ProbeContext
from checks.masking import Mask, looks_secret, mask_for
from checks.measures import duration
from checks.probes import reports
from checks.probes.backups import listings
from checks.probes.process import MOST_SECONDS, OUTPUT_LIMIT, Ended, Program, base_environment, run_program
from checks.probes.settings import ProbeSettings, from_environment
from checks.probes.wording import one_line

SECONDS = 60.0


def run(context: ProbeContext) -> Result:
    """Raises CannotRun: it does not start, does not end in time, or lacks what it names."""
    settings = ProbeSettings.of(context)
    seconds = min(settings.number("timeout", SECONDS), MOST_SECONDS)
    reader = settings.text("reader")
    program, mask = surroundings(settings, seconds, listings.LISTING_LIMIT if reader else OUTPUT_LIMIT)
    started = time.time()
    ended = run_program(program)
    refuse_late(ended, seconds, mask)
    if reader:
        return listings.read_listing(settings, reader, ended, mask)
    output = reports.read_output(text_of(ended, mask))
    if settings.has("junit"):
        return reports.judge_run(settings, started, ended.code, output, mask)
    return reports.judge(settings.spec.id, ended.code, output)


def refuse_late(ended: Ended, seconds: float, mask: Mask) -> None:
    """Raises CannotRun for a program that had to be ended, with the last thing that it said."""
    if ended.in_time:
        return
    lines = reports.read_output(mask(decoded(ended.output) or decoded(ended.errors)))
    last = (lines.summary, *lines.details)[-1]
    said = f"; it last said: {last}" if last else ""
    sentence = one_line(f"not finished after {duration(seconds)}, and ended{said}")
    raise CannotRun(sentence, 'give it longer: timeout = "5m"')


def text_of(ended: Ended, mask: Mask) -> str:
    """What it printed without passwords; what it complained of where it printed nothing."""
    return mask(whole_lines(ended, ended.output).strip() or whole_lines(ended, ended.errors))


def whole_lines(ended: Ended, kept: bytes) -> str:
    """Without the last line where output was cut: half a password cannot be recognised."""
    text = decoded(kept)
    return text.rpartition("\n")[0] or text[:1024] if ended.is_cut else text


def decoded(output: bytes) -> str:
    """UTF-8; other bytes become U+FFFD, zero bytes spaces."""
    return output.decode("utf-8", errors="replace").replace("\0", " ")


def read_files(context: ProbeContext) -> Result:
    settings = ProbeSettings.of(context)
    if settings.has("path"):
        return listings.judge_dumps(settings, mask_for(context.inputs))
    if settings.has("junit"):
        return reports.judge_files(settings, mask_for(context.inputs))
    raise CannotRun(f"{settings.place} asks nothing", "give it a command, http, prometheus, path or junit")


ACT_SECONDS = 300.0
_LONGEST_LINE = 4096

logger = logging.getLogger(__name__)


def run_act(spec: ProbeSpec, inputs: Inputs, on_output: Callable[[str], None]) -> Result:
    """Runs a short act (`confirm = true`), such as refreshing a view: like a probe, at most 5 minutes.

    The verdict is by the Nagios convention; what keeps it from running is *could-not-run*, nothing is raised. Who may
    start it, and when, is the caller's business: nothing in here asks.
    `on_output` is given each line as it is printed: masked, at most 200 characters, the first 64 KiB. A fault in it
    does not stop the act. `took` is seconds.
    """
    started = time.monotonic()
    try:
        found = _run_act(ProbeSettings(spec, inputs), on_output)
    except CannotRun as refusal:
        found = Result(Status.COULD_NOT_RUN, refusal.sentence, refusal.hint)
    return replace(found, took=round(time.monotonic() - started, 3))


def _run_act(settings: ProbeSettings, on_output: Callable[[str], None]) -> Result:
    if not (settings.flag("confirm") and settings.spec.command):
        raise CannotRun(f"{settings.place} is no act", "an act is a command with confirm = true")
    seconds = min(settings.number("timeout", ACT_SECONDS), ACT_SECONDS)
    program, mask = surroundings(settings, seconds)
    lines = [_Lines(mask, on_output) for _ in range(2)]
    ended = run_program(program, [one.take for one in lines])
    if not ended.is_cut:
        for one in lines:
            one.finish()
    try:
        refuse_late(ended, seconds, mask)
    except CannotRun as refusal:
        raise CannotRun(refusal.sentence, "look at what it did until then before you try again") from None
    return reports.judge(settings.spec.id, ended.code, reports.read_output(text_of(ended, mask)))


class _Lines:
    """Makes lines of what comes in pieces and tells of each once it is whole; of a very long one, its beginning."""

    def __init__(self, mask: Mask, tell: Callable[[str], None]) -> None:
        self._mask = mask
        self._tell = tell
        self._rest = b""
        self._is_told = False

    def take(self, piece: bytes) -> None:
        *whole, self._rest = (self._rest + piece).replace(b"\r", b"\n").split(b"\n")
        for line in whole:
            self._say(line)
            self._is_told = False
        if len(self._rest) > _LONGEST_LINE:
            self._say(self._rest)
            self._rest, self._is_told = b"", True

    def finish(self) -> None:
        self._say(self._rest)

    def _say(self, line: bytes) -> None:
        words = one_line(self._mask(decoded(line)))
        if not words or self._is_told:
            return
        try:
            self._tell(words)
        except Exception as fault:
            logger.warning("a line of progress was not told: %s", type(fault).__name__)


def surroundings(settings: ProbeSettings, seconds: float, limit: int = OUTPUT_LIMIT) -> tuple[Program, Mask]:
    """A command ready to run, and what to hide of its output.

    Raises CannotRun for a placeholder or a variable without a value.
    """
    # `env = { NAME = "env:OTHER", REGION = "eu" }`, which the settings also make of `env = ["NAME"]`.
    given = {name: from_environment(settings.fill(str(value))) for name, value in settings.table("env").items()}
    arguments = tuple(settings.fill(argument) for argument in settings.spec.command)
    program = Program(arguments, settings.directory, base_environment() | given, seconds, limit)
    private = [value for name, value in given.items() if looks_secret(name, value)]
    return program, mask_for(settings.inputs, private)
