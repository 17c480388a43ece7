"""The verdict that findings add up to: their worst severity, and the first of them in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Sized

from checks.base import failed, passed, warning
from checks.result import ERROR, Finding, Result, Status


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """Errors before the rest, which keep their order."""
    return sorted(findings, key=lambda finding: finding.severity != ERROR)


def status_of(findings: Iterable[Finding]) -> Status:
    """Failed with an error among the findings, a warning with any, else passed."""
    severities = {finding.severity for finding in findings}
    return Status.FAILED if ERROR in severities else Status.WARNING if severities else Status.PASSED


def ending(findings: Iterable[Finding], summary: str, otherwise: Result) -> Result:
    """The result of that status, with the worst finding's hint; `otherwise` where there is no finding."""
    found = worst_first(findings)
    if not found:
        return otherwise
    return (failed if status_of(found) is Status.FAILED else warning)(summary, found, found[0].hint)


def verdict(findings: Iterable[Finding], otherwise: str) -> Result:
    """The worst finding in words with its place, else passed with the sentence `otherwise`."""
    found = worst_first(findings)
    return ending(found, in_words(found) if found else "", passed(otherwise))


def judged(findings: Iterable[Finding], good: str | Result, shown: str = "") -> Result:
    """The worst finding in words, `shown` before it: the numbers; else `good`, or passed with that sentence."""
    found = worst_first(findings)
    first = f"{shown}{': ' if shown else ''}{found[0].message}{and_more(found)}" if found else ""
    return ending(found, first, passed(good) if isinstance(good, str) else good)


def in_words(findings: Sequence[Finding]) -> str:
    """`00008.sql:3: message (and 2 more)`."""
    first = findings[0]
    place = f"{first.file}:{first.line}: " if first.file and first.line else f"{first.file}: " if first.file else ""
    return f"{place}{first.message}{and_more(findings)}"


def and_more(things: Sized) -> str:
    """` (and 2 more)` behind the first of three; "" behind the only one."""
    return f" (and {len(things) - 1} more)" if len(things) > 1 else ""
