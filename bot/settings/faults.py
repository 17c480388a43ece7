"""What is wrong with the settings: one finding a fault, `object` being the setting or the variable, and all at once."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

from checks.result import Finding

_LOOKS_SECRET = re.compile(r"://|password|xox[a-z]-|xapp-|@.*:|:.*@", re.IGNORECASE)


class SettingsError(Exception):
    """The settings cannot be used. `faults` holds every reason, files first, then variables; `str()` is a line each."""

    def __init__(self, faults: Iterable[Finding]) -> None:
        self.faults = tuple(sorted(dict.fromkeys(faults), key=_place))
        super().__init__("\n".join(str(fault) for fault in self.faults))


def _place(fault: Finding) -> tuple[bool, str, int, str]:
    return (not fault.file, fault.file, fault.line or 0, fault.object)


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
    """`did you mean 'staging'?`, or nothing."""
    near = nearest(word, known)
    return f"did you mean '{near}'?" if near else ""
