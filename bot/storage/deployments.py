"""The book of deployments and their deployers, and the files that each pins, kept by hash."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from bot.core.deployment import OPEN_STATES, Deployer, Deployment, History, KnownFacts, PinnedFile
from bot.core.verify import REMOVED
from bot.storage.chain import PrivateBook, text_of
from bot.storage.ledger import SHOWN, KeptBook
from bot.storage.sqlite import columns, every, first, insert, insert_once, json_text, one, reader_of
from bot.usecases.books.units import HeldByAnother
from checks.result import Finding


def _row(deployment: Deployment, completion: str | None, title: str | None) -> dict[str, object]:
    """Every column by name."""
    return columns(
        deployment,
        completion=completion,
        title=title,
        holds_environment=int(deployment.holds_environment),
        holds_database=int(deployment.holds_database),
        history=None if deployment.history is None else json_text(asdict(deployment.history)),
        obstacles=json_text([{"sentence": one.message, "mend": one.hint} for one in deployment.obstacles]),
        moved_files=json_text([asdict(file) for file in deployment.moved_files]),
        facts=json_text(deployment.facts.plain()),
    )


def _history(text: str | None) -> History | None:
    if text is None:
        return None
    facts: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in json.loads(text).items()
    }
    return History(**facts)


_deployer, _pinned_file = reader_of(Deployer), reader_of(PinnedFile)
_deployment = reader_of(
    Deployment,
    history=lambda row: _history(row["history"]),
    obstacles=lambda row: tuple(Finding(one["sentence"], hint=one["mend"]) for one in json.loads(row["obstacles"])),
    facts=lambda row: KnownFacts.from_plain(json.loads(row["facts"])),
    moved_files=lambda row: tuple(PinnedFile(**file) for file in json.loads(row["moved_files"])),
    completion=lambda row: None if row["completion"] is None else json.loads(row["completion_text"]),
    title=lambda row: text_of(row, "title"),
)
_WITH_TEXTS = (
    "SELECT deployment.*, (SELECT json_group_object(field.key,"
    f" CASE WHEN digest IS NULL THEN field.value ELSE coalesce(private_text.text, '{REMOVED}') END)"
    " FROM json_each(deployment.completion) AS field LEFT JOIN private_text ON digest = field.value)"
    " AS completion_text,"
    " (SELECT text FROM private_text WHERE digest = title) AS title_text FROM deployment"
)

# SQLite names the columns of the index that refused, not the index.
_HELD = ("deployment.environment", "deployment.database_key")


class ChangedMeanwhile(Exception):
    """A save of a deployment as it was before an act that another unit has stored since."""


class DeploymentBook(PrivateBook):
    """Tables `deployment` and `deployer`."""

    def next_number(self, team: str, project: str) -> int:
        """One above the highest of the project; unique, since only one unit writes at a time."""
        sql = "SELECT coalesce(max(number), 0) + 1 AS number FROM deployment WHERE team = ? AND project = ?"
        return int(self._connection.execute(sql, (team, project)).fetchone()["number"])

    def add(self, deployment: Deployment) -> None:
        """Raises `HeldByAnother` when a holding index refuses."""
        self._held(lambda: insert(self._connection, "deployment", self._row(deployment)))
        self._ledger.wrote("deployment", deployment.id, deployment.id)

    def save(self, deployment: Deployment) -> Deployment:
        """Store every field; returns it with `version` raised by one.

        Raises `HeldByAnother` when a holding index refuses, `ChangedMeanwhile` when its version is not the stored one.
        """
        row, before = self._row(deployment), self._shown(deployment.id)
        changes = ", ".join(f"{name} = :{name}" for name in row if name not in {"id", "version"})
        sql = f"UPDATE deployment SET {changes}, version = version + 1 WHERE id = :id AND version = :version"
        if self._held(lambda: self._connection.execute(sql, row).rowcount) == 0:
            raise ChangedMeanwhile(f"deployment {deployment.label} was changed meanwhile: read it inside the unit")
        if self._shown(deployment.id) != before:
            self._ledger.wrote("deployment", deployment.id, deployment.id)
        return replace(deployment, version=deployment.version + 1)

    def _row(self, deployment: Deployment) -> dict[str, object]:
        """With the digests of what a person typed; what stands already keeps its own."""
        if deployment.completion is None and not deployment.title:
            return _row(deployment, None, None)
        stored = one(self._connection, f"{_WITH_TEXTS} WHERE id = ?", (deployment.id,))
        same_title = stored is not None and text_of(stored, "title") == deployment.title
        title = stored["title"] if stored and same_title else self._texts.keep_optional(deployment.title)
        return _row(deployment, self._completion(deployment, stored), title)

    def _completion(self, deployment: Deployment, stored: sqlite3.Row | None) -> str | None:
        if deployment.completion is None:
            return None
        if stored and stored["completion"] and json.loads(stored["completion_text"]) == deployment.completion:
            return str(stored["completion"])
        return json_text(self._texts.keep_typed(deployment.completion))

    def _shown(self, deployment_id: str) -> tuple[object, ...]:
        """What an export shows of it; most saves change nothing of that."""
        row = one(self._connection, f"{SHOWN['deployment'].select} WHERE id = ?", (deployment_id,))
        return tuple(row or ())

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

    def of_environment(self, team: str, project: str, environment: str, limit: int = -1) -> tuple[Deployment, ...]:
        """Newest first, every state; all where `limit` is negative."""
        where = "team = ? AND project = ? AND environment = ? ORDER BY number DESC LIMIT ?"
        return self._many(where, team, project, environment, limit)

    def recent(self, limit: int) -> tuple[Deployment, ...]:
        """Last started first, every state."""
        return self._many("1 = 1 ORDER BY started_at DESC, id DESC LIMIT ?", limit)

    def add_deployer(self, deployment_id: str, deployer: Deployer) -> None:
        """Who is a deployer already stays what they first were; the journal tells the rest."""
        insert_once(self._connection, "deployer", columns(deployer, deployment_id=deployment_id))
        self._ledger.wrote("deployer", deployment_id, deployer.user_id)

    def deployers(self, deployment_id: str) -> tuple[Deployer, ...]:
        """First come first."""
        sql = "SELECT * FROM deployer WHERE deployment_id = ? ORDER BY at, user_id"
        return every(self._connection, _deployer, sql, (deployment_id,))

    def _held(self, store: Callable[[], int]) -> int:
        try:
            return store()
        except sqlite3.IntegrityError as refused:
            if not any(column in str(refused) for column in _HELD):
                raise
            raise HeldByAnother(str(refused)) from refused

    def _one(self, where: str, *values: object) -> Deployment | None:
        return first(self._connection, _deployment, f"{_WITH_TEXTS} WHERE {where}", values)

    def _many(self, where: str, *values: object) -> tuple[Deployment, ...]:
        return every(self._connection, _deployment, f"{_WITH_TEXTS} WHERE {where}", values)


class FileBook(KeptBook):
    """Tables `file_content` and `deployment_file`."""

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
        gone = self._connection.execute("DELETE FROM deployment_file WHERE deployment_id = ?", (deployment_id,))
        for position, file in enumerate(files):
            insert(self._connection, "deployment_file", columns(file, deployment_id=deployment_id, position=position))
        for position in range(max(gone.rowcount, len(files))):
            self._ledger.wrote("file", deployment_id, position)

    def of(self, deployment_id: str) -> tuple[PinnedFile, ...]:
        sql = "SELECT * FROM deployment_file WHERE deployment_id = ? ORDER BY position"
        return every(self._connection, _pinned_file, sql, (deployment_id,))
