"""Brings a state file to the schema of `migrations/`, or refuses it with a sentence."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bot.core.journal import to_text
from bot.storage.chain import JournalBook, Texts
from bot.storage.ledger import Ledger
from bot.storage.sqlite import StoreFault, json_text

if TYPE_CHECKING:
    from sqlite_utils import Database, Migrations

LINKING = "00003_rows_in_the_chain"


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
        if LINKING in applied:
            link_earlier_rows(connection)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return applied


def link_earlier_rows(connection: sqlite3.Connection) -> None:
    """Deployments of before: their rows enter their chains as they stand, and what people wrote in them a text each."""
    texts, ledger = Texts(connection), Ledger(connection)
    journal = JournalBook(connection, texts, ledger)
    _keep_texts(connection, texts)
    sql = "SELECT id, team, project, number, file FROM deployment JOIN checklist_revision ON sha = revision"
    for row in connection.execute(sql).fetchall():
        ledger.wrote_all(row["id"])
        chain = f"{row['team']}/{row['project']}/{row['number']}"
        journal.append(chain, "rows-linked", datetime.now(UTC), {"file": row["file"]}, {})


def _keep_texts(connection: sqlite3.Connection, texts: Texts) -> None:
    for row in connection.execute("SELECT id, ended_why FROM sign_off WHERE ended_why IS NOT NULL").fetchall():
        connection.execute("UPDATE sign_off SET ended_why = ? WHERE id = ?", (texts.keep(row["ended_why"]), row["id"]))
    for row in connection.execute("SELECT deployment_id, skipped FROM break_glass").fetchall():
        kept = (texts.keep(row["skipped"]), row["deployment_id"])
        connection.execute("UPDATE break_glass SET skipped = ? WHERE deployment_id = ?", kept)
    for row in connection.execute("SELECT id, completion FROM deployment WHERE completion IS NOT NULL").fetchall():
        completion = json_text(texts.keep_typed(json.loads(row["completion"])))
        connection.execute("UPDATE deployment SET completion = ? WHERE id = ?", (completion, row["id"]))


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
    from sqlite_utils import Database

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
    from sqlite_utils import Migrations

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
