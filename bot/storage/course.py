"""What a deployment lives through: holds, break-glass, baselines; notices, acknowledgements; anchors."""

from __future__ import annotations

import json
import sqlite3
from datetime import datetime

from bot.core.journal import Entry, from_text, to_text
from bot.core.verify import REMOVED
from bot.storage.chain import PrivateBook, query_with, reason_of, text_of
from bot.storage.ledger import KeptBook
from bot.storage.sqlite import (
    Book,
    columns,
    every,
    first,
    insert,
    insert_once,
    json_text,
    keep_newest,
    new_id,
    one,
    reader_of,
)
from bot.usecases.books.rows import AnchorRow, BreakGlass, Hold, Notice, Subscription

_hold = reader_of(Hold, reason=reason_of)


def _skipped(row: sqlite3.Row) -> tuple[str, ...]:
    text = text_of(row, "skipped")
    return (text,) if text == REMOVED else tuple(json.loads(text))


_break_glass = reader_of(BreakGlass, reason=reason_of, skipped=_skipped)


class TroubleBook(PrivateBook):
    """Tables `hold`, `break_glass` (reasons in `private_text`) and `baseline`."""

    def hold(self, hold: Hold) -> None:
        insert(self._connection, "hold", columns(hold, reason=self._texts.keep_optional(hold.reason)))
        self._ledger.wrote("hold", hold.deployment_id, hold.id)

    def end_hold(self, hold: Hold, exit: str, ended_by: str, at: datetime) -> None:
        """`exit` says which of the four ways out was taken; a hold that ended keeps its first."""
        self._connection.execute(
            "UPDATE hold SET exit = ?, ended_by = ?, ended_at = ? WHERE id = ? AND ended_at IS NULL",
            (exit, ended_by, to_text(at), hold.id),
        )
        self._ledger.wrote("hold", hold.deployment_id, hold.id)

    def current_hold(self, deployment_id: str) -> Hold | None:
        current = "WHERE deployment_id = ? AND ended_at IS NULL ORDER BY at DESC, id DESC LIMIT 1"
        return first(self._connection, _hold, f"{query_with('hold', 'reason')} {current}", (deployment_id,))

    def break_glass(self, record: BreakGlass) -> None:
        """`skipped` may hold what somebody wrote, a rejection's reason: it is a text like the reason."""
        texts = {"reason": self._texts.keep(record.reason), "skipped": self._texts.keep(json_text(record.skipped))}
        insert(self._connection, "break_glass", columns(record, **texts))
        self._ledger.wrote("break_glass", record.deployment_id)

    def broken_glass(self, deployment_id: str) -> BreakGlass | None:
        sql = f"{query_with('break_glass', 'reason', 'skipped')} WHERE deployment_id = ?"
        return first(self._connection, _break_glass, sql, (deployment_id,))

    def review_glass(self, deployment_id: str, who: str, at: datetime) -> None:
        """The first review counts."""
        self._connection.execute(
            "UPDATE break_glass SET reviewed_by = ?, reviewed_at = ? WHERE deployment_id = ? AND reviewed_at IS NULL",
            (who, to_text(at), deployment_id),
        )
        self._ledger.wrote("break_glass", deployment_id)

    def keep_baseline(self, deployment_id: str, data: str, at: datetime) -> None:
        """The newest one taken before go replaces the earlier."""
        row = {"deployment_id": deployment_id, "at": to_text(at), "data": data}
        keep_newest(self._connection, "baseline", ("deployment_id",), row)

    def baseline(self, deployment_id: str) -> str | None:
        row = one(self._connection, "SELECT data FROM baseline WHERE deployment_id = ?", (deployment_id,))
        return None if row is None else str(row["data"])


def _times(row: sqlite3.Row) -> tuple[datetime, ...]:
    return tuple(map(from_text, json.loads(row["acknowledged_at"])))


_notice = reader_of(Notice, acknowledged_at=_times)
_ACKNOWLEDGED = (
    "(SELECT json_group_array({0}) FROM (SELECT who, at FROM acknowledgement WHERE notice_id = notice.id"
    " ORDER BY at, who))"
)
_NOTICES = (
    "SELECT notice.*, outbox_key AS subject,"
    f" {_ACKNOWLEDGED.format('who')} AS acknowledged, {_ACKNOWLEDGED.format('at')} AS acknowledged_at FROM notice"
)


