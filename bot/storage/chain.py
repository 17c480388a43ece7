"""The hash-chained journal, and the texts that rows mention: names, free text, checklist revisions."""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from bot.core.journal import Entry, body_text, link, text_digest, to_text
from bot.core.verify import FIRST_PREV, HEADS, REMOVED, digests_in
from bot.storage.ledger import SHOWN, KeptBook, Ledger, Row, rows_of
from bot.storage.sqlite import Book, columns, every, first, insert, insert_once, one, reader_of

if TYPE_CHECKING:
    from bot.core.signing import SigningKey


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
_FILLED_IN = frozenset({"by", "applied", "not_applied"})


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

    def keep_typed(self, completion: Mapping[str, str]) -> dict[str, str]:
        """The fields of a completion: what a person typed as its digest, what the bot filled in as it is."""
        return {
            field: text if field in _FILLED_IN or not text else self.keep(text) for field, text in completion.items()
        }

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
                "UPDATE private_text SET text = NULL, salt = '', erased_at = ?"
                f" WHERE text IS NOT NULL AND digest IN ({_marks(chunk)})"
            )
            gone += self._connection.execute(sql, (to_text(at), *chunk)).rowcount
        return gone


class PrivateBook(KeptBook):
    """A book whose rows mention texts of `private_text` by their digest."""

    def __init__(self, connection: sqlite3.Connection, texts: Texts, ledger: Ledger) -> None:
        super().__init__(connection, ledger)
        self._texts = texts


def query_with(table: str, *names: str) -> str:
    """The start of a query of that table, with the texts of these columns for `text_of`."""
    texts = ", ".join(f"{name}_of.text AS {name}_text" for name in names)
    joined = " ".join(f"LEFT JOIN private_text AS {name}_of ON {name}_of.digest = {table}.{name}" for name in names)
    return f"SELECT {table}.*, {texts} FROM {table} {joined}"


def text_of(row: sqlite3.Row, name: str) -> str:
    """What a reader of the row sees: the text, nothing where there was none, or that it was removed."""
    if row[name] is None:
        return ""
    return REMOVED if row[f"{name}_text"] is None else str(row[f"{name}_text"])


def reason_of(row: sqlite3.Row) -> str:
    return text_of(row, "reason")


def _chunks(digests: Iterable[str]) -> Iterator[list[str]]:
    """Bound parameters are limited (999 in old builds of SQLite)."""
    wanted = sorted(set(digests))
    for start in range(0, len(wanted), _CHUNK):
        yield wanted[start : start + _CHUNK]


def _marks(values: list[str]) -> str:
    return ", ".join("?" for _ in values)


_entry = reader_of(Entry)
_ENTRIES = "SELECT * FROM journal WHERE chain = ?"
_OWN_KEYS = frozenset({"event", "at", "rows", "signed_by"})
Key = Callable[[], "SigningKey | None"]
"""Gives the key that signs heads. It is asked for at a head alone: whatever else is done needs none."""


def unsigned() -> None:
    """No key."""


class JournalBook(PrivateBook):
    """Table `journal`. An entry holds the rows that were written since the one before; a head is signed."""

    def __init__(self, connection: sqlite3.Connection, texts: Texts, ledger: Ledger, key: Key = unsigned) -> None:
        super().__init__(connection, texts, ledger)
        self._key = key

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
        return self._link(chain, event, to_text(at), {**facts, **digests})

    def _link(self, chain: str, event: str, at: str, facts: Mapping[str, object]) -> Entry:
        rows = self._ledger.take(chain)
        last = self._last(chain)
        seq, prev = (1, FIRST_PREV) if last is None else (last.seq + 1, last.hash)
        key = self._key() if event in HEADS else None
        signed = {"signed_by": key.fingerprint} if key else {}
        entry = link(chain, seq, prev, body_text(event, at, {**facts, **signed, **({"rows": rows} if rows else {})}))
        if key:
            entry = replace(entry, signature=key.sign_head(chain, seq, entry.hash))
        insert(self._connection, "journal", columns(entry))
        return entry

    def keep_rows(self) -> None:
        """Link what was written and is in no entry yet, under the time of the entry before: nothing else happened."""
        for chain in self._ledger.chains():
            last = self._last(chain)
            if last is not None:
                self._link(chain, "rows-kept", json.loads(last.body)["at"], {})

    def entries(self, chain: str) -> tuple[Entry, ...]:
        """In order of the chain."""
        self.keep_rows()
        return every(self._connection, _entry, f"{_ENTRIES} ORDER BY seq", (chain,))

    def head(self, chain: str) -> Entry | None:
        self.keep_rows()
        return self._last(chain)

    def _last(self, chain: str) -> Entry | None:
        return first(self._connection, _entry, f"{_ENTRIES} ORDER BY seq DESC LIMIT 1", (chain,))

    def rows(self, deployment_id: str) -> Mapping[str, list[Row]]:
        """The rows that the chain of a deployment holds, as they are stored now, by the name that entries give."""
        return {table: rows_of(self._connection, table, deployment_id) for table in SHOWN}

    def texts(self, chain: str) -> Mapping[str, tuple[str, str | None]]:
        """digest -> (salt, text), for every digest in the chain; text is None where it was erased."""
        return self._texts.find(
            digest for entry in self.entries(chain) for digest in digests_in(json.loads(entry.body))
        )
