"""Names and free text, kept apart from the rows that mention them, so that they can be erased."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Iterable, Iterator
from datetime import datetime

from bot.core.journal import REMOVED, text_digest
from bot.core.times import to_text

_CHUNK = 500


class Texts:
    """The side table `private_text`, for one unit of work.

    The same text kept twice inside one unit gets one digest: the decision and its journal entry then share it,
    and erasing that digest erases both. Across units the salts differ, so that equal texts cannot be told.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._kept: dict[str, str] = {}

    def keep(self, text: str) -> str:
        """The salted digest of this text. Raises ValueError for half a character."""
        if text not in self._kept:
            salt = secrets.token_hex(16)
            digest = text_digest(salt, text)
            self._connection.execute(
                "INSERT INTO private_text (digest, salt, text) VALUES (?, ?, ?)", (digest, salt, text)
            )
            self._kept[text] = digest
        return self._kept[text]

    def keep_optional(self, text: str) -> str | None:
        """None for the empty text, which says nothing about anyone."""
        return self.keep(text) if text else None

    def find(self, digests: Iterable[str]) -> dict[str, tuple[str, str | None]]:
        """digest -> (salt, text or None where erased); digests of something else are left out."""
        found: dict[str, tuple[str, str | None]] = {}
        for chunk in _chunks(digests):
            sql = f"SELECT digest, salt, text FROM private_text WHERE digest IN ({_marks(chunk)})"
            found.update({row["digest"]: (row["salt"], row["text"]) for row in self._connection.execute(sql, chunk)})
        return found

    def erase(self, digests: Iterable[str], at: datetime) -> int:
        """How many texts were there and are gone now."""
        gone = 0
        for chunk in _chunks(digests):
            sql = (
                "UPDATE private_text SET text = NULL, erased_at = ?"
                f" WHERE text IS NOT NULL AND digest IN ({_marks(chunk)})"
            )
            gone += self._connection.execute(sql, (to_text(at), *chunk)).rowcount
        return gone


def shown(digest: str | None, text: str | None) -> str:
    """What a reader of the row sees: the text, nothing where there was none, or that it was removed."""
    if digest is None:
        return ""
    return REMOVED if text is None else text


def _chunks(digests: Iterable[str]) -> Iterator[list[str]]:
    """Bound parameters are limited (999 in old builds of SQLite)."""
    wanted = sorted(set(digests))
    for start in range(0, len(wanted), _CHUNK):
        yield wanted[start : start + _CHUNK]


def _marks(values: list[str]) -> str:
    return ", ".join("?" for _ in values)
