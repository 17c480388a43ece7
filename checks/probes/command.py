"""Asks a team's own program: Nagios convention, or the JUnit report or backup listing that it leaves."""

from __future__ import annotations

import time

from checks.base import CannotRun, Result
from checks.contexts import ProbeContext
from checks.measures import duration
from checks.probes import junit, nagios
from checks.probes.backups import reading
from checks.probes.masking import Mask
from checks.probes.process import OUTPUT_LIMIT, Ended, run_program
from checks.probes.settings import ProbeSettings
from checks.probes.surroundings import surroundings
from checks.probes.wording import one_line

SECONDS = 60.0
# The runner gives a command 15 minutes; the program has to be ended before that.
MOST_SECONDS = 840.0


def run(context: ProbeContext) -> Result:
    """Raises CannotRun: it does not start, does not end in time, or lacks what it names."""
    settings = ProbeSettings.of(context)
    seconds = min(settings.number("timeout", SECONDS), MOST_SECONDS)
    reader = settings.text("reader")
    ready = surroundings(settings, seconds, reading.LISTING_LIMIT if reader else OUTPUT_LIMIT)
    started = time.time()
    ended = run_program(ready.program)
    refuse_late(ended, seconds, ready.mask)
    if reader:
        return reading.read_listing(settings, reader, ended, ready.mask)
    output = nagios.read_output(text_of(ended, ready.mask))
    if settings.has("junit"):
        return junit.judge_run(settings, started, ended.code, output, ready.mask)
    return nagios.judge(settings.spec.id, ended.code, output)


def refuse_late(ended: Ended, seconds: float, mask: Mask) -> None:
    """Raises CannotRun for a program that had to be ended, with the last thing that it said."""
    if ended.in_time:
        return
    lines = nagios.read_output(mask(decoded(ended.output) or decoded(ended.errors)))
    last = (lines.summary, *lines.details)[-1]
    said = f"; it last said: {last}" if last else ""
    raise CannotRun(
        one_line(f"not finished after {duration(seconds)}, and ended{said}"), 'give it longer: timeout = "5m"'
    )


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
