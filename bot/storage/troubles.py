"""Holds, break-glass and baselines."""

from __future__ import annotations

import json
import sqlite3
from datetime import datetime

from bot.core.times import from_text, to_text
from bot.storage.rows import instant_or_none, json_text, one
from bot.storage.texts import Texts, shown
from bot.usecases.books.rows import BreakGlass, Hold


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
