"""What people decided: about items, for roles and their delegates, and for an environment until it expires."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from datetime import datetime

from bot.core.decision import Decision, DecisionKind, Delegation, SignOff, SignOffDecision
from bot.core.journal import from_text, to_text
from bot.storage.chain import Texts, shown
from bot.storage.sqlite import insert_statement, instant_or_none, json_text, one, text_or_none
from bot.usecases.books.rows import Standing
from checks.result import Status

_COLUMNS = (
    *("id", "deployment_id", "item", "kind", "who", "for_whom"),
    *("reason", "seen", "carried_from", "at", "entered_at", "verdict"),
)
_INSERT = insert_statement("decision", _COLUMNS)


class DecisionBook:
    """Table `decision`; its reasons lie in `private_text`."""

    def __init__(self, connection: sqlite3.Connection, texts: Texts) -> None:
        self._connection = connection
        self._texts = texts

    def add(self, decision: Decision) -> None:
        row = {name: getattr(decision, name) for name in _COLUMNS}
        row["reason"] = self._texts.keep_optional(decision.reason)
        row["seen"] = json_text(sorted(decision.seen)) if decision.seen else ""
        row["at"], row["entered_at"] = to_text(decision.at), to_text(decision.entered_at)
        self._connection.execute(_INSERT, row)

    def of(self, deployment_id: str) -> tuple[Decision, ...]:
        """Oldest first, by the time of the act, then of its entry."""
        return tuple(_decision(row) for row in self._rows(deployment_id))

    def by_item(self, deployment_id: str) -> Mapping[str, tuple[Decision, ...]]:
        """The same by item; all rows are read now, those of an item become decisions when it is looked at."""
        found: dict[str, list[sqlite3.Row]] = {}
        for row in self._rows(deployment_id):
            found.setdefault(row["item"], []).append(row)
        return _ByItem(found)

    def _rows(self, deployment_id: str) -> list[sqlite3.Row]:
        return self._connection.execute(
            "SELECT decision.*, private_text.text AS reason_text FROM decision"
            " LEFT JOIN private_text ON private_text.digest = decision.reason"
            " WHERE deployment_id = ? ORDER BY at, entered_at, id",
            (deployment_id,),
        ).fetchall()


class _ByItem(Mapping[str, tuple[Decision, ...]]):
    """A busy deployment has hundreds of decisions and a click looks at one item's."""

    def __init__(self, rows: Mapping[str, list[sqlite3.Row]]) -> None:
        self._rows = rows

    def __getitem__(self, item: str) -> tuple[Decision, ...]:
        return tuple(_decision(row) for row in self._rows[item])

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)


def _decision(row: sqlite3.Row) -> Decision:
    return Decision(
        id=row["id"],
        deployment_id=row["deployment_id"],
        item=row["item"],
        kind=DecisionKind(row["kind"]),
        who=row["who"],
        at=from_text(row["at"]),
        entered_at=from_text(row["entered_at"]),
        reason=shown(row["reason"], row["reason_text"]),
        for_whom=row["for_whom"],
        seen=frozenset(json.loads(row["seen"])) if row["seen"] else frozenset(),
        carried_from=row["carried_from"],
        verdict=Status(row["verdict"]) if row["verdict"] else None,
    )


_SETTLE = (
    "INSERT INTO standing (team, project, environment, item, deployment_id, who, evidence, at, valid_until,"
    " verdict)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (team, project, environment, item) DO UPDATE SET"
    " deployment_id = excluded.deployment_id, who = excluded.who, evidence = excluded.evidence,"
    " at = excluded.at, valid_until = excluded.valid_until, verdict = excluded.verdict"
)


