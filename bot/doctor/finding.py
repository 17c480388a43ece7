"""What a question of the doctor comes to: a finding on one area, in three levels. None holds a token or an address."""

from __future__ import annotations

from enum import StrEnum

from checks.result import Finding


class Level(StrEnum):
    """The `severity` of the doctor's findings."""

    OK = "ok"
    WARNING = "warning"
    FAULT = "fault"


def ok(area: str, sentence: str) -> Finding:
    return Finding(sentence, area, severity=Level.OK)


def warning(area: str, sentence: str, mend: str) -> Finding:
    return Finding(sentence, area, hint=mend, severity=Level.WARNING)


def fault(area: str, sentence: str, mend: str) -> Finding:
    return Finding(sentence, area, hint=mend, severity=Level.FAULT)
