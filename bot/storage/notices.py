"""Notices to stakeholders and who acknowledged them."""

from __future__ import annotations

import sqlite3
from datetime import datetime

from bot.core.times import from_text, to_text
from bot.storage.ids import new_id
from bot.storage.rows import instant_or_none
from bot.usecases.books.rows import Notice

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
