"""What is to be sent: live messages wanted at a version, and what is said once."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.core.journal import to_text
from bot.storage.sqlite import Book, columns, every, first, insert_once, json_text, new_id, reader_of
from bot.usecases.books.rows import Live, Said
from bot.usecases.books.units import SaidRow

_live = reader_of(Live)
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
    " rendered_hash = :rendered_hash, ts = coalesce(:ts, ts), thread_ts = coalesce(:thread_ts, thread_ts),"
    " channel = coalesce(:channel, channel)"
    " WHERE id = :id"
)
_RETRY = "UPDATE message SET state = CASE WHEN ts IS NULL THEN 'pending' ELSE 'sent' END, not_before = ? WHERE id = ?"
_GONE = (
    "UPDATE message SET state = 'pending', ts = NULL, rendered_hash = NULL, sent = 0, attempts = 0, not_before = NULL"
    " WHERE id = ?"
)


class LiveBook(Book):
    """Table `message`, the publisher's side."""

    def recover(self) -> int:
        """After a start: what was being sent is `unsure` (a first post) or sent again; returns how many."""
        return self._connection.execute(_RECOVER).rowcount

    def get(self, message_id: str) -> Live | None:
        return first(self._connection, _live, "SELECT * FROM message WHERE id = ?", (message_id,))

    def behind(self, at: datetime, limit: int = 100) -> tuple[Live, ...]:
        """Messages to send now; urgent first, then the longest wanted."""
        return every(self._connection, _live, _BEHIND, (to_text(at), limit))

    def on_its_way(self, channels: Sequence[str]) -> tuple[Live, ...]:
        """First posts that were given to Slack for one of these channels and are not known to have arrived."""
        places = ", ".join("?" * len(channels))
        sql = f"SELECT * FROM message WHERE channel IN ({places}) AND ts IS NULL AND state IN ('sending', 'unsure')"
        return every(self._connection, _live, sql, tuple(channels))

    def start_sending(self, message_id: str) -> Live | None:
        """The message as it was, one attempt more; the row is `sending` now. None where it is not to be sent.

        `state == "unsure"` in the answer means: look the first post up before sending.
        """
        before = self.get(message_id)
        if before is None or not self._connection.execute(_START, (message_id,)).rowcount:
            return None
        return replace(before, attempts=before.attempts + 1)

    def mark_sent(
        self,
        message_id: str,
        version: int,
        rendered_hash: str,
        *,
        ts: str | None = None,
        thread_ts: str | None = None,
        channel: str | None = None,
    ) -> None:
        """Sent, or found unchanged, at `version`; a click since then leaves it behind.

        `channel` is where it was posted, where that is known only since: a DM has a channel once it was opened.
        """
        row = {"version": version, "rendered_hash": rendered_hash, "ts": ts, "thread_ts": thread_ts, "channel": channel}
        self._connection.execute(_SENT, {"id": message_id, **row})

    def mark_unsure(self, message_id: str, not_before: datetime) -> None:
        """The answer to a first post was lost."""
        sql = "UPDATE message SET state = 'unsure', not_before = ? WHERE id = ?"
        self._connection.execute(sql, (to_text(not_before), message_id))

    def retry_at(self, message_id: str, not_before: datetime) -> None:
        """Slack refused for now, or an update got no answer."""
        self._connection.execute(_RETRY, (to_text(not_before), message_id))

    def keep_until(self, message_id: str, not_before: datetime) -> None:
        """Put off on purpose: its person is left alone now. It is as if it had never been tried."""
        sql = "UPDATE message SET state = 'pending', not_before = ?, attempts = 0 WHERE id = ?"
        self._connection.execute(sql, (to_text(not_before), message_id))

    def hasten(self, channel: str) -> None:
        """What waits for this channel is tried at once."""
        self._connection.execute("UPDATE message SET not_before = NULL WHERE channel = ? AND wanted > sent", (channel,))

    def mark_gone(self, message_id: str) -> None:
        """Slack does not know the message any more: it is posted anew."""
        self._connection.execute(_GONE, (message_id,))

    def mark_dead(self, message_id: str) -> None:
        """Given up, until it is wanted again."""
        self._connection.execute("UPDATE message SET state = 'dead' WHERE id = ?", (message_id,))


