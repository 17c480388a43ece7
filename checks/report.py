"""Results for machines: the JSON of `gonogo check --json` (the bot adds `items`), and the exit code."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from checks.base import Check, Finding, Result, Status

Outcome = tuple[Check[Any], Result]


def result_as_json(check: Check[Any], result: Result) -> dict[str, Any]:
    """`{"check", "status", "summary", "hint", "took", "findings": […]}`; `took` in seconds."""
    return {
        "check": check.id,
        "status": str(result.status),
        "summary": result.summary,
        "hint": result.hint,
        "took": result.took,
        "findings": [_finding(finding) for finding in result.findings],
    }


def exit_code(results: Iterable[Result]) -> int:
    """1 when any failed, else 2 when any could not run, else 0."""
    found = {result.status for result in results}
    if Status.FAILED in found:
        return 1
    return 2 if Status.COULD_NOT_RUN in found else 0


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "object": finding.object,
        "file": finding.file,
        "line": finding.line,
        "message": finding.message,
        "hint": finding.hint,
        "severity": finding.severity,
    }
