"""The verdict that findings over files add up to: their worst severity, and the first of them in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from checks.base import Finding, Result, failed, passed, warning
from checks.result import ERROR, WARNING

__all__ = ["ERROR", "WARNING", "in_words", "verdict"]


def verdict(findings: Iterable[Finding], otherwise: str) -> Result:
    """Failed with an error among the findings, a warning with any, else passed with the sentence `otherwise`."""
    found = sorted(findings, key=lambda finding: finding.severity != ERROR)
    if not found:
        return passed(otherwise)
    ending = failed if found[0].severity == ERROR else warning
    return ending(in_words(found), found, found[0].hint)


def in_words(findings: Sequence[Finding]) -> str:
    """`00008.sql:3: message (and 2 more)`."""
    first = findings[0]
    place = f"{first.file}:{first.line}: " if first.file and first.line else f"{first.file}: " if first.file else ""
    more = f" (and {len(findings) - 1} more)" if len(findings) > 1 else ""
    return f"{place}{first.message}{more}"
