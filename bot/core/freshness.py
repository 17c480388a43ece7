"""How old an answer may be at go."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from bot.core.checklist.items import Item
from bot.core.decision import CheckResult

DEFAULT_SECONDS: Mapping[str, int] = {
    "backup": 24 * 3600,
    "restore": 30 * 24 * 3600,
    "staging": 14 * 24 * 3600,
    "approval": 7 * 24 * 3600,
    "check": 24 * 3600,
}


def is_stale(
    item: Item, result: CheckResult, fingerprint: str | None, freshness: Mapping[str, int], now: datetime
) -> bool:
    """Whether the answer has to be asked for again before go.

    An answer about the files holds while the fingerprint holds; any other one by its age.
    """
    if result.fingerprint is not None:
        return result.fingerprint != fingerprint
    return now - result.at > max_age(item, result.check_id, freshness)


def max_age(item: Item, check_id: str, freshness: Mapping[str, int]) -> timedelta:
    """The age allowed: the setting for this check, this item or its class, or the item's own `valid`; settings win."""
    seconds = freshness.get(check_id, freshness.get(item.id))
    if seconds is None:
        name = _class_of(item, check_id)
        seconds = freshness.get(name)
        if seconds is None and item.valid_days is not None:
            seconds = item.valid_days * 24 * 3600
        if seconds is None:
            seconds = DEFAULT_SECONDS[name]
    return timedelta(seconds=seconds)


def _class_of(item: Item, check_id: str) -> str:
    if "@" in check_id:
        return "staging"
    words = f"{check_id} {item.id}"
    if "restor" in words:
        return "restore"
    return "backup" if "backup" in words else "check"
