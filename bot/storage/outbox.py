"""What is to be sent: live messages wanted at a version, and what is said once."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import datetime, timedelta

from bot.core.journal import from_text, to_text
from bot.storage.sqlite import json_text, new_id, one, text_or_none
from bot.usecases.books.rows import Live, Said

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


_URGENT, _ROUTINE = 0, 1
_EPHEMERAL_LIFE = timedelta(minutes=5)
_WANT = (
    "INSERT INTO message (id, deployment_id, kind, subject, part, channel, wanted, urgency, wanted_at)"
    " VALUES (:id, :deployment_id, :kind, :subject, :part, :channel, 1, :urgency, :at)"
    " ON CONFLICT (coalesce(deployment_id, ''), kind, subject, part) DO UPDATE SET"
    " wanted = wanted + 1,"
    " wanted_at = CASE WHEN wanted > sent THEN min(wanted_at, excluded.wanted_at) ELSE excluded.wanted_at END,"
    " urgency = CASE WHEN wanted > sent THEN min(urgency, excluded.urgency) ELSE excluded.urgency END,"
    " channel = CASE WHEN ts IS NULL THEN excluded.channel ELSE channel END,"
    " attempts = CASE WHEN state = 'dead' THEN 0 ELSE attempts END,"
    " not_before = CASE WHEN state = 'dead' THEN NULL ELSE not_before END,"
    " state = CASE WHEN state = 'dead' THEN 'pending' ELSE state END"
)
_SAY = (
    "INSERT INTO outbox"
    " (id, key, sort, lane, deployment_id, template, facts, not_before, expires_at, created_at)"
    " VALUES (:id, :key, :sort, :lane, :deployment_id, :template, :facts, :not_before, :expires_at, :at)"
    " ON CONFLICT (key) DO NOTHING"
)


class OutboxBook:
    """Tables `message` and `outbox`, as use cases fill them; `live` and `said` are the publisher's side."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def want(
        self,
        deployment_id: str | None,
        kind: str,
        subject: str,
        channel: str,
        at: datetime,
        *,
        part: int = 0,
        urgent: bool = False,
    ) -> None:
        """Ask for a live message at its next version; makes its row when there is none.

        While it is behind it keeps the time since when it is wanted, and stays urgent once urgent. A message that was
        given up gets another chance. A message that is posted stays in its channel.
        """
        key = {"deployment_id": deployment_id, "kind": kind, "subject": subject, "part": part}
        urgency = _URGENT if urgent else _ROUTINE
        values = {"id": new_id(), "channel": channel, "at": to_text(at), "urgency": urgency, **key}
        self._connection.execute(_WANT, values)

    def say(self, said: Said, at: datetime) -> bool:
        """False when that key was said already. An ephemeral expires after 5 minutes unless it says otherwise.

        Raises TypeError for facts that JSON does not know.
        """
        expires_at = said.expires_at
        if expires_at is None and said.sort == "ephemeral":
            expires_at = at + _EPHEMERAL_LIFE
        row = {
            **{name: getattr(said, name) for name in ("key", "sort", "lane", "deployment_id", "template")},
            "id": new_id(),
            "facts": json_text(dict(said.facts)),
            "not_before": text_or_none(said.not_before),
            "expires_at": text_or_none(expires_at),
            "at": to_text(at),
        }
        return self._connection.execute(_SAY, row).rowcount == 1

    def hasten(self, key: str) -> bool:
        """Send what was put off on purpose as soon as its lane is free."""
        sql = "UPDATE outbox SET not_before = NULL WHERE key = ? AND attempts = 0 AND not_before IS NOT NULL"
        return self._connection.execute(sql, (key,)).rowcount == 1

    def wanted(self, deployment_id: str) -> tuple[Live, ...]:
        """Every live message of a deployment, in the order in which they were first wanted."""
        rows = self._connection.execute("SELECT * FROM message WHERE deployment_id = ? ORDER BY id", (deployment_id,))
        return tuple(live(row) for row in rows)

    def message_at(self, channel: str, ts: str) -> Live | None:
        """The live message that Slack shows there."""
        row = one(self._connection, "SELECT * FROM message WHERE channel = ? AND ts = ?", (channel, ts))
        return None if row is None else live(row)
