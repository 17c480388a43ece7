"""Sign-offs and delegations; ended, never deleted."""

from __future__ import annotations

import sqlite3
from datetime import datetime

from bot.core.signoff import Delegation, SignOff, SignOffDecision
from bot.core.times import from_text, to_text
from bot.storage.rows import insert_statement, instant_or_none, one, text_or_none
from bot.storage.texts import Texts, shown

_COLUMNS = (
    *("id", "deployment_id", "role", "subject", "decision", "who", "on_behalf_of", "reason", "carried_from"),
    *("at", "entered_at", "withdrawn_at", "stale_at", "cleared_at", "cleared_by", "ended_why"),
)
_STANDS = "withdrawn_at IS NULL AND stale_at IS NULL AND cleared_at IS NULL"
_INSERT = insert_statement("sign_off", _COLUMNS)
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
            self._connection.execute(_INSERT, self._row(sign_off))
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
        row = {name: getattr(sign_off, name) for name in _COLUMNS}
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
