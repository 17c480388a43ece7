"""What is wrong with the settings: one sentence a fault, with its place, and all of them at once."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass

_LOOKS_SECRET = re.compile(r"://|password|xox[a-z]-|xapp-|@.*:|:.*@", re.IGNORECASE)


@dataclass(frozen=True, order=True)
class Fault:
    """One thing to mend. `setting` is a dotted name or an environment variable; `line` and `column` count from 1."""

    file: str
    line: int | None
    setting: str
    sentence: str
    column: int | None = None

    def __str__(self) -> str:
        numbers = "".join(f":{number}" for number in (self.line, self.column) if number is not None)
        return ": ".join(part for part in (f"{self.file}{numbers}", self.setting, self.sentence) if part)


class SettingsError(Exception):
    """The settings cannot be used. `faults` holds every reason, files first, then variables; `str()` is a line each."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(sorted(set(faults), key=_place))
        super().__init__("\n".join(str(fault) for fault in self.faults))


def _place(fault: Fault) -> tuple[bool, str, int, str]:
    return (not fault.file, fault.file, fault.line or 0, fault.setting)


def looks_secret(value: str) -> bool:
    """Whether a text might hold a password or a token, so that no sentence may repeat it."""
    return bool(_LOOKS_SECRET.search(value))


def quoted(value: object) -> str:
    """The value as a fault shows it: cut at 60 characters, and never when it might hold a password or a token."""
    if not isinstance(value, str):
        return str(value)[:60]
    if looks_secret(value):
        return "what is written there"
    return f"'{value[:60]}…'" if len(value) > 60 else f"'{value}'"


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that a typo most likely meant, or None."""
    matches = difflib.get_close_matches(word.lower(), list(known), n=1, cutoff=0.6)
    return matches[0] if matches else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`; did you mean 'staging'?`, or nothing."""
    near = nearest(word, known)
    return f"; did you mean '{near}'?" if near else ""
