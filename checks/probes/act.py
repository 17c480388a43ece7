"""Runs a short act (`confirm = true`), such as refreshing a view: like a probe, at most 5 minutes, telling how it goes.

Who may start it, and when, is the caller's business: nothing in here asks.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import replace

from checks.base import CannotRun, Inputs, ProbeSpec, Result, Status
from checks.probes import nagios
from checks.probes.command import decoded, refuse_late, text_of
from checks.probes.masking import Mask
from checks.probes.process import run_program
from checks.probes.settings import ProbeSettings
from checks.probes.surroundings import surroundings
from checks.probes.wording import one_line

MOST_SECONDS = 300.0
_LONGEST_LINE = 4096

logger = logging.getLogger(__name__)


def run_act(spec: ProbeSpec, inputs: Inputs, on_output: Callable[[str], None]) -> Result:
    """The verdict by the Nagios convention; what keeps it from running is *could-not-run*, nothing is raised.

    `on_output` is given each line as it is printed: masked, at most 200 characters, the first 64 KiB. A fault in it
    does not stop the act. `took` is seconds.
    """
    started = time.monotonic()
    try:
        found = _run(ProbeSettings(spec, inputs), on_output)
    except CannotRun as refusal:
        found = Result(Status.COULD_NOT_RUN, refusal.sentence, refusal.hint)
    return replace(found, took=round(time.monotonic() - started, 3))


def _run(settings: ProbeSettings, on_output: Callable[[str], None]) -> Result:
    if not (settings.flag("confirm") and settings.spec.command):
        raise CannotRun(f"{settings.place} is no act", "an act is a command with confirm = true")
    seconds = min(settings.number("timeout", MOST_SECONDS), MOST_SECONDS)
    ready = surroundings(settings, seconds)
    lines = [_Lines(ready.mask, on_output) for _ in range(2)]
    ended = run_program(ready.program, [one.take for one in lines])
    if not ended.is_cut:
        for one in lines:
            one.finish()
    try:
        refuse_late(ended, seconds, ready.mask)
    except CannotRun as refusal:
        raise CannotRun(refusal.sentence, "look at what it did until then before you try again") from None
    return nagios.judge(settings.spec.id, ended.code, nagios.read_output(text_of(ended, ready.mask)))


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
