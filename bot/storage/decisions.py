"""What people decided: about items, which are added and whose they are; for roles; for an environment for a time."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from datetime import datetime

from bot.core.assignment import Assignment
from bot.core.checklist.items import AddedLine
from bot.core.decision import Decision, Delegation, SignOff, SignOffDecision
from bot.core.journal import to_text
from bot.storage.chain import PrivateBook, query_with, reason_of, text_of
from bot.storage.ledger import KeptBook
from bot.storage.sqlite import Book, columns, every, first, insert, json_text, keep_newest, one, reader_of
from bot.usecases.books.rows import Lock, Standing

_decision = reader_of(
    Decision, reason=reason_of, seen=lambda row: frozenset(json.loads(row["seen"])) if row["seen"] else frozenset()
)


class DecisionBook(PrivateBook):
    """Table `decision`; its reasons lie in `private_text`."""

    def add(self, decision: Decision) -> None:
        seen = json_text(sorted(decision.seen)) if decision.seen else ""
        row = columns(decision, reason=self._texts.keep_optional(decision.reason), seen=seen)
        insert(self._connection, "decision", row)
        self._ledger.wrote("decision", decision.deployment_id, decision.id)

    def of(self, deployment_id: str) -> tuple[Decision, ...]:
        """Oldest first, by the time of the act, then of its entry; an erased reason is `REMOVED`."""
        return tuple(_decision(row) for row in self._rows(deployment_id))

    def by_item(self, deployment_id: str) -> Mapping[str, tuple[Decision, ...]]:
        """The same by item; all rows are read now, those of an item become decisions when it is looked at."""
        found: dict[str, list[sqlite3.Row]] = {}
        for row in self._rows(deployment_id):
            found.setdefault(row["item"], []).append(row)
        return _ByItem(found)

    def _rows(self, deployment_id: str) -> list[sqlite3.Row]:
        sql = f"{query_with('decision', 'reason')} WHERE deployment_id = ? ORDER BY at, entered_at, id"
        return self._connection.execute(sql, (deployment_id,)).fetchall()


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


_assignment = reader_of(Assignment)


class AssignmentBook(KeptBook):
    """Table `assignment`."""

    def keep(self, assignment: Assignment) -> None:
        """A new one, or how one ended."""
        keep_newest(self._connection, "assignment", ("id",), columns(assignment))
        self._ledger.wrote("assignment", assignment.deployment_id, assignment.id)

    def of(self, deployment_id: str) -> tuple[Assignment, ...]:
        """Oldest first, the ended ones too."""
        sql = "SELECT * FROM assignment WHERE deployment_id = ? ORDER BY at, id"
        return every(self._connection, _assignment, sql, (deployment_id,))


_line = reader_of(AddedLine, label=lambda row: text_of(row, "label"))


class LineBook(PrivateBook):
    """Table `added_line`; labels lie in `private_text`."""

    def add(self, deployment_id: str, line: AddedLine) -> None:
        row = columns(line, deployment_id=deployment_id, label=self._texts.keep(line.label))
        insert(self._connection, "added_line", row)
        self._ledger.wrote("added_line", deployment_id, line.id)

    def take_out(self, deployment_id: str, line_id: str) -> None:
        self._connection.execute("DELETE FROM added_line WHERE id = ?", (line_id,))
        self._ledger.wrote("added_line", deployment_id, line_id)

    def of(self, deployment_id: str) -> tuple[AddedLine, ...]:
        """In the order in which they were added."""
        sql = f"{query_with('added_line', 'label')} WHERE deployment_id = ? ORDER BY at, id"
        return every(self._connection, _line, sql, (deployment_id,))


_lock = reader_of(Lock, reason=reason_of)


class LockBook(PrivateBook):
    """Table `environment_lock`: at most one an environment; reasons lie in `private_text`."""

    def keep(self, lock: Lock) -> None:
        """A new one takes the place of the one that was there."""
        row = columns(lock, reason=self._texts.keep(lock.reason))
        keep_newest(self._connection, "environment_lock", ("team", "project", "environment"), row)

    def end(self, lock: Lock) -> None:
        sql = "DELETE FROM environment_lock WHERE team = ? AND project = ? AND environment = ?"
        self._connection.execute(sql, (lock.team, lock.project, lock.environment))

    def on(self, team: str, project: str, environment: str) -> Lock | None:
        """Also one that is over: whether it still holds is a rule, not a row."""
        sql = f"{query_with('environment_lock', 'reason')} WHERE team = ? AND project = ? AND environment = ?"
        return first(self._connection, _lock, sql, (team, project, environment))

    def all(self) -> tuple[Lock, ...]:
        sql = f"{query_with('environment_lock', 'reason')} ORDER BY project, environment"
        return every(self._connection, _lock, sql)


_standing = reader_of(Standing)


class StandingBook(Book):
    """Table `standing`: one row an item and environment, the newest."""

    def settle(self, team: str, project: str, environment: str, standing: Standing) -> None:
        row = columns(standing, team=team, project=project, environment=environment)
        keep_newest(self._connection, "standing", ("team", "project", "environment", "item"), row)

    def of(self, team: str, project: str, environment: str) -> Mapping[str, Standing]:
        """By item, the expired ones too: whether one still holds is a rule, not a row."""
        sql = "SELECT * FROM standing WHERE team = ? AND project = ? AND environment = ? ORDER BY item"
        found = every(self._connection, _standing, sql, (team, project, environment))
        return {standing.item: standing for standing in found}

    def forget(self, team: str, project: str, environment: str, item: str) -> None:
        sql = "DELETE FROM standing WHERE team = ? AND project = ? AND environment = ? AND item = ?"
        self._connection.execute(sql, (team, project, environment, item))


_sign_off = reader_of(SignOff, reason=reason_of, ended_why=lambda row: text_of(row, "ended_why"))
_delegation = reader_of(Delegation)
_STANDS = "withdrawn_at IS NULL AND stale_at IS NULL AND cleared_at IS NULL"
_STANDS_ALREADY = (
    f"SELECT decision FROM sign_off WHERE deployment_id = ? AND role = ? AND who = ? AND subject = ? AND {_STANDS}"
)


class SignOffBook(PrivateBook):
    """Tables `sign_off` (reasons in `private_text`) and `delegation`."""

    def add(self, sign_off: SignOff) -> SignOffDecision | None:
        """None when it was added; else what stands already of that person, for that role and subject.

        Two never stand beside each other: neither a double click nor a rejection over one's own approval.
        """
        key = (sign_off.deployment_id, sign_off.role, sign_off.who, sign_off.subject)
        standing = one(self._connection, _STANDS_ALREADY, key)
        if standing is None:
            texts = {name: self._texts.keep_optional(getattr(sign_off, name)) for name in ("reason", "ended_why")}
            insert(self._connection, "sign_off", columns(sign_off, **texts))
            self._ledger.wrote("sign_off", sign_off.deployment_id, sign_off.id)
        return None if standing is None else SignOffDecision(standing["decision"])

    def save(self, sign_off: SignOff) -> None:
        """Store how it ended; what was decided never changes. Raises LookupError for an unknown one."""
        done = self._connection.execute(
            "UPDATE sign_off SET withdrawn_at = :withdrawn_at, stale_at = :stale_at, cleared_at = :cleared_at,"
            " cleared_by = :cleared_by, ended_why = :ended_why WHERE id = :id",
            columns(sign_off, ended_why=self._texts.keep_optional(sign_off.ended_why)),
        )
        if done.rowcount == 0:
            raise LookupError(f"no sign-off has the id {sign_off.id}")
        self._ledger.wrote("sign_off", sign_off.deployment_id, sign_off.id)

    def of(self, deployment_id: str) -> tuple[SignOff, ...]:
        """Oldest first, the ended ones too."""
        sql = f"{query_with('sign_off', 'reason', 'ended_why')} WHERE deployment_id = ? ORDER BY at, entered_at, id"
        return every(self._connection, _sign_off, sql, (deployment_id,))

    def delegate(self, team: str, delegation: Delegation) -> None:
        insert(self._connection, "delegation", columns(delegation, team=team))

    def delegations(self, team: str, project: str, at: datetime) -> tuple[Delegation, ...]:
        """Those in force at that time, oldest first."""
        sql = (
            "SELECT * FROM delegation WHERE team = ? AND project = ? AND until > ? AND ended_at IS NULL ORDER BY at, id"
        )
        return every(self._connection, _delegation, sql, (team, project, to_text(at)))

    def end_delegation(self, delegation_id: str, at: datetime) -> None:
        sql = "UPDATE delegation SET ended_at = ? WHERE id = ? AND ended_at IS NULL"
        self._connection.execute(sql, (to_text(at), delegation_id))
