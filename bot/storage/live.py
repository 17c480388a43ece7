"""Live messages, as the publisher sends them."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import datetime

from bot.core.times import from_text, to_text
from bot.storage.rows import one
from bot.usecases.books.rows import Live

# A first post may have arrived although its answer is lost; an update may simply be sent again.
_RECOVER = (
    "UPDATE message SET state = CASE WHEN ts IS NULL THEN 'unsure' ELSE 'sent' END, not_before = NULL"
    " WHERE state = 'sending'"
)
_BEHIND = (
    "SELECT * FROM message WHERE wanted > sent AND state NOT IN ('sending', 'dead')"
    " AND (not_before IS NULL OR not_before <= ?) ORDER BY urgency, wanted_at, id LIMIT ?"
)
_START = (
    "UPDATE message SET state = 'sending', attempts = attempts + 1"
    " WHERE id = ? AND wanted > sent AND state NOT IN ('sending', 'dead')"
)
_SENT = (
    "UPDATE message SET state = 'sent', attempts = 0, not_before = NULL, sent = max(sent, :version),"
    " rendered_hash = :rendered_hash, ts = coalesce(:ts, ts), thread_ts = coalesce(:thread_ts, thread_ts)"
    " WHERE id = :id"
)
_RETRY = "UPDATE message SET state = CASE WHEN ts IS NULL THEN 'pending' ELSE 'sent' END, not_before = ? WHERE id = ?"
_GONE = (
    "UPDATE message SET state = 'pending', ts = NULL, rendered_hash = NULL, sent = 0, attempts = 0, not_before = NULL"
    " WHERE id = ?"
)


class LiveBook:
    """Table `message`, the publisher's side."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def recover(self) -> int:
        """After a start; returns how many were being sent when the process ended."""
        return self._connection.execute(_RECOVER).rowcount

    def get(self, message_id: str) -> Live | None:
        row = one(self._connection, "SELECT * FROM message WHERE id = ?", (message_id,))
        return None if row is None else live(row)

    def behind(self, at: datetime, limit: int = 100) -> tuple[Live, ...]:
        """Messages to send now; urgent first, then the longest wanted."""
        return tuple(live(row) for row in self._connection.execute(_BEHIND, (to_text(at), limit)))

    def start_sending(self, message_id: str) -> Live | None:
        """The message as it was, one attempt more; the row is `sending` now. None where it is not to be sent.

        `state == "unsure"` in the answer means: look the first post up before sending.
        """
        before = self.get(message_id)
        if before is None or not self._connection.execute(_START, (message_id,)).rowcount:
            return None
        return replace(before, attempts=before.attempts + 1)

    def mark_sent(
        self, message_id: str, version: int, rendered_hash: str, *, ts: str | None = None, thread_ts: str | None = None
    ) -> None:
        """Sent, or found unchanged, at `version`; a click since then leaves it behind."""
        place = {"ts": ts, "thread_ts": thread_ts}
        self._connection.execute(_SENT, {"id": message_id, "version": version, "rendered_hash": rendered_hash, **place})

    def mark_unsure(self, message_id: str, not_before: datetime) -> None:
        """The answer to a first post was lost."""
        sql = "UPDATE message SET state = 'unsure', not_before = ? WHERE id = ?"
        self._connection.execute(sql, (to_text(not_before), message_id))

    def retry_at(self, message_id: str, not_before: datetime) -> None:
        """Slack refused for now, or an update got no answer."""
        self._connection.execute(_RETRY, (to_text(not_before), message_id))

    def mark_gone(self, message_id: str) -> None:
        """Slack does not know the message any more: it is posted anew."""
        self._connection.execute(_GONE, (message_id,))

    def mark_dead(self, message_id: str) -> None:
        """Given up, until it is wanted again."""
        self._connection.execute("UPDATE message SET state = 'dead' WHERE id = ?", (message_id,))


def live(row: sqlite3.Row) -> Live:
    """One row of `message`."""
    return Live(
        id=row["id"],
        deployment_id=row["deployment_id"],
        kind=row["kind"],
        subject=row["subject"],
        part=row["part"],
        channel=row["channel"],
        ts=row["ts"],
        wanted=row["wanted"],
        sent=row["sent"],
        rendered_hash=row["rendered_hash"],
        urgency=row["urgency"],
        state=row["state"],
        attempts=row["attempts"],
        thread_ts=row["thread_ts"],
        wanted_at=from_text(row["wanted_at"]),
    )
