"""Erasure of what people wrote and of their names. The chains stay whole: a body holds digests only."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.core.journal import REMOVED
from bot.storage.chain import PrivateBook
from bot.storage.sqlite import json_text

_REASONS = ("decision", "sign_off", "hold", "break_glass")
_DIGEST = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True)
class Personal:
    """What is kept of one person. `written` and `naming` are digests in `private_text` whose text is still there.

    `naming` are texts of others with the person's id or one of `names` in them; `copies` counts rows outside of
    `private_text` that repeat such words (completion notes, evidence of standing items, messages sent and waiting).
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
        own |= {digest for table in _REASONS for digest in self._reasons(table, user_id)}
        kept = {digest: text for digest, (_, text) in self._texts.find(own).items() if text is not None}
        naming = self._naming(user_id, names) - own
        words = _words(user_id, names, kept.values())
        copies = sum(1 for _ in self._copies(user_id, words)) + self._evidence(user_id)
        return Personal(user_id, names, frozenset(kept), frozenset(naming), copies)

    def forget(self, personal: Personal, at: datetime) -> int:
        """Erase all of it, and the cached name; returns how many texts are gone. What was sent stays in Slack."""
        texts = [text for _, text in self._texts.find(personal.written).values() if text]
        words = _words(personal.user_id, personal.names, texts)
        for copy in list(self._copies(personal.user_id, words)):
            sql = f"UPDATE {copy.table} SET {copy.column} = ? WHERE id = ?"
            self._connection.execute(sql, (copy.cleared, copy.row_id))
        self._connection.execute("UPDATE standing SET evidence = '' WHERE who = ?", (personal.user_id,))
        self._connection.execute("DELETE FROM person WHERE user_id = ?", (personal.user_id,))
        return self._texts.erase(personal.written | personal.naming, at)

    def _own_texts(self, user_id: str) -> tuple[frozenset[str], set[str]]:
        """Every name the person acted under, and the digests of names and words in the entries of their acts."""
        name_digests: set[str] = set()
        own: set[str] = set()
        for row in self._connection.execute("SELECT body FROM journal"):
            body = json.loads(row["body"])
            if body.get("who") == user_id:
                name_digests |= {body["name"]} if "name" in body else set()
                own |= {value for value in body.values() if isinstance(value, str) and _DIGEST.fullmatch(value)}
        names = {text for _, text in self._texts.find(name_digests).values() if text}
        cached = self._connection.execute("SELECT name FROM person WHERE user_id = ?", (user_id,))
        return frozenset(names | {row["name"] for row in cached}) - {user_id}, own

    def _reasons(self, table: str, user_id: str) -> Iterator[str]:
        sql = f"SELECT reason FROM {table} WHERE who = ? AND reason IS NOT NULL"
        yield from (row["reason"] for row in self._connection.execute(sql, (user_id,)))

    def _naming(self, user_id: str, names: frozenset[str]) -> set[str]:
        named = _pattern({user_id, *names})
        rows = self._connection.execute("SELECT digest, text FROM private_text WHERE text IS NOT NULL")
        return {row["digest"] for row in rows if named.search(row["text"])}

    def _evidence(self, user_id: str) -> int:
        sql = "SELECT count(*) AS n FROM standing WHERE who = ? AND evidence <> ''"
        return int(self._connection.execute(sql, (user_id,)).fetchone()["n"])

    def _copies(self, user_id: str, words: re.Pattern[str]) -> Iterator[_Copy]:
        """Rows that repeat words of the person or the name, each with what stands there afterwards."""
        yield from self._in_json("deployment", "completion", words, user_id)
        yield from self._in_json("outbox", "facts", words)
        yield from self._in_json("pending_click", "payload", words)
        rows = self._connection.execute("SELECT id, ended_why, cleared_by FROM sign_off WHERE ended_why IS NOT NULL")
        for row in rows.fetchall():
            is_own = row["cleared_by"] == user_id and row["ended_why"] != REMOVED
            if is_own or words.search(row["ended_why"]):
                yield _Copy("sign_off", row["id"], "ended_why", REMOVED)

    def _in_json(self, table: str, column: str, words: re.Pattern[str], author: str = "") -> Iterator[_Copy]:
        rows = self._connection.execute(f"SELECT id, {column} AS value FROM {table} WHERE {column} IS NOT NULL")
        for row in rows.fetchall():
            before = json.loads(row["value"])
            after = _without(before, words)
            if author and before.get("by") == author and before.get("notes"):
                after = {**after, "notes": REMOVED}
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
    return _pattern({*names, *(text for text in texts if len(text) > 8)}, user_id)


def _pattern(words: Iterable[str], mention: str = "") -> re.Pattern[str]:
    parts = [rf"(?<!\w){re.escape(word)}(?!\w)" for word in sorted(words, key=len, reverse=True) if word.strip()]
    parts += [re.escape(f"<@{mention}")] if mention else []
    return re.compile("|".join(parts) or r"(?!)", re.IGNORECASE)


def _without(value: Any, words: re.Pattern[str]) -> Any:
    """The same with every text that holds such words replaced; ids and keys stay."""
    if isinstance(value, dict):
        return {key: _without(inner, words) for key, inner in value.items()}
    if isinstance(value, list):
        return [_without(inner, words) for inner in value]
    return REMOVED if isinstance(value, str) and words.search(value) else value
