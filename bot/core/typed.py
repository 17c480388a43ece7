"""What people type: how long a text may be, which characters it may hold, how far away a day may be.

Every door asks here before anything else looks at what was typed: Slack's at `dispatch.decide` and `commands.answer`,
the console's at its options.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.core.refusal import Refused

LONGEST = 3000
"""Characters, as in Slack (docs.slack.dev/reference/block-kit/block-elements/plain-text-input-element)."""
_NO_CHARACTER = re.compile("[\x00\ud800-\udfff]")
_FARTHEST_DAYS = 2 * 366


def require_typed(texts: Mapping[str, object]) -> None:
    """Raises Refused for a text, by the name of its field, that is too long or holds half a character or NUL."""
    for field, value in texts.items():
        for text in (value,) if isinstance(value, str) else value if isinstance(value, tuple) else ():
            _require(field.replace("_", " "), text)


def _require(field: str, text: str) -> None:
    if len(text) > LONGEST:
        raise Refused(
            f"This text ({field}) is {len(text):,} characters long, and at most {LONGEST:,} are kept: shorten it, "
            "or put it elsewhere and give the link. Nothing was recorded."
        )
    if found := _NO_CHARACTER.search(text):
        raise Refused(
            f"This text ({field}) holds U+{ord(found[0]):04X} at character {found.start() + 1}, which is no character: "
            "remove it. Nothing was recorded."
        )


def typed_day(text: str, today: date, refusal: str) -> date:
    """The day that was typed as 2026-11-22, within two years of today. Raises Refused, with `refusal` for no day."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise Refused(refusal) from None
    if abs((day - today).days) > _FARTHEST_DAYS:
        raise Refused(f"{text} is too far away: the date has to be within two years of today.")
    return day


_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_NUMBER = re.compile(r"(\d{1,2})\s*(?:d|days?)?")
_CLOCK = re.compile(r"([01]?\d|2[0-3])[:.]([0-5]\d)")
_END_OF_DAY = time(23, 59)


def named_day(text: str, today: date) -> date | None:
    """The day that was typed as Friday (the next one), tomorrow, 3 days, or 2026-12-01; None for no day."""
    word = text.strip().lower()
    if word in {"today", "tomorrow"}:
        return today + timedelta(days=int(word == "tomorrow"))
    if word in _DAYS:
        return today + timedelta(days=(_DAYS.index(word) - today.weekday() - 1) % 7 + 1)
    if number := _NUMBER.fullmatch(word):
        return today + timedelta(days=int(number[1]))
    try:
        return date.fromisoformat(word)
    except ValueError:
        return None


def typed_clock(text: str) -> time:
    """A time of day such as 16:00. Raises Refused."""
    if not (found := _CLOCK.fullmatch(text.strip())):
        raise Refused(f"“{text.strip()}” is no time of day: write it like 16:00.")
    return time(int(found[1]), int(found[2]))


def typed_until(text: str, now: datetime, zone: str) -> datetime:
    """When something ends, on the wall of `zone`: a time of day is the next one, a day alone lasts to its end.

    Raises Refused for what is no time.
    """
    *words, last = text.split() or [""]
    there = ZoneInfo(zone)
    today = now.astimezone(there).date()
    clock = typed_clock(last) if _CLOCK.fullmatch(last) else None
    day = named_day(" ".join(words if clock else [*words, last]), today) if words or not clock else today
    if day is None:
        raise Refused(
            f"Until “{text.strip()[:60]}” is no time. Write until 18:00, tomorrow 09:00, Friday, or 2026-12-01 09:00."
        )
    until = datetime.combine(day, clock or _END_OF_DAY, there).astimezone(UTC)
    if not words and clock and until <= now:
        until = datetime.combine(day + timedelta(days=1), clock, there).astimezone(UTC)
    return until


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that a typo most likely meant, or None."""
    matches = difflib.get_close_matches(word.lower(), list(known), n=1, cutoff=0.6)
    return matches[0] if matches else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`Did you mean staging?`, or nothing."""
    near = nearest(word, known)
    return f"Did you mean {near}?" if near else ""
