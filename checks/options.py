"""Options of checks: `[checks.ID]` of the settings, as plain data that has to be looked at before it is believed."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

from checks.base import CannotRun


def option(options: Mapping[str, object], check_id: str, key: str) -> object:
    """`key` under `[checks.CHECK_ID]`, or None."""
    table = options.get(check_id)
    return table.get(key) if isinstance(table, Mapping) else None


def text_option(options: Mapping[str, object], check_id: str, key: str) -> str:
    """A text, "" where it is not set. Raises CannotRun for anything else."""
    value = option(options, check_id, key)
    if value is None or isinstance(value, str):
        return value or ""
    raise CannotRun(f"[checks.{check_id}] {key} is no text", f'{key} = "…"')


def list_option(options: Mapping[str, object], check_id: str, key: str) -> tuple[str, ...]:
    """A list of texts, () where it is not set. Raises CannotRun for anything else."""
    value = option(options, check_id, key)
    if value is None:
        return ()
    if isinstance(value, Sequence) and not isinstance(value, str) and all(isinstance(part, str) for part in value):
        return tuple(str(part) for part in value)
    raise CannotRun(f"[checks.{check_id}] {key} is no list of texts", f'{key} = ["…"]')


def flag_option(options: Mapping[str, object], check_id: str, key: str) -> bool:
    """Whether it is switched on. Raises CannotRun for anything but true and false."""
    value = option(options, check_id, key)
    if value is None or isinstance(value, bool):
        return value is True
    raise CannotRun(f"[checks.{check_id}] {key} is neither true nor false", f"{key} = true")


def numeric_option(
    options: Mapping[str, object],
    check_id: str,
    key: str,
    default: float,
    of: str = "",
    kinds: tuple[type, ...] = (int, float),
    least: float = -math.inf,
) -> float:
    """A number (`of` days) of these kinds. Raises CannotRun for anything else and for less than `least`."""
    value = option(options, check_id, key)
    if value is None:
        return default
    if isinstance(value, int | float) and isinstance(value, kinds) and not isinstance(value, bool) and value >= least:
        return value
    raise CannotRun(f"[checks.{check_id}] {key} is no number{of}", f"{key} = {default:g}")


def pattern_option(options: Mapping[str, object], check_id: str, key: str, default: str) -> re.Pattern[str]:
    """A regular expression for a whole name. Raises CannotRun where it is none."""
    text = text_option(options, check_id, key) or default
    try:
        return re.compile(text)
    except re.error as fault:
        sentence = f"[checks.{check_id}] {key} is no regular expression: {fault}"
        raise CannotRun(sentence, f'{key} = "{default}"') from None
