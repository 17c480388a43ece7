"""What people type: how long a text may be, which characters it may hold, how far away a day may be.

Every door asks here before anything else looks at what was typed: Slack's at `dispatch.decide` and `commands.answer`,
the console's at its options.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

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
