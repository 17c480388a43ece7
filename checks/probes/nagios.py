"""What a plugin printed and how it ended, by the Nagios plugin convention.

https://nagios-plugins.org/doc/guidelines.html: the first line is the summary, `|` begins performance data, exit codes
are 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN.
"""

from __future__ import annotations

import re
import signal
from collections.abc import Sequence
from dataclasses import dataclass

from checks.base import Finding, Result, Status
from checks.probes.wording import one_line, result

_STATUS = {0: Status.PASSED, 1: Status.WARNING, 2: Status.FAILED, 3: Status.COULD_NOT_RUN}
_SEVERITY = {Status.WARNING: "warning", Status.FAILED: "error"}
_DATUM = re.compile(r"(?<!\S)(?:'[^']+'|[^\s=']+)=[-+]?[\d.U][^\s]*")


@dataclass(frozen=True)
class PluginOutput:
    """`details` are the lines after the first, `data` the performance data such as `time=0.02s;1;2`."""

    summary: str = ""
    details: tuple[str, ...] = ()
    data: tuple[str, ...] = ()


def read_output(text: str) -> PluginOutput:
    """A `|` that no performance data follow is part of the text."""
    lines: list[str] = []
    data: list[str] = []
    for line in text.splitlines():
        words, _, after = line.partition("|")
        found = _DATUM.findall(after)
        data += found
        if shown := one_line(words if found else line):
            lines.append(shown)
    return PluginOutput(lines[0] if lines else "", tuple(lines[1:]), tuple(data))


def judge(probe: str, code: int, output: PluginOutput, hint: str = "") -> Result:
    """The verdict of an exit code; `probe` is the object of the findings, which hold the other lines and the data."""
    status = _STATUS.get(code, Status.FAILED)
    odd = _odd_end(code)
    if odd:
        status = Status.COULD_NOT_RUN if code in {126, 127} or code < 0 else Status.FAILED
    words = output.summary or "nothing printed"
    summary = f"{words} ({odd})" if odd else words
    return result(status, summary, hint or _hint(code), findings_of(probe, status, output), f"{code} {words}")


def findings_of(probe: str, status: Status, output: PluginOutput) -> Sequence[Finding]:
    """What else it said; a failure that said nothing more points at the probe."""
    severity = _SEVERITY.get(status, "info")
    said = [Finding(line, probe, severity=severity) for line in output.details]
    if not said and status in _SEVERITY:
        said = [Finding(output.summary or "nothing printed", probe, severity=severity)]
    return [*said[:10], *(Finding(datum, probe, severity="info") for datum in output.data)]


def _odd_end(code: int) -> str:
    if code in _STATUS:
        return ""
    if code < 0:
        return f"ended by {_signal_name(-code)}"
    meaning = {126: ": a program in it is not executable", 127: ": a program in it was not found"}
    return f"exit code {code}{meaning.get(code, '')}"


def _hint(code: int) -> str:
    if code in _STATUS or code < 0:
        return ""
    return "a probe ends with 0 passed, 1 warning, 2 failed or 3 could not run"


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
