"""Words for what probes find: one line of text, sizes, ages, and the identity of a verdict without its numbers."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from datetime import datetime

from checks.base import Finding, Result, Status

LONGEST = 200
MOST_FINDINGS = 20
_ESCAPES = re.compile(r"\x1b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
_NUMBERS = re.compile(r"\d+(?:[.,:]\d+)*|\b[0-9a-f]{7,}\b")
_UNITS = ("B", "kB", "MB", "GB", "TB", "PB")


def one_line(text: str) -> str:
    """Without colours, control characters and line ends, at most 200 characters."""
    plain = _ESCAPES.sub("", text)
    printable = "".join(char if char.isprintable() else " " for char in plain)
    words = " ".join(printable.split())
    return words if len(words) <= LONGEST else words[: LONGEST - 1] + "…"


def result(
    status: Status, summary: str, hint: str = "", findings: Iterable[Finding] = (), identity: str = ""
) -> Result:
    """A result whose `inputs_hash` is made of its words without numbers: times and counts differ on every run."""
    shown = one_line(summary)
    digest = hashlib.sha256(f"{status}\n{_NUMBERS.sub('#', identity or shown)}".encode()).hexdigest()
    return Result(status, shown, one_line(hint), tuple(findings)[:MOST_FINDINGS], inputs_hash=digest)


def size(count: float) -> str:
    """Bytes as PostgreSQL's pg_size_pretty counts them, in steps of 1024: `41 GB`, `3.1 MB`."""
    step = 0
    while count >= 1024 and step < len(_UNITS) - 1:
        count, step = count / 1024, step + 1
    return f"{count:.1f} {_UNITS[step]}" if 0 < count < 10 and step else f"{count:.0f} {_UNITS[step]}"


def age(seconds: float) -> str:
    """`40 s`, `12 min`, `5 h`, `3 d`; negative ones are 0 s."""
    for limit, unit, name in ((120, 1, "s"), (7200, 60, "min"), (172800, 3600, "h")):
        if seconds < limit:
            return f"{max(seconds, 0) / unit:.0f} {name}"
    return f"{seconds / 86400:.0f} d"


def moment(at: datetime) -> str:
    """A time in UTC to the minute."""
    return f"{at:%Y-%m-%d %H:%M} UTC"


def figure(value: float) -> str:
    """A number with four digits that matter: `0.08`, `1234`, `1.5e-07`."""
    return f"{value:.0f}" if 1000 <= abs(value) < 1e15 else f"{value:.4g}"
