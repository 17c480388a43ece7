"""What people decided about items; append-only."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping

from bot.core.decision import Decision, DecisionKind
from bot.core.times import from_text, to_text
from bot.storage.rows import insert_statement, json_text
from bot.storage.texts import Texts, shown
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
