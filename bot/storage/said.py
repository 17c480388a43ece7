"""Said rows, as the publisher sends them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from bot.core.journal import from_text, to_text
from bot.storage.sqlite import instant_or_none, json_text, one
from bot.usecases.books.rows import Said
from bot.usecases.books.units import SaidRow

_RECOVER = (
    "UPDATE outbox SET"
    " error = CASE WHEN sort = 'ephemeral' THEN 'the bot was stopped while sending it' ELSE error END,"
    " state = CASE sort WHEN 'ephemeral' THEN 'dead' ELSE 'unsure' END, not_before = NULL WHERE state = 'sending'"
)
_OPEN = (
    "SELECT * FROM outbox WHERE state IN ('pending', 'sending', 'unsure') AND (expires_at IS NULL OR expires_at > ?)"
    " ORDER BY created_at, id"
)
_SENT = (
    "UPDATE outbox SET state = 'sent', sent_at = :at, channel = nullif(:channel, ''), ts = nullif(:ts, ''),"
    " permalink = nullif(:permalink, ''), error = NULL WHERE id = :id"
)
_EXPIRE = "UPDATE outbox SET state = 'dead', error = 'expired' WHERE state IN ('pending', 'unsure') AND expires_at <= ?"


class SaidBook:
    """Table `outbox`, the publisher's side."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def recover(self) -> int:
        """After a start; returns how many were being sent when the process ended."""
        return self._connection.execute(_RECOVER).rowcount

    def get(self, delivery_id: str) -> SaidRow | None:
        row = one(self._connection, "SELECT * FROM outbox WHERE id = ?", (delivery_id,))
        return None if row is None else _said_row(row)

    def at_place(self, channel: str, ts: str) -> SaidRow | None:
        """The row that Slack shows there."""
        row = one(self._connection, "SELECT * FROM outbox WHERE channel = ? AND ts = ?", (channel, ts))
        return None if row is None else _said_row(row)

    def on_its_way(self) -> tuple[SaidRow, ...]:
        """Rows that were given to Slack and are not known to have arrived."""
        rows = self._connection.execute("SELECT * FROM outbox WHERE state IN ('sending', 'unsure') ORDER BY created_at")
        return tuple(_said_row(row) for row in rows)

    def open(self, at: datetime, limit: int = 100) -> tuple[SaidRow, ...]:
        """The head of every lane that may be sent now, oldest first."""
        rows = self._connection.execute(_OPEN, (to_text(at),)).fetchall()
        return tuple(_said_row(row) for row in list(_heads(rows, to_text(at)))[:limit])

    def start_sending(self, delivery_id: str) -> SaidRow | None:
        """The row as it was, one attempt more; it is `sending` now. None where it is not open any more."""
        before = self.get(delivery_id)
        if before is None or before.state not in {"pending", "unsure"}:
            return None
        self._connection.execute(
            "UPDATE outbox SET state = 'sending', attempts = attempts + 1 WHERE id = ?", (delivery_id,)
        )
        return replace(before, attempts=before.attempts + 1)

    def mark_sent(
        self, delivery_id: str, at: datetime, *, channel: str = "", ts: str = "", permalink: str = ""
    ) -> None:
        place = {"channel": channel, "ts": ts, "permalink": permalink}
        self._connection.execute(_SENT, {"id": delivery_id, "at": to_text(at), **place})

    def mark_unsure(self, delivery_id: str, not_before: datetime, error: str) -> None:
        """The answer was lost: to be looked up by its key before it is sent again."""
        self._move(delivery_id, "unsure", to_text(not_before), error)

    def retry_at(self, delivery_id: str, not_before: datetime, error: str) -> None:
        """Slack refused for now; its lane waits."""
        self._move(delivery_id, "pending", to_text(not_before), error)

    def mark_dead(self, delivery_id: str, error: str) -> None:
        self._move(delivery_id, "dead", None, error)

    def keep_progress(self, delivery_id: str, progress: Mapping[str, str]) -> None:
        """Steps of a file that are done."""
        sql = "UPDATE outbox SET progress = ? WHERE id = ?"
        self._connection.execute(sql, (json_text(dict(progress)), delivery_id))

    def expire(self, at: datetime) -> int:
        """Open rows past `expires_at` are dead; returns how many."""
        return self._connection.execute(_EXPIRE, (to_text(at),)).rowcount

    def dead(self, limit: int = 100) -> tuple[SaidRow, ...]:
        """What was given up, newest first."""
        sql = "SELECT * FROM outbox WHERE state = 'dead' ORDER BY created_at DESC, id DESC LIMIT ?"
        return tuple(_said_row(row) for row in self._connection.execute(sql, (limit,)))

    def _move(self, delivery_id: str, state: str, not_before: str | None, error: str) -> None:
        sql = "UPDATE outbox SET state = ?, not_before = ?, error = ? WHERE id = ?"
        self._connection.execute(sql, (state, not_before, error, delivery_id))


def _heads(rows: Iterable[sqlite3.Row], at: str) -> Iterator[sqlite3.Row]:
    """First open row a lane, where its time has come. A row put off on purpose lets later ones of its lane pass."""
    busy: set[str] = set()
    for row in rows:
        waits = row["not_before"] is not None and row["not_before"] > at
        if row["lane"] in busy or (waits and row["attempts"] == 0):
            continue
        busy.add(row["lane"])
        if not waits and row["state"] != "sending":
            yield row


def _said_row(row: sqlite3.Row) -> SaidRow:
    return SaidRow(
        id=row["id"],
        said=_said(row),
        state=row["state"],
        attempts=row["attempts"],
        created_at=from_text(row["created_at"]),
        progress=json.loads(row["progress"]) if row["progress"] else {},
        channel=row["channel"],
        ts=row["ts"],
        permalink=row["permalink"],
        error=row["error"],
        sent_at=instant_or_none(row["sent_at"]),
    )


def _said(row: sqlite3.Row) -> Said:
    return Said(
        key=row["key"],
        sort=row["sort"],
        lane=row["lane"],
        template=row["template"],
        facts=json.loads(row["facts"]),
        deployment_id=row["deployment_id"],
        expires_at=instant_or_none(row["expires_at"]),
        not_before=instant_or_none(row["not_before"]),
    )
