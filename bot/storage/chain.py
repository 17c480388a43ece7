"""The hash-chained journal, and the texts that rows mention: names, free text, checklist revisions."""

from __future__ import annotations

import json
import re
import secrets
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from bot.core.journal import FIRST_PREV, REMOVED, Entry, body_text, link, text_digest, to_text
from bot.storage.sqlite import Book, columns, every, first, insert, insert_once, one, reader_of


class ChecklistBook(Book):
    """Table `checklist_revision`; a revision never changes."""

    def keep(self, sha: str, file: str, text: str) -> None:
        insert_once(self._connection, "checklist_revision", {"sha": sha, "file": file, "text": text})

    def text(self, sha: str) -> str:
        """Raises LookupError for a revision that was never kept."""
        return str(self._row(sha)["text"])

    def file(self, sha: str) -> str:
        """Name of the file it was read from. Raises LookupError for a revision that was never kept."""
        return str(self._row(sha)["file"])

    def _row(self, sha: str) -> sqlite3.Row:
        row = one(self._connection, "SELECT file, text FROM checklist_revision WHERE sha = ?", (sha,))
        if row is None:
            raise LookupError(f"no checklist revision {sha} is kept")
        return row


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
            insert(self._connection, "private_text", {"digest": digest, "salt": salt, "text": text})
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


class PrivateBook(Book):
    """A book whose rows mention texts of `private_text` by their digest."""

    def __init__(self, connection: sqlite3.Connection, texts: Texts) -> None:
        super().__init__(connection)
        self._texts = texts


def with_reason(table: str) -> str:
    """The start of a query of that table, with the text of its reasons for `reason_of`."""
    joined = f"LEFT JOIN private_text ON private_text.digest = {table}.reason"
    return f"SELECT {table}.*, private_text.text AS reason_text FROM {table} {joined}"


def reason_of(row: sqlite3.Row) -> str:
    """What a reader of the row sees: the text, nothing where there was none, or that it was removed."""
    if row["reason"] is None:
        return ""
    return REMOVED if row["reason_text"] is None else str(row["reason_text"])


def _chunks(digests: Iterable[str]) -> Iterator[list[str]]:
    """Bound parameters are limited (999 in old builds of SQLite)."""
    wanted = sorted(set(digests))
    for start in range(0, len(wanted), _CHUNK):
        yield wanted[start : start + _CHUNK]


def _marks(values: list[str]) -> str:
    return ", ".join("?" for _ in values)


_entry = reader_of(Entry)
_ENTRIES = "SELECT * FROM journal WHERE chain = ?"
_DIGEST = re.compile("[0-9a-f]{64}")
_OWN_KEYS = frozenset({"event", "at"})


class JournalBook(PrivateBook):
    """Table `journal`."""

    def append(
        self, chain: str, event: str, at: datetime, facts: Mapping[str, object], texts: Mapping[str, str]
    ) -> Entry:
        """Link one entry.

        Each of `texts` (names, free text) goes to the side table; the body holds, under the same key, its salted
        digest: `texts={"reason": "no backup"}` becomes `"reason":"<64 hex digits>"`. A text that the same unit also
        gave to a decision has the same digest there, so that erasing one digest erases both.
        Raises ValueError for a key given twice, NUL, half a character, and types a journal does not hold.
        """
        twice = (facts.keys() & texts.keys()) | ((facts.keys() | texts.keys()) & _OWN_KEYS)
        if twice:
            raise ValueError(f"a journal entry has the key {min(twice)} twice")
        digests = {key: self._texts.keep(text) for key, text in texts.items()}
        last = self.head(chain)
        seq, prev = (1, FIRST_PREV) if last is None else (last.seq + 1, last.hash)
        entry = link(chain, seq, prev, body_text(event, to_text(at), {**facts, **digests}))
        insert(self._connection, "journal", columns(entry))
        return entry

    def entries(self, chain: str) -> tuple[Entry, ...]:
        """In order of the chain."""
        return every(self._connection, _entry, f"{_ENTRIES} ORDER BY seq", (chain,))

    def head(self, chain: str) -> Entry | None:
        return first(self._connection, _entry, f"{_ENTRIES} ORDER BY seq DESC LIMIT 1", (chain,))

    def texts(self, chain: str) -> Mapping[str, tuple[str, str | None]]:
        """digest -> (salt, text), for every digest in the chain; text is None where it was erased."""
        return self._texts.find(digest for entry in self.entries(chain) for digest in _digests(entry.body))

    def erase(self, digests: Iterable[str], at: datetime) -> int:
        """Erase these texts wherever they are mentioned; returns how many were there. The chains stay whole."""
        return self._texts.erase(digests, at)


def _digests(body: str) -> Iterator[str]:
    """Values that look like digests; a fingerprint looks alike and is simply not found in the side table."""
    for value in json.loads(body).values():
        if isinstance(value, str) and _DIGEST.fullmatch(value):
            yield value
