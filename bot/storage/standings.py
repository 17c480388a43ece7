"""Items settled once for an environment, for any change, until they expire."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

from bot.core.times import from_text, to_text
from bot.usecases.books.rows import Standing
from checks.result import Status

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