_said_row = reader_of(SaidRow, said=reader_of(Said), progress=lambda row: json.loads(row["progress"] or "{}"))
_RECOVER_SAID = (
    "UPDATE outbox SET"
    " error = CASE WHEN sort = 'ephemeral' THEN 'the bot was stopped while sending it' ELSE error END,"
    " state = CASE sort WHEN 'ephemeral' THEN 'dead' ELSE 'unsure' END, not_before = NULL WHERE state = 'sending'"
)
_OPEN = (
    "SELECT * FROM outbox WHERE state IN ('pending', 'sending', 'unsure') AND (expires_at IS NULL OR expires_at > ?)"
    " ORDER BY created_at, id"
)
_SENT_SAID = (
    "UPDATE outbox SET state = 'sent', sent_at = :at, channel = nullif(:channel, ''), ts = nullif(:ts, ''),"
    " error = NULL WHERE id = :id"
)


class SaidBook(Book):
    """Table `outbox`, the publisher's side."""

    def recover(self) -> int:
        """After a start: what was being sent is `unsure`, an ephemeral dead (at most once); returns how many."""
        return self._connection.execute(_RECOVER_SAID).rowcount

    def get(self, delivery_id: str) -> SaidRow | None:
        return first(self._connection, _said_row, "SELECT * FROM outbox WHERE id = ?", (delivery_id,))

    def at_place(self, channel: str, ts: str) -> SaidRow | None:
        """The row that Slack shows there: a click in any other message is in a copy."""
        return first(self._connection, _said_row, "SELECT * FROM outbox WHERE channel = ? AND ts = ?", (channel, ts))

    def on_its_way(self) -> tuple[SaidRow, ...]:
        """Rows that were given to Slack and are not known to have arrived."""
        sql = "SELECT * FROM outbox WHERE state IN ('sending', 'unsure') ORDER BY created_at"
        return every(self._connection, _said_row, sql)

    def open(self, at: datetime, limit: int = 100) -> tuple[SaidRow, ...]:
        """The head of every lane that may be sent now, oldest first."""
        rows = self._connection.execute(_OPEN, (to_text(at),)).fetchall()
        return tuple(_said_row(row) for row in list(_heads(rows, to_text(at)))[:limit])

    def start_sending(self, delivery_id: str) -> SaidRow | None:
        """The row as it was (`unsure`: look it up first), one attempt more; `sending` now. None where not open."""
        before = self.get(delivery_id)
        if before is None or before.state not in {"pending", "unsure"}:
            return None
        sql = "UPDATE outbox SET state = 'sending', attempts = attempts + 1 WHERE id = ?"
        self._connection.execute(sql, (delivery_id,))
        return replace(before, attempts=before.attempts + 1)

    def mark_sent(self, delivery_id: str, at: datetime, *, channel: str = "", ts: str = "") -> None:
        row = {"id": delivery_id, "at": to_text(at), "channel": channel, "ts": ts}
        self._connection.execute(_SENT_SAID, row)

    def mark_unsure(self, delivery_id: str, not_before: datetime, error: str) -> None:
        """The answer was lost: to be looked up by its key before it is sent again."""
        self._move(delivery_id, "unsure", to_text(not_before), error)

    def retry_at(self, delivery_id: str, not_before: datetime, error: str) -> None:
        """Slack refused for now; its lane waits."""
        self._move(delivery_id, "pending", to_text(not_before), error)

    def keep_until(self, delivery_id: str, not_before: datetime) -> None:
        """Put off on purpose: its person is left alone now, and later ones of its lane pass."""
        sql = "UPDATE outbox SET state = 'pending', not_before = ?, attempts = 0 WHERE id = ?"
        self._connection.execute(sql, (to_text(not_before), delivery_id))

    def hasten(self, channel: str) -> None:
        """What was refused there before is tried at once."""
        sql = "UPDATE outbox SET not_before = NULL WHERE state = 'pending' AND attempts > 0"
        self._connection.execute(f"{sql} AND json_extract(facts, '$.channel') = ?", (channel,))

    def mark_dead(self, delivery_id: str, error: str) -> None:
        self._move(delivery_id, "dead", None, error)

    def keep_progress(self, delivery_id: str, progress: Mapping[str, str]) -> None:
        """Steps of a file that are done."""
        sql = "UPDATE outbox SET progress = ? WHERE id = ?"
        self._connection.execute(sql, (json_text(dict(progress)), delivery_id))

    def expire(self, at: datetime) -> int:
        """Open rows past `expires_at` are dead; returns how many."""
        sql = "UPDATE outbox SET state = 'dead', error = 'expired' WHERE expires_at <= ?"
        return self._connection.execute(f"{sql} AND state IN ('pending', 'unsure')", (to_text(at),)).rowcount

    def dead(self, limit: int = 100) -> tuple[SaidRow, ...]:
        """What was given up, newest first."""
        sql = "SELECT * FROM outbox WHERE state = 'dead' ORDER BY created_at DESC, id DESC LIMIT ?"
        return every(self._connection, _said_row, sql, (limit,))

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


