"""When the clock has to look, what each person was told in a morning, how often of what, and what they put off."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime

from bot.core.journal import to_text
from bot.storage.sqlite import Book, every, first, insert_once, json_text, new_id, one, reader_of
from bot.usecases.books.rows import Digest, DigestLine, Nudge, Reminder

_reminder = reader_of(Reminder)
_PLAN = (
    "INSERT INTO reminder (id, deployment_id, kind, subject, due) VALUES (?, ?, ?, ?, ?)"
    " ON CONFLICT (deployment_id, kind, subject, due)"
    " DO UPDATE SET state = 'pending', settled_at = NULL WHERE state = 'cancelled'"
)


class ReminderBook(Book):
    """Table `reminder`."""

    def plan(self, deployment_id: str, kind: str, subject: str, due: datetime) -> None:
        """Once for the same time. A cancelled one waits again: a parked deployment comes back."""
        self._connection.execute(_PLAN, (new_id(), deployment_id, kind, subject, to_text(due)))

    def cancel(self, deployment_id: str, kinds: Iterable[str] | None, at: datetime) -> None:
        """Cancel the pending ones of these kinds; None means of every kind."""
        sql = "UPDATE reminder SET state = 'cancelled', settled_at = ? WHERE deployment_id = ? AND state = 'pending'"
        values = (to_text(at), deployment_id)
        if kinds is None:
            self._connection.execute(sql, values)
        else:
            self._connection.executemany(f"{sql} AND kind = ?", [(*values, kind) for kind in kinds])

    def claim(self, reminder_id: str, at: datetime) -> Reminder | None:
        """The reminder when it was still pending and is now done; None otherwise."""
        sql = "UPDATE reminder SET state = 'done', settled_at = ? WHERE id = ? AND state = 'pending' RETURNING *"
        return first(self._connection, _reminder, sql, (to_text(at), reminder_id))

    def pending(self) -> tuple[Reminder, ...]:
        """The next due first."""
        sql = "SELECT * FROM reminder WHERE state = 'pending' ORDER BY due, id"
        return every(self._connection, _reminder, sql)


_digest = reader_of(Digest, lines=lambda row: tuple(DigestLine(**line) for line in json.loads(row["lines"])))
_nudge = reader_of(Nudge)
_TOLD = (
    "INSERT INTO nudge (team, user_id, cause, times, last_at) VALUES (?, ?, ?, 1, ?)"
    " ON CONFLICT (team, user_id, cause) DO UPDATE SET times = times + 1, last_at = excluded.last_at,"
    " snoozed_until = NULL"
)
_SNOOZE = (
    "INSERT INTO nudge (team, user_id, cause, snoozed_until) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (team, user_id, cause) DO UPDATE SET snoozed_until = excluded.snoozed_until"
)
_WAKE = "UPDATE nudge SET snoozed_until = NULL WHERE team = ? AND user_id = ? AND snoozed_until <= ?"


class DigestBook(Book):
    """Tables `digest` and `nudge`, of the workspace last learned."""

    def add(self, digest: Digest) -> bool:
        """False where that person was told in that slot already: whoever adds it tells. Earlier empty ones are gone."""
        sql = "DELETE FROM digest WHERE team = ? AND user_id = ? AND lines = '[]' AND slot < ?"
        self._connection.execute(sql, (self._team(), digest.user_id, digest.slot))
        lines = json_text([asdict(line) for line in digest.lines])
        row = {"team": self._team(), "user_id": digest.user_id, "slot": digest.slot, "at": to_text(digest.at)}
        return insert_once(self._connection, "digest", row | {"lines": lines})

    def newest(self, user_id: str) -> Digest | None:
        sql = "SELECT * FROM digest WHERE team = ? AND user_id = ? ORDER BY slot DESC LIMIT 1"
        return first(self._connection, _digest, sql, (self._team(), user_id))

    def last_told(self, user_id: str) -> Digest | None:
        """The newest one that had something to say."""
        sql = "SELECT * FROM digest WHERE team = ? AND user_id = ? AND lines <> '[]' ORDER BY slot DESC LIMIT 1"
        return first(self._connection, _digest, sql, (self._team(), user_id))

    def get(self, user_id: str, slot: str) -> Digest | None:
        sql = "SELECT * FROM digest WHERE team = ? AND user_id = ? AND slot = ?"
        return first(self._connection, _digest, sql, (self._team(), user_id, slot))

    def nudges(self, user_id: str) -> Mapping[str, Nudge]:
        """By cause."""
        sql = "SELECT * FROM nudge WHERE team = ? AND user_id = ?"
        return {found.cause: found for found in every(self._connection, _nudge, sql, (self._team(), user_id))}

    def told(self, user_id: str, causes: Iterable[str], at: datetime) -> None:
        """Once more of each; what was put off is over."""
        self._each(_TOLD, user_id, causes, at)

    def snooze(self, user_id: str, causes: Iterable[str], until: datetime) -> None:
        self._each(_SNOOZE, user_id, causes, until)

    def awake(self, at: datetime) -> tuple[str, ...]:
        """Who put something off until now."""
        sql = "SELECT DISTINCT user_id FROM nudge WHERE team = ? AND snoozed_until <= ? ORDER BY user_id"
        return tuple(row["user_id"] for row in self._connection.execute(sql, (self._team(), to_text(at))))

    def wake(self, user_id: str, at: datetime) -> None:
        """What was put off until now is put off no longer."""
        self._connection.execute(_WAKE, (self._team(), user_id, to_text(at)))

    def _each(self, sql: str, user_id: str, causes: Iterable[str], at: datetime) -> None:
        team, when = self._team(), to_text(at)
        self._connection.executemany(sql, [(team, user_id, cause, when) for cause in causes])

    def _team(self) -> str:
        found = one(self._connection, "SELECT team FROM identity ORDER BY learned_at DESC LIMIT 1", ())
        return "" if found is None else str(found["team"])
