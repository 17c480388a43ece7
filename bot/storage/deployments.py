"""The book of deployments and their deployers, and the files that each pins, kept by hash."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields, replace
from datetime import datetime
from typing import Any

from bot.core.checklist.items import Kind
from bot.core.deployment import (
    OPEN_STATES,
    Deployer,
    Deployment,
    History,
    KnownFacts,
    Outcome,
    PinnedFile,
    State,
)
from bot.core.journal import from_text, to_text
from bot.storage.sqlite import insert_statement, instant_or_none, json_text, one, text_or_none
from bot.usecases.books.units import HeldByAnother
from checks.result import Finding

_FIELDS = tuple(field.name for field in fields(Deployment))
COLUMNS = (*_FIELDS, "holds_environment", "holds_database")
_INSTANTS = (
    *("history_read_at", "window_start", "window_end", "parked_at", "asked_at"),
    *("go_asked_at", "go_at", "completed_at", "closed_at"),
)
_PLAIN = (
    *("id", "team", "project", "number", "environment", "revision", "starter", "owner", "database_key"),
    *("first_version", "last_version", "fingerprint", "moved_fingerprint", "source_commit"),
    *("estimate_minutes", "go_asked_by", "version"),
)


def to_row(deployment: Deployment) -> dict[str, Any]:
    """Every column by name."""
    row = {name: _plain(getattr(deployment, name)) for name in COLUMNS}
    row["history"] = None if deployment.history is None else json_text(asdict(deployment.history))
    row["obstacles"] = json_text([{"sentence": one.message, "mend": one.hint} for one in deployment.obstacles])
    row["moved_files"] = json_text([asdict(file) for file in deployment.moved_files])
    row["facts"] = json_text(deployment.facts.plain())
    row["completion"] = None if deployment.completion is None else json_text(dict(deployment.completion))
    return row


def from_row(row: sqlite3.Row) -> Deployment:
    plain: dict[str, Any] = {name: row[name] for name in _PLAIN}
    instants: dict[str, Any] = {name: instant_or_none(row[name]) for name in _INSTANTS}
    return Deployment(
        **plain,
        **instants,
        kind=Kind(row["kind"]),
        state=State(row["state"]),
        result=None if row["result"] is None else Outcome(row["result"]),
        started_at=from_text(row["started_at"]),
        last_act_at=from_text(row["last_act_at"]),
        history=_history(row["history"]),
        obstacles=tuple(Finding(one["sentence"], hint=one["mend"]) for one in json.loads(row["obstacles"])),
        facts=KnownFacts.from_plain(json.loads(row["facts"])),
        completion=None if row["completion"] is None else json.loads(row["completion"]),
        lifted=bool(row["lifted"]),
        moved_files=tuple(PinnedFile(**file) for file in json.loads(row["moved_files"])),
    )


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return text_or_none(value)
    return int(value) if isinstance(value, bool) else value


def _history(text: str | None) -> History | None:
    if text is None:
        return None
    facts: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in json.loads(text).items()
    }
    return History(**facts)


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


class FileBook:
    """Tables `file_content` and `deployment_file`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def keep(self, contents: Mapping[str, bytes]) -> None:
        """`contents` maps sha-256 (hex) to the bytes; what is kept already stays."""
        self._connection.executemany(
            "INSERT INTO file_content (sha, bytes) VALUES (?, ?) ON CONFLICT (sha) DO NOTHING", contents.items()
        )

    def content(self, sha: str) -> bytes:
        """Raises LookupError for bytes that were never kept."""
        row = one(self._connection, "SELECT bytes FROM file_content WHERE sha = ?", (sha,))
        if row is None:
            raise LookupError(f"no file with sha-256 {sha} is kept")
        return bytes(row["bytes"])

    def pin(self, deployment_id: str, files: Sequence[PinnedFile]) -> None:
        """Replace what the deployment pins, in the tool's order; the bytes have to be kept before."""
        self._connection.execute("DELETE FROM deployment_file WHERE deployment_id = ?", (deployment_id,))
        self._connection.executemany(
            "INSERT INTO deployment_file (deployment_id, position, version, name, sha, is_down)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            [
                (deployment_id, position, file.version, file.name, file.sha, int(file.is_down))
                for position, file in enumerate(files)
            ],
        )

    def of(self, deployment_id: str) -> tuple[PinnedFile, ...]:
        rows = self._connection.execute(
            "SELECT version, name, sha, is_down FROM deployment_file WHERE deployment_id = ? ORDER BY position",
            (deployment_id,),
        )
        return tuple(PinnedFile(row["version"], row["name"], row["sha"], bool(row["is_down"])) for row in rows)