_EPHEMERAL_LIFE = timedelta(minutes=5)
_WANT = (
    "INSERT INTO message"
    " (id, deployment_id, kind, subject, part, channel, wanted, urgency, wanted_at, not_before, at_any_hour)"
    " VALUES (:id, :deployment_id, :kind, :subject, :part, :channel, 1, :urgency, :at, :not_before, :at_any_hour)"
    " ON CONFLICT (coalesce(deployment_id, ''), kind, subject, part) DO UPDATE SET"
    " wanted = wanted + 1,"
    " wanted_at = CASE WHEN wanted > sent THEN min(wanted_at, excluded.wanted_at) ELSE excluded.wanted_at END,"
    " urgency = CASE WHEN wanted > sent THEN min(urgency, excluded.urgency) ELSE excluded.urgency END,"
    " at_any_hour = max(at_any_hour, excluded.at_any_hour),"
    " channel = CASE WHEN ts IS NULL THEN excluded.channel ELSE channel END,"
    " attempts = CASE WHEN state = 'dead' THEN 0 ELSE attempts END,"
    " not_before = CASE WHEN state = 'dead' THEN NULL ELSE not_before END,"
    " state = CASE WHEN state = 'dead' THEN 'pending' ELSE state END"
)


class OutboxBook(Book):
    """Tables `message` and `outbox`, as use cases fill them; `live` and `said` are the publisher's side."""

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
        not_before: datetime | None = None,
        at_any_hour: bool = False,
    ) -> None:
        """Ask for a live message at its next version; makes its row when there is none.

        A new one stays away until `not_before`, unless it is woken. One for a person who is to be woken, `at_any_hour`,
        never waits for their morning again.
        While it is behind it keeps the time since when it is wanted, and stays urgent once urgent. A message that was
        given up gets another chance. A message that is posted stays in its channel.
        """
        key = {"deployment_id": deployment_id, "kind": kind, "subject": subject, "part": part}
        row = {"id": new_id(), **key, "channel": channel, "at": to_text(at), "urgency": 0 if urgent else 1}
        row |= {"at_any_hour": int(at_any_hour)}
        self._connection.execute(_WANT, row | {"not_before": to_text(not_before) if not_before else None})

    def wake(self, message_id: str) -> None:
        """Send a live message that was put off on purpose at once; nothing where it is there or on its way."""
        sql = "UPDATE message SET not_before = NULL WHERE id = ? AND ts IS NULL AND attempts = 0"
        self._connection.execute(sql, (message_id,))

    def say(self, said: Said, at: datetime) -> bool:
        """False when that key was said already. An ephemeral expires after 5 minutes unless it says otherwise.

        Raises TypeError for facts that JSON does not know.
        """
        if said.expires_at is None and said.sort == "ephemeral":
            said = replace(said, expires_at=at + _EPHEMERAL_LIFE)
        return insert_once(self._connection, "outbox", columns(said, id=new_id(), created_at=to_text(at)))

    def hasten(self, key: str) -> bool:
        """Send what was put off on purpose as soon as its lane is free; False where it was not, or is on its way."""
        sql = "UPDATE outbox SET not_before = NULL WHERE key = ? AND attempts = 0 AND not_before IS NOT NULL"
        return self._connection.execute(sql, (key,)).rowcount == 1

    def wanted(self, deployment_id: str | None) -> tuple[Live, ...]:
        """Every live message of a deployment, or (None) of none, in the order in which they were first wanted."""
        sql = "SELECT * FROM message WHERE deployment_id IS ? ORDER BY id"
        return every(self._connection, _live, sql, (deployment_id,))

    def message_at(self, channel: str, ts: str) -> Live | None:
        """The live message that Slack shows there."""
        return first(self._connection, _live, "SELECT * FROM message WHERE channel = ? AND ts = ?", (channel, ts))
