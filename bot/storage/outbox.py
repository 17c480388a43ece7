"""What is to be sent: live messages wanted at a version, and what is said once."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta

from bot.core.times import to_text
from bot.storage.ids import new_id
from bot.storage.live import live
from bot.storage.rows import json_text, one, text_or_none
from bot.usecases.books.rows import Live, Said

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
