"""Between Python values and what a column holds: TEXT, INTEGER and BLOB only."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from bot.core.times import from_text, to_text


def text_or_none(instant: datetime | None) -> str | None:
    return None if instant is None else to_text(instant)


def instant_or_none(text: str | None) -> datetime | None:
    return None if text is None else from_text(text)


def json_text(value: object) -> str:
    """JSON with sorted keys. Raises TypeError for what JSON does not know, ValueError for NaN."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, allow_nan=False)


def insert_statement(table: str, columns: Iterable[str]) -> str:
    """`INSERT` with one named parameter a column; names come from this package, never from a user."""
    names = tuple(columns)
    return f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join(':' + name for name in names)})"


def one(connection: sqlite3.Connection, sql: str, values: Mapping[str, Any] | tuple[Any, ...]) -> sqlite3.Row | None:
    """The first row or None; the cursor is done when this returns."""
    row: sqlite3.Row | None = next(iter(connection.execute(sql, values).fetchall()), None)
    return row
