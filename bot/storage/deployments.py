"""The book of deployments and their deployers."""

from __future__ import annotations

import sqlite3
from dataclasses import replace

from bot.core.deployment import OPEN_STATES, Deployer, Deployment
from bot.core.times import from_text, to_text
from bot.storage.deployment_rows import COLUMNS, from_row, to_row
from bot.storage.rows import insert_statement, one
from bot.usecases.ports import HeldByAnother

_INSERT = insert_statement("deployment", COLUMNS)
_UPDATE = (
    f"UPDATE deployment SET {', '.join(f'{name} = :{name}' for name in COLUMNS if name not in ('id', 'version'))},"
    " version = version + 1 WHERE id = :id AND version = :version"
)

# SQLite names the columns of the index that refused, not the index.
_HELD = ("deployment.environment", "deployment.database_key")


class ChangedMeanwhile(Exception):
    """A save of a deployment as it was before an act that another unit has stored since."""


class DeploymentBook:
    """Tables `deployment` and `deployer`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def next_number(self, team: str, project: str) -> int:
        """One above the highest of the project; unique, since only one unit writes at a time."""
        sql = "SELECT coalesce(max(number), 0) + 1 AS number FROM deployment WHERE team = ? AND project = ?"
        return int(self._connection.execute(sql, (team, project)).fetchone()["number"])

    def add(self, deployment: Deployment) -> None:
        """Raises `HeldByAnother` when a holding index refuses."""
        self._run(_INSERT, deployment)

    def save(self, deployment: Deployment) -> Deployment:
        """Store every field; returns it with `version` raised by one.

        Raises `HeldByAnother` when a holding index refuses, `ChangedMeanwhile` when its version is not the stored one.
        """
        if self._run(_UPDATE, deployment) == 0:
            raise ChangedMeanwhile(f"deployment {deployment.label} was changed meanwhile: read it inside the unit")
        return replace(deployment, version=deployment.version + 1)

    def get(self, deployment_id: str) -> Deployment:
        """Raises LookupError where there is none."""
        deployment = self.find(deployment_id)
        if deployment is None:
            raise LookupError(f"no deployment has the id {deployment_id}")
        return deployment

    def find(self, deployment_id: str) -> Deployment | None:
        return self._one("id = ?", deployment_id)

    def by_number(self, team: str, project: str, number: int) -> Deployment | None:
        return self._one("team = ? AND project = ? AND number = ?", team, project, number)

    def holder(self, team: str, project: str, environment: str) -> Deployment | None:
        return self._one(
            "team = ? AND project = ? AND environment = ? AND holds_environment = 1", team, project, environment
        )

    def open(self) -> tuple[Deployment, ...]:
        """Every deployment that is neither closed nor aborted, by project and number."""
        states = sorted(OPEN_STATES)
        marks = ", ".join("?" for _ in states)
        return self._many(f"state IN ({marks}) ORDER BY team, project, number", *states)

    def of_environment(self, team: str, project: str, environment: str) -> tuple[Deployment, ...]:
        """Newest first, every state."""
        where = "team = ? AND project = ? AND environment = ? ORDER BY number DESC"
        return self._many(where, team, project, environment)

    def recent(self, limit: int) -> tuple[Deployment, ...]:
        """Last started first, every state."""
        return self._many("1 = 1 ORDER BY started_at DESC, id DESC LIMIT ?", limit)

    def add_deployer(self, deployment_id: str, deployer: Deployer) -> None:
        """Who is a deployer already stays what they first were; the journal tells the rest."""
        self._connection.execute(
            "INSERT INTO deployer (deployment_id, user_id, how, at) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (deployment_id, user_id) DO NOTHING",
            (deployment_id, deployer.user_id, deployer.how, to_text(deployer.at)),
        )

    def deployers(self, deployment_id: str) -> tuple[Deployer, ...]:
        """First come first."""
        sql = "SELECT user_id, how, at FROM deployer WHERE deployment_id = ? ORDER BY at, user_id"
        rows = self._connection.execute(sql, (deployment_id,))
        return tuple(Deployer(row["user_id"], row["how"], from_text(row["at"])) for row in rows)

    def _run(self, sql: str, deployment: Deployment) -> int:
        try:
            return self._connection.execute(sql, to_row(deployment)).rowcount
        except sqlite3.IntegrityError as refused:
            if not any(column in str(refused) for column in _HELD):
                raise
            raise HeldByAnother(str(refused)) from refused

    def _one(self, where: str, *values: object) -> Deployment | None:
        row = one(self._connection, f"SELECT * FROM deployment WHERE {where}", values)
        return None if row is None else from_row(row)

    def _many(self, where: str, *values: object) -> tuple[Deployment, ...]:
        rows = self._connection.execute(f"SELECT * FROM deployment WHERE {where}", values)
        return tuple(from_row(row) for row in rows)
