"""What a question of the doctor comes to."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    OK = "ok"
    WARNING = "warning"
    FAULT = "fault"


@dataclass(frozen=True)
class Finding:
    """One sentence about one thing, and the next thing to type or press. Neither holds a token or an address."""

    level: Level
    area: str
    sentence: str
    mend: str = ""


def ok(area: str, sentence: str) -> Finding:
    return Finding(Level.OK, area, sentence)


def warning(area: str, sentence: str, mend: str) -> Finding:
    return Finding(Level.WARNING, area, sentence, mend)


def fault(area: str, sentence: str, mend: str) -> Finding:
    return Finding(Level.FAULT, area, sentence, mend)
