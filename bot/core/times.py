"""Instants as text: UTC, fixed width, so that text order is time order."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_SHAPE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", re.ASCII)


def to_text(instant: datetime) -> str:
    """`2026-11-22T14:03:07.123Z`; milliseconds are cut, not rounded.

    Raises ValueError for a datetime without a zone: a naive time is a guess.
    """
    if instant.tzinfo is None:
        raise ValueError("an instant needs a zone")
    return instant.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def from_text(text: str) -> datetime:
    """The aware instant that `to_text` wrote. Raises ValueError for other shapes."""
    if _SHAPE.fullmatch(text) is None:
        raise ValueError(f"not an instant: {text[:40]}")
    return datetime.fromisoformat(text)
