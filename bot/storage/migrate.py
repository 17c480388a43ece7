"""Brings a state file to the schema of `migrations/`, or refuses it with a sentence."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from sqlite_utils import Database, Migrations

from bot.core.journal import to_text
from bot.storage.sqlite import StoreFault


class MigrationRefused(StoreFault):
    """The file was made by other migrations than the ones at hand."""


def migrate(connection: sqlite3.Connection, folder: Path) -> tuple[str, ...]:
    """Apply what is pending, all of it in one transaction; returns the names applied.

    Two processes may do this at once: the second waits, and finds nothing pending.
    Raises `MigrationRefused` where the file and the folder disagree, `sqlite3.OperationalError` when the writer's
    place is not free within the busy time-out.
    """
    files = _files(folder)
    connection.execute("BEGIN IMMEDIATE")
    try:
        applied = _apply(connection, files)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return applied


def refuse_other_schema(connection: sqlite3.Connection, folder: Path) -> None:
    """For readers, who apply nothing: raises `MigrationRefused` where a migration is unknown, changed or pending."""
    files = _files(folder)
    kept = _kept(connection)
    _refuse_changed(files, kept)
    pending = sorted(files.keys() - kept.keys())
    if pending:
        raise MigrationRefused(
            f"the state file lacks migration {pending[0]} of this gonogo",
            "start `gonogo run` once, it brings the file up to date",
        )


def _files(folder: Path) -> dict[str, str]:
    return {path.stem: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.sql"))}


def _apply(connection: sqlite3.Connection, files: Mapping[str, str]) -> tuple[str, ...]:
    kept = _kept(connection)
    _refuse_changed(files, kept)
    # Plug-ins of sqlite-utils that happen to be installed have no business in the bot's state.
    database = Database(connection, execute_plugins=False)
    _migrations(files).apply(database)
    applied = tuple(name for name in files if name not in kept)
    now = to_text(datetime.now(UTC))
    connection.executemany(
        "INSERT INTO applied_migration (name, sha, at) VALUES (?, ?, ?)",
        [(name, _sha(files[name]), now) for name in applied],
    )
    return applied


def _migrations(files: Mapping[str, str]) -> Migrations:
    migrations = Migrations("gonogo")
    for name, sql in files.items():
        _register(migrations, name, sql)
    return migrations


def _register(migrations: Migrations, name: str, sql: str) -> None:
    @migrations(name=name)
    def run(database: Database) -> None:
        database.executescript(sql)


def _kept(connection: sqlite3.Connection) -> dict[str, str]:
    """Name and hash of what was applied to this file; nothing for a new one."""
    there = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'applied_migration'"
    if not connection.execute(there).fetchall():
        return {}
    rows = connection.execute("SELECT name, sha FROM applied_migration ORDER BY name").fetchall()
    return {row[0]: row[1] for row in rows}


def _refuse_changed(files: Mapping[str, str], kept: Mapping[str, str]) -> None:
    for name, sha in kept.items():
        if name not in files:
            raise MigrationRefused(
                f"the state file has migration {name}, which this gonogo does not know",
                "it was written by a newer one. Install that version, or restore the backup made before it",
            )
        if sha != _sha(files[name]):
            raise MigrationRefused(
                f"migration {name} was changed after it was applied to the state file",
                f"restore the file migrations/{name}.sql as it was, and put the change into a new one",
            )


def _sha(sql: str) -> str:
    return hashlib.sha256(sql.encode()).hexdigest()
