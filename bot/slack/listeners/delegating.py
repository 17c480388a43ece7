"""`delegate ROLE @SOMEBODY until DAY` and `delegate ROLE back`, as people type it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.core.refusal import Refused

_MENTION = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>")
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_NUMBER = re.compile(r"(\d{1,2})(?:d|days?)?")
_DEFAULT_DAYS = 7
HOW = "Write it like `delegate dba @dana until Friday`, `delegate dba back`, or without anything for a form."
BACK = "back"
"""The word that takes a delegation back."""


@dataclass(frozen=True)
class Wish:
    """A role's name, a user id, and the last day."""

    role: str
    to: str
    until: date


def wish(words: Sequence[str], names: Mapping[str, str], now: datetime, zone: str) -> Wish:
    """What was typed after `delegate`. `names` are display names by user id. Raises Refused with how to write it."""
    if len(words) < 2:
        raise Refused(HOW)
    role, whom, rest = words[0], words[1], [word.lower() for word in words[2:] if word.lower() not in {"until", "for"}]
    today = now.astimezone(ZoneInfo(zone)).date()
    return Wish(role, _person(whom, names), _day(" ".join(rest), today))


def _person(text: str, names: Mapping[str, str]) -> str:
    found = _MENTION.fullmatch(text)
    if found:
        return found[1]
    wanted = text.removeprefix("@").casefold()
    near = [user_id for user_id, name in names.items() if wanted in {name.casefold(), name.split()[0].casefold()}]
    if len(near) != 1:
        raise Refused(f"Nobody is certainly meant by “{text}”. {HOW}")
    return near[0]


def _day(text: str, today: date) -> date:
    if not text:
        return today + timedelta(days=_DEFAULT_DAYS)
    if text in {"today", "tomorrow"}:
        return today + timedelta(days=int(text == "tomorrow"))
    if text in _DAYS:
        return today + timedelta(days=(_DAYS.index(text) - today.weekday() - 1) % 7 + 1)
    number = _NUMBER.fullmatch(text)
    if number:
        return today + timedelta(days=int(number[1]))
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused(f"“{text}” is no day. Write Friday, tomorrow, 3 days, or 2026-12-01.") from None
