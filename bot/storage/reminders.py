"""Reminders as rows; the alarm clock only wakes up for them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import datetime

from bot.core.times import from_text, to_text
from bot.storage.ids import new_id
from bot.storage.rows import one
from bot.usecases.books.rows import Reminder

_SHOWN = "id, deployment_id, kind, subject, due"
_PLAN = (
    "INSERT INTO reminder (id, deployment_id, kind, subject, due) VALUES (?, ?, ?, ?, ?)"
    " ON CONFLICT (deployment_id, kind, subject, due)"
    " DO UPDATE SET state = 'pending', settled_at = NULL WHERE state = 'cancelled'"
)


class ReminderBook:
    """Table `reminder`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

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
        sql = (
            f"UPDATE reminder SET state = 'done', settled_at = ? WHERE id = ? AND state = 'pending' RETURNING {_SHOWN}"
        )
        row = one(self._connection, sql, (to_text(at), reminder_id))
        return None if row is None else _reminder(row)

    def pending(self) -> tuple[Reminder, ...]:
        """The next due first."""
        rows = self._connection.execute(f"SELECT {_SHOWN} FROM reminder WHERE state = 'pending' ORDER BY due, id")
        return tuple(_reminder(row) for row in rows)


def _reminder(row: sqlite3.Row) -> Reminder:
    return Reminder(row["id"], row["deployment_id"], row["kind"], row["subject"], from_text(row["due"]))
