"""Erasure of what people wrote and of their names. The chains stay whole: a body holds digests only."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.core.verify import REMOVED, digests_in
from bot.storage.chain import JournalBook, PrivateBook
from bot.storage.sqlite import json_text

_WRITTEN = (
    *(f"SELECT reason AS digest FROM {table} WHERE who = :user" for table in ("decision", "sign_off", "hold")),
    "SELECT reason AS digest FROM break_glass WHERE who = :user",
    "SELECT reason AS digest FROM environment_lock WHERE who = :user",
    "SELECT label AS digest FROM added_line WHERE who = :user",
    "SELECT ended_why AS digest FROM sign_off WHERE cleared_by = :user OR (who = :user AND withdrawn_at IS NOT NULL)",
    "SELECT field.value AS digest FROM deployment, json_each(completion) AS field"
    " WHERE completion ->> 'by' = :user AND field.key IN ('notes', 'lessons')",
)
"""Where the digests of what a person wrote stand, beside the entries of their acts."""


@dataclass(frozen=True)
class Personal:
    """What is kept of one person. `written` and `naming` are digests in `private_text` whose text is still there.

    `naming` are texts of others with the person's id, one of `names` or words of the person in them; `copies` counts
    rows outside of `private_text` that repeat such words (evidence of standing items, messages sent and waiting).
    """

    user_id: str
    names: frozenset[str]
    written: frozenset[str]
    naming: frozenset[str]
    copies: int


class ErasureBook(PrivateBook):
    """Finds and erases personal text over all tables."""

    def of(self, user_id: str) -> Personal:
        """What there is to erase; nothing changes."""
        names, own = self._own_texts(user_id)
        rows = (row for sql in _WRITTEN for row in self._connection.execute(sql, {"user": user_id}))
        own |= {row["digest"] for row in rows if row["digest"]}
        kept = {digest: text for digest, (_, text) in self._texts.find(own).items() if text is not None}
        words = _words(user_id, names, kept.values())
        naming = self._naming(_words(user_id, names | {user_id}, kept.values())) - own
        copies = sum(1 for _ in self._copies(words)) + self._evidence(user_id)
        return Personal(user_id, names, frozenset(kept), frozenset(naming), copies)

    def forget(self, personal: Personal, at: datetime) -> int:
        """Erase all of it, and the cached name; returns how many texts are gone. What was sent stays in Slack."""
        texts = [text for _, text in self._texts.find(personal.written).values() if text]
        words = _words(personal.user_id, personal.names, texts)
        for copy in list(self._copies(words)):
            sql = f"UPDATE {copy.table} SET {copy.column} = ? WHERE id = ?"
            self._connection.execute(sql, (copy.cleared, copy.row_id))
        self._connection.execute("UPDATE standing SET evidence = '' WHERE who = ?", (personal.user_id,))
        self._connection.execute("DELETE FROM subscription WHERE who = ?", (personal.user_id,))
        for table in ("person", "person_hours", "digest", "nudge"):
            self._connection.execute(f"DELETE FROM {table} WHERE user_id = ?", (personal.user_id,))
        erased = personal.written | personal.naming
        self._tell_chains(erased, at)
        return self._texts.erase(erased, at)

    def _tell_chains(self, erased: frozenset[str], at: datetime) -> None:
        """So that whoever verifies an export can tell a removed text from one that somebody took out."""
        journal, told = JournalBook(self._connection, self._texts, self._ledger), dict[str, set[str]]()
        for row in self._connection.execute("SELECT chain, body FROM journal"):
            told.setdefault(row["chain"], set()).update(erased & set(digests_in(json.loads(row["body"]))))
        for chain, digests in told.items():
            if digests:
                journal.append(chain, "texts-removed", at, {"digests": sorted(digests)}, {})

    def _own_texts(self, user_id: str) -> tuple[frozenset[str], set[str]]:
        """Every name the person acted under, and the digests of names and words in the entries of their acts."""
        name_digests: set[str] = set()
        own: set[str] = set()
        for row in self._connection.execute("SELECT body FROM journal"):
            body = json.loads(row["body"])
            if body.get("who") == user_id:
                name_digests |= {body["name"]} if "name" in body else set()
                own |= {body[key] for key in ("name", "reason", "label") if key in body}
        names = {text for _, text in self._texts.find(name_digests).values() if text}
        cached = self._connection.execute("SELECT name FROM person WHERE user_id = ?", (user_id,))
        return frozenset(names | {row["name"] for row in cached}) - {user_id}, own

    def _naming(self, words: re.Pattern[str]) -> set[str]:
        rows = self._connection.execute("SELECT digest, text FROM private_text WHERE text IS NOT NULL")
        return {row["digest"] for row in rows if words.search(row["text"])}

    def _evidence(self, user_id: str) -> int:
        sql = "SELECT count(*) AS n FROM standing WHERE who = ? AND evidence <> ''"
        return int(self._connection.execute(sql, (user_id,)).fetchone()["n"])

    def _copies(self, words: re.Pattern[str]) -> Iterator[_Copy]:
        """Rows that repeat words of the person or the name, each with what stands there afterwards."""
        for table, column in (("outbox", "facts"), ("pending_click", "payload")):
            rows = self._connection.execute(f"SELECT id, {column} AS value FROM {table} WHERE {column} IS NOT NULL")
            for row in rows.fetchall():
                before = json.loads(row["value"])
                after = _without(before, words)
                if after != before:
                    yield _Copy(table, row["id"], column, json_text(after))


@dataclass(frozen=True)
class _Copy:
    """A row that repeats personal words, and what its column holds when they are gone."""

    table: str
    row_id: str
    column: str
    cleared: str


def _words(user_id: str, names: Iterable[str], texts: Iterable[str]) -> re.Pattern[str]:
    """Names, and whole texts of some length: a note that says only "done" is nobody's."""
    words = {*names, *(text for text in texts if len(text) > 8)}
    parts = [rf"(?<!\w){re.escape(word)}(?!\w)" for word in sorted(words, key=len, reverse=True) if word.strip()]
    parts += [re.escape(f"<@{user_id}")] if user_id else []
    return re.compile("|".join(parts) or r"(?!)", re.IGNORECASE)


def _without(value: Any, words: re.Pattern[str]) -> Any:
    """The same with every text that holds such words replaced; ids and keys stay."""
    if isinstance(value, dict):
        return {key: _without(inner, words) for key, inner in value.items()}
    if isinstance(value, list):
        return [_without(inner, words) for inner in value]
    return REMOVED if isinstance(value, str) and words.search(value) else value
