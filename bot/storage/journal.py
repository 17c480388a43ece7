"""The hash-chained journal; its names and free text lie in `private_text`."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from bot.core.journal import FIRST_PREV, Entry, body_text, link
from bot.core.times import to_text
from bot.storage.rows import one
from bot.storage.texts import Texts

_ENTRY = "SELECT chain, seq, prev, body, hash FROM journal WHERE chain = ?"
_DIGEST = re.compile("[0-9a-f]{64}")
_OWN_KEYS = frozenset({"event", "at"})


class JournalBook:
    """Table `journal`."""

    def __init__(self, connection: sqlite3.Connection, texts: Texts) -> None:
        self._connection = connection
        self._texts = texts

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
        self._connection.execute(
            "INSERT INTO journal (chain, seq, prev, body, hash) VALUES (?, ?, ?, ?, ?)",
            (entry.chain, entry.seq, entry.prev, entry.body, entry.hash),
        )
        return entry

    def entries(self, chain: str) -> tuple[Entry, ...]:
        """In order of the chain."""
        return tuple(Entry(*row) for row in self._connection.execute(f"{_ENTRY} ORDER BY seq", (chain,)))

    def head(self, chain: str) -> Entry | None:
        row = one(self._connection, f"{_ENTRY} ORDER BY seq DESC LIMIT 1", (chain,))
        return None if row is None else Entry(*row)

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
