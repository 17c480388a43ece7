"""Words for what probes find: one line of text, moments, and the identity of a verdict without its numbers."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from datetime import UTC, datetime

from checks.base import Finding, Result, Status

LONGEST = 200
MOST_FINDINGS = 20
_ESCAPES = re.compile(r"\x1b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
_NUMBERS = re.compile(r"\d+(?:[.,:]\d+)*|\b[0-9a-f]{7,}\b")


def one_line(text: str) -> str:
    """Without colours, control characters and line ends, at most 200 characters."""
    plain = _ESCAPES.sub("", text)
    printable = "".join(char if char.isprintable() else " " for char in plain)
    words = " ".join(printable.split())
    return words if len(words) <= LONGEST else words[: LONGEST - 1] + "…"


def result(
    status: Status,
    summary: str,
    hint: str = "",
    findings: Iterable[Finding] = (),
    identity: str = "",
    made: datetime | None = None,
) -> Result:
    """A result whose `inputs_hash` is made of its words without numbers: times and counts differ on every run.

    `made` is when the backup was made that it speaks of, and stands in front: an answer about another is another.
    """
    shown = one_line(summary)
    digest = hashlib.sha256(f"{status}\n{_NUMBERS.sub('#', identity or shown)}".encode()).hexdigest()
    of = f"{made.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}/" if made else ""
    return Result(status, shown, one_line(hint), tuple(findings)[:MOST_FINDINGS], inputs_hash=of + digest)


def figure(value: float) -> str:
    """A number with four digits that matter: `0.08`, `1234`, `1.5e-07`."""
    return f"{value:.0f}" if 1000 <= abs(value) < 1e15 else f"{value:.4g}"