class NoticeBook(KeptBook):
    """Tables `notice` and `acknowledgement`: one row an event and audience, beside the live message that tells it."""

    def add(self, deployment_id: str, state: str, audience: str, subject: str, at: datetime, about: str = "") -> bool:
        """False where that audience was told of that state already. `subject` is that of the live message."""
        told = {"deployment_id": deployment_id, "state": state, "audience": audience, "about": about}
        row = {"id": new_id(), **told, "outbox_key": subject, "at": to_text(at)}
        is_first = insert_once(self._connection, "notice", row)
        if is_first:
            self._ledger.wrote("notice", deployment_id, row["id"])
        return is_first

    def deliver(self, deployment_id: str, subject: str, at: datetime, permalink: str) -> bool:
        """Slack shows the message with all that it had to tell; False where that was known already."""
        new = [each.id for each in self.of(deployment_id) if each.subject == subject and each.delivered_at is None]
        for notice_id in new:
            sql = "UPDATE notice SET delivered_at = ?, permalink = nullif(?, '') WHERE id = ?"
            self._connection.execute(sql, (to_text(at), permalink, notice_id))
            self._ledger.wrote("notice", deployment_id, notice_id)
        return bool(new)

    def of(self, deployment_id: str) -> tuple[Notice, ...]:
        """Oldest first."""
        return self._many("notice.deployment_id = ?", deployment_id)

    def get(self, notice_id: str) -> Notice | None:
        return next(iter(self._many("notice.id = ?", notice_id)), None)

    def acknowledge(self, notice_id: str, who: str, at: datetime) -> bool:
        """False where that person had acknowledged it before."""
        row = {"notice_id": notice_id, "who": who, "at": to_text(at)}
        is_first = insert_once(self._connection, "acknowledgement", row)
        if is_first and (notice := self.get(notice_id)) is not None:
            self._ledger.wrote("acknowledgement", notice.deployment_id, notice_id, who)
        return is_first

    def _many(self, where: str, value: str) -> tuple[Notice, ...]:
        sql = f"{_NOTICES} WHERE {where} ORDER BY notice.at, notice.id"
        return every(self._connection, _notice, sql, (value,))


_subscription = reader_of(Subscription)


class SubscriptionBook(Book):
    """Table `subscription`: what a person wished to hear of. It is theirs alone, and in no export."""

    def add(self, team: str, wish: Subscription, at: datetime) -> bool:
        """False where they had that wish before."""
        return insert_once(self._connection, "subscription", columns(wish, team=team, at=to_text(at)))

    def end(self, team: str, wish: Subscription) -> bool:
        """False where they had no such wish."""
        sql = "DELETE FROM subscription WHERE team = ? AND project = ? AND who = ? AND environment = ? AND event = ?"
        key = (team, wish.project, wish.who, wish.environment, wish.event)
        return self._connection.execute(sql, key).rowcount == 1

    def of(self, team: str, project: str) -> tuple[Subscription, ...]:
        return self._many("project = ?", team, project)

    def by(self, team: str, who: str) -> tuple[Subscription, ...]:
        return self._many("who = ?", team, who)

    def _many(self, where: str, *values: str) -> tuple[Subscription, ...]:
        sql = f"SELECT * FROM subscription WHERE team = ? AND {where} ORDER BY project, environment, event, who"
        return every(self._connection, _subscription, sql, values)


_anchor = reader_of(AnchorRow)
_ANCHORS = (
    "SELECT chain, seq, hash AS head, attempts, error FROM anchor JOIN journal USING (chain, seq) WHERE state = :state"
)


class AnchorBook(Book):
    """Table `anchor`: heads that the team's command is given until it takes them; each at least once."""

    def want(self, head: Entry) -> None:
        insert_once(self._connection, "anchor", {"chain": head.chain, "seq": head.seq})

    def due(self, at: datetime) -> AnchorRow | None:
        """The one that waits longest of those that may be tried now."""
        sql = f"{_ANCHORS} AND (not_before IS NULL OR not_before <= :at) ORDER BY not_before, chain, seq LIMIT 1"
        return first(self._connection, _anchor, sql, {"state": "pending", "at": to_text(at)})

    def given_up(self) -> tuple[AnchorRow, ...]:
        return every(self._connection, _anchor, f"{_ANCHORS} ORDER BY chain, seq", {"state": "dead"})

    def settle(self, row: AnchorRow) -> None:
        self._move(row, "done", None, None)

    def put_off(self, row: AnchorRow, not_before: datetime | None, error: str) -> None:
        """After a try that failed; None gives it up."""
        self._move(row, "pending" if not_before else "dead", not_before, error)

    def try_again(self) -> None:
        """What was given up gets its tries anew."""
        self._connection.execute("UPDATE anchor SET state = 'pending', attempts = 0 WHERE state = 'dead'")

    def _move(self, row: AnchorRow, state: str, not_before: datetime | None, error: str | None) -> None:
        sql = "UPDATE anchor SET state = ?, attempts = attempts + 1, not_before = ?, error = ?"
        at = to_text(not_before) if not_before else None
        self._connection.execute(f"{sql} WHERE chain = ? AND seq = ?", (state, at, error, row.chain, row.seq))
