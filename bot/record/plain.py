"""Frozen facts as JSON data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import Any

from bot.core.times import to_text


def plain(value: Any) -> Any:
    """Dataclasses become objects, instants text in UTC, sets are sorted.

    Raises TypeError for anything that JSON has no word for.
    """
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, datetime):
        return to_text(value)
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, set | frozenset | tuple | list):
        members = [plain(inner) for inner in value]
        return sorted(members) if isinstance(value, set | frozenset) else members
    if value is None or isinstance(value, str | int | float | bool):
        return value
    raise TypeError(f"no JSON for {type(value).__name__}")
