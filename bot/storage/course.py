"""What a deployment lives through: holds, break-glass and baselines; notices, acknowledgements and reminders."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from datetime import datetime

from bot.core.journal import from_text, to_text
from bot.storage.chain import Texts, shown
from bot.storage.sqlite import instant_or_none, json_text, new_id, one
from bot.usecases.books.rows import BreakGlass, Hold, Notice, Reminder


class TroubleBook:
    """Tables `hold`, `break_glass` (reasons in `private_text`) and `baseline`."""

    def __init__(self, connection: sqlite3.Connection, texts: Texts) -> None:
        self._connection = connection
        self._texts = texts

    def hold(self, hold: Hold) -> None:
        self._connection.execute(
            "INSERT INTO hold (id, deployment_id, who, reason, finding, next_statement, at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                *(hold.id, hold.deployment_id, hold.who, self._texts.keep_optional(hold.reason)),
                *(hold.finding, hold.next_statement, to_text(hold.at)),
            ),
        )

    def end_hold(self, hold_id: str, exit: str, ended_by: str, at: datetime) -> None:
        """`exit` says which of the four ways out was taken; a hold that ended keeps its first."""
        self._connection.execute(
            "UPDATE hold SET exit = ?, ended_by = ?, ended_at = ? WHERE id = ? AND ended_at IS NULL",
            (exit, ended_by, to_text(at), hold_id),
        )

    def current_hold(self, deployment_id: str) -> Hold | None:
        row = one(
            self._connection,
            "SELECT hold.*, private_text.text AS reason_text FROM hold"
            " LEFT JOIN private_text ON private_text.digest = hold.reason"
            " WHERE deployment_id = ? AND ended_at IS NULL ORDER BY at DESC, id DESC LIMIT 1",
            (deployment_id,),
        )
        return None if row is None else _hold(row)

    def break_glass(self, record: BreakGlass) -> None:
        self._connection.execute(
            "INSERT INTO break_glass (deployment_id, who, reason, skipped, at, review_due) VALUES (?, ?, ?, ?, ?, ?)",
            (
                *(record.deployment_id, record.who, self._texts.keep(record.reason)),
                *(json_text(list(record.skipped)), to_text(record.at), to_text(record.review_due)),
            ),
        )

    def broken_glass(self, deployment_id: str) -> BreakGlass | None:
        row = one(
            self._connection,
            "SELECT break_glass.*, private_text.text AS reason_text FROM break_glass"
            " LEFT JOIN private_text ON private_text.digest = break_glass.reason WHERE deployment_id = ?",
            (deployment_id,),
        )
        return None if row is None else _break_glass(row)

    def review_glass(self, deployment_id: str, who: str, at: datetime) -> None:
        """The first review counts."""
        self._connection.execute(
            "UPDATE break_glass SET reviewed_by = ?, reviewed_at = ? WHERE deployment_id = ? AND reviewed_at IS NULL",
            (who, to_text(at), deployment_id),
        )

    def keep_baseline(self, deployment_id: str, data: str, at: datetime) -> None:
        """The newest one taken before go replaces the earlier."""
        self._connection.execute(
            "INSERT INTO baseline (deployment_id, at, data) VALUES (?, ?, ?)"
            " ON CONFLICT (deployment_id) DO UPDATE SET at = excluded.at, data = excluded.data",
            (deployment_id, to_text(at), data),
        )

    def baseline(self, deployment_id: str) -> str | None:
        row = one(self._connection, "SELECT data FROM baseline WHERE deployment_id = ?", (deployment_id,))
        return None if row is None else str(row["data"])


def _hold(row: sqlite3.Row) -> Hold:
    return Hold(
        id=row["id"],
        deployment_id=row["deployment_id"],
        who=row["who"],
        reason=shown(row["reason"], row["reason_text"]),
        finding=row["finding"],
        next_statement=row["next_statement"],
        at=from_text(row["at"]),
        exit=row["exit"],
        ended_at=instant_or_none(row["ended_at"]),
    )


def _break_glass(row: sqlite3.Row) -> BreakGlass:
    return BreakGlass(
        deployment_id=row["deployment_id"],
        who=row["who"],
        reason=shown(row["reason"], row["reason_text"]),
        skipped=tuple(json.loads(row["skipped"])),
        at=from_text(row["at"]),
        review_due=from_text(row["review_due"]),
        reviewed_by=row["reviewed_by"],
        reviewed_at=instant_or_none(row["reviewed_at"]),
    )


_NOTICES = (
    "SELECT notice.*, outbox.sent_at AS delivered_at, outbox.permalink AS permalink FROM notice"
    " LEFT JOIN outbox ON outbox.key = notice.outbox_key"
)


class NoticeBook:
    """Tables `notice` and `acknowledgement`; delivery is read from the outbox row that carries the notice."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def add(self, deployment_id: str, state: str, audience: str, outbox_key: str, at: datetime) -> bool:
        """False where that audience was told of that state already."""
        added = self._connection.execute(
            "INSERT INTO notice (id, deployment_id, state, audience, outbox_key, at) VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (deployment_id, state, audience) DO NOTHING",
            (new_id(), deployment_id, state, audience, outbox_key, to_text(at)),
        )
        return added.rowcount == 1

    def of(self, deployment_id: str) -> tuple[Notice, ...]:
        """Oldest first."""
        return self._many("notice.deployment_id = ?", deployment_id)

    def get(self, notice_id: str) -> Notice | None:
        return next(iter(self._many("notice.id = ?", notice_id)), None)

    def acknowledge(self, notice_id: str, who: str, at: datetime) -> bool:
        """False where that person had acknowledged it before."""
        added = self._connection.execute(
            "INSERT INTO acknowledgement (notice_id, who, at) VALUES (?, ?, ?) ON CONFLICT (notice_id, who) DO NOTHING",
            (notice_id, who, to_text(at)),
        )
        return added.rowcount == 1

    def _many(self, where: str, value: str) -> tuple[Notice, ...]:
        rows = self._connection.execute(f"{_NOTICES} WHERE {where} ORDER BY notice.at, notice.id", (value,))
        return tuple(self._notice(row) for row in rows.fetchall())

    def _notice(self, row: sqlite3.Row) -> Notice:
        sql = "SELECT who FROM acknowledgement WHERE notice_id = ? ORDER BY at, who"
        return Notice(
            id=row["id"],
            deployment_id=row["deployment_id"],
            state=row["state"],
            audience=row["audience"],
            at=from_text(row["at"]),
            delivered_at=instant_or_none(row["delivered_at"]),
            permalink=row["permalink"],
            acknowledged=tuple(seen["who"] for seen in self._connection.execute(sql, (row["id"],))),
        )


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