class StandingBook:
    """Table `standing`: one row an item and environment, the newest."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def settle(self, team: str, project: str, environment: str, standing: Standing) -> None:
        times = (to_text(standing.at), to_text(standing.valid_until))
        what = (standing.item, standing.deployment_id, standing.who, standing.evidence)
        self._connection.execute(_SETTLE, (team, project, environment, *what, *times, standing.verdict))

    def of(self, team: str, project: str, environment: str) -> Mapping[str, Standing]:
        """By item, the expired ones too: whether one still holds is a rule, not a row."""
        sql = "SELECT * FROM standing WHERE team = ? AND project = ? AND environment = ? ORDER BY item"
        rows = self._connection.execute(sql, (team, project, environment))
        return {row["item"]: _standing(row) for row in rows}

    def forget(self, team: str, project: str, environment: str, item: str) -> None:
        sql = "DELETE FROM standing WHERE team = ? AND project = ? AND environment = ? AND item = ?"
        self._connection.execute(sql, (team, project, environment, item))


def _standing(row: sqlite3.Row) -> Standing:
    return Standing(
        item=row["item"],
        deployment_id=row["deployment_id"],
        who=row["who"],
        evidence=row["evidence"],
        at=from_text(row["at"]),
        valid_until=from_text(row["valid_until"]),
        verdict=Status(row["verdict"]) if row["verdict"] else None,
    )


_SIGN_OFF_COLUMNS = (
    *("id", "deployment_id", "role", "subject", "decision", "who", "on_behalf_of", "reason", "carried_from"),
    *("at", "entered_at", "withdrawn_at", "stale_at", "cleared_at", "cleared_by", "ended_why"),
)
_STANDS = "withdrawn_at IS NULL AND stale_at IS NULL AND cleared_at IS NULL"
_INSERT_SIGN_OFF = insert_statement("sign_off", _SIGN_OFF_COLUMNS)
_STANDING = (
    f"SELECT decision FROM sign_off WHERE deployment_id = ? AND role = ? AND who = ? AND subject = ? AND {_STANDS}"
)


class SignOffBook:
    """Tables `sign_off` (reasons in `private_text`) and `delegation`."""

    def __init__(self, connection: sqlite3.Connection, texts: Texts) -> None:
        self._connection = connection
        self._texts = texts

    def add(self, sign_off: SignOff) -> SignOffDecision | None:
        """None when it was added; else what stands already of that person, for that role and subject.

        Two never stand beside each other: neither a double click nor a rejection over one's own approval.
        """
        key = (sign_off.deployment_id, sign_off.role, sign_off.who, sign_off.subject)
        standing = one(self._connection, _STANDING, key)
        if standing is None:
            self._connection.execute(_INSERT_SIGN_OFF, self._row(sign_off))
        return None if standing is None else SignOffDecision(standing["decision"])

    def save(self, sign_off: SignOff) -> None:
        """Store how it ended; what was decided never changes. Raises LookupError for an unknown one."""
        done = self._connection.execute(
            "UPDATE sign_off SET withdrawn_at = :withdrawn_at, stale_at = :stale_at, cleared_at = :cleared_at,"
            " cleared_by = :cleared_by, ended_why = :ended_why WHERE id = :id",
            {"id": sign_off.id, "cleared_by": sign_off.cleared_by, **_ending(sign_off)},
        )
        if done.rowcount == 0:
            raise LookupError(f"no sign-off has the id {sign_off.id}")

    def of(self, deployment_id: str) -> tuple[SignOff, ...]:
        """Oldest first, the ended ones too."""
        rows = self._connection.execute(
            "SELECT sign_off.*, private_text.text AS reason_text FROM sign_off"
            " LEFT JOIN private_text ON private_text.digest = sign_off.reason"
            " WHERE deployment_id = ? ORDER BY at, entered_at, id",
            (deployment_id,),
        )
        return tuple(_sign_off(row) for row in rows)

    def delegate(self, team: str, delegation: Delegation) -> None:
        self._connection.execute(
            "INSERT INTO delegation (id, team, project, role, from_user, to_user, until, at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(delegation.id, team, delegation.project, delegation.role, delegation.from_user, delegation.to_user),
                *(to_text(delegation.until), to_text(delegation.at)),
            ),
        )

    def delegations(self, team: str, project: str, at: datetime) -> tuple[Delegation, ...]:
        """Those in force at that time, oldest first."""
        rows = self._connection.execute(
            "SELECT * FROM delegation WHERE team = ? AND project = ? AND until > ? AND ended_at IS NULL"
            " ORDER BY at, id",
            (team, project, to_text(at)),
        )
        return tuple(_delegation(row) for row in rows)

    def end_delegation(self, delegation_id: str, at: datetime) -> None:
        sql = "UPDATE delegation SET ended_at = ? WHERE id = ? AND ended_at IS NULL"
        self._connection.execute(sql, (to_text(at), delegation_id))

    def _row(self, sign_off: SignOff) -> dict[str, object]:
        row = {name: getattr(sign_off, name) for name in _SIGN_OFF_COLUMNS}
        row["reason"] = self._texts.keep_optional(sign_off.reason)
        row["at"], row["entered_at"] = to_text(sign_off.at), to_text(sign_off.entered_at)
        return row | _ending(sign_off)


def _ending(sign_off: SignOff) -> dict[str, str | None]:
    return {
        "withdrawn_at": text_or_none(sign_off.withdrawn_at),
        "stale_at": text_or_none(sign_off.stale_at),
        "cleared_at": text_or_none(sign_off.cleared_at),
        "ended_why": sign_off.ended_why or None,
    }


def _sign_off(row: sqlite3.Row) -> SignOff:
    return SignOff(
        id=row["id"],
        deployment_id=row["deployment_id"],
        role=row["role"],
        subject=row["subject"],
        decision=SignOffDecision(row["decision"]),
        who=row["who"],
        at=from_text(row["at"]),
        entered_at=from_text(row["entered_at"]),
        on_behalf_of=row["on_behalf_of"],
        reason=shown(row["reason"], row["reason_text"]),
        carried_from=row["carried_from"],
        withdrawn_at=instant_or_none(row["withdrawn_at"]),
        stale_at=instant_or_none(row["stale_at"]),
        cleared_at=instant_or_none(row["cleared_at"]),
        cleared_by=row["cleared_by"],
        ended_why=row["ended_why"] or "",
    )


def _delegation(row: sqlite3.Row) -> Delegation:
    return Delegation(
        id=row["id"],
        project=row["project"],
        role=row["role"],
        from_user=row["from_user"],
        to_user=row["to_user"],
        until=from_text(row["until"]),
        at=from_text(row["at"]),
    )
