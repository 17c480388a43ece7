"""`_sqlx_migrations`, the table in which sqlx keeps what it applied, written as sqlx writes it.

Source: sqlx-postgres/src/migrate.rs of https://github.com/launchbadge/sqlx.
"""

from __future__ import annotations

import os
import zlib
from pathlib import Path
from typing import NamedTuple

import psycopg
from psycopg.rows import class_row

from bot.demo.sample.files import SourceFault, SourceFile

TABLE = "_sqlx_migrations"
CLOCK_VARIABLE = "GONOGO_CLOCK_FILE"
_CREATE = """
CREATE TABLE IF NOT EXISTS _sqlx_migrations (
    version bigint PRIMARY KEY,
    description text NOT NULL,
    installed_on timestamptz NOT NULL DEFAULT now(),
    success boolean NOT NULL,
    checksum bytea NOT NULL,
    execution_time bigint NOT NULL
)
"""
_LOCK_FACTOR = 0x3D32AD9E


class HistoryRow(NamedTuple):
    """One applied migration. `execution_time` is nanoseconds, -1 while unknown."""

    version: int
    description: str
    success: bool
    checksum: bytes
    execution_time: int


def create(connection: psycopg.Connection) -> None:
    """Makes the table where it is missing, without a notice where it is not."""
    if connection.execute("SELECT to_regclass(%s)", [TABLE]).fetchone() == (None,):
        connection.execute(_CREATE)


def read(connection: psycopg.Connection) -> dict[int, HistoryRow]:
    """The rows by version; empty where the table does not exist yet."""
    if connection.execute("SELECT to_regclass(%s)", [TABLE]).fetchone() == (None,):
        return {}
    with connection.cursor(row_factory=class_row(HistoryRow)) as cursor:
        rows = cursor.execute(
            "SELECT version, description, success, checksum, execution_time FROM _sqlx_migrations ORDER BY version"
        ).fetchall()
    return {row.version: row for row in rows}


def compare(applied: dict[int, HistoryRow], ups: dict[int, SourceFile]) -> None:
    """Raises SourceFault where the history and the folder contradict each other, as sqlx does before it runs."""
    for version, row in applied.items():
        if not row.success:
            raise SourceFault(f"migration {version} is partially applied; mend the database and remove its row")
        if version not in ups:
            raise SourceFault(f"migration {version} was previously applied but is missing in the folder; bring it back")
        if ups[version].checksum != bytes(row.checksum):
            name = ups[version].path.name
            raise SourceFault(
                f"{name}: migration {version} was previously applied but has been modified; undo the edit"
            )


def insert(connection: psycopg.Connection, file: SourceFile) -> None:
    """Dated by the try-out's clock where that was moved, so that the row is newer than a go of that day."""
    connection.execute(
        "INSERT INTO _sqlx_migrations (version, description, installed_on, success, checksum, execution_time)"
        " VALUES (%s, %s, now() + make_interval(secs => %s), TRUE, %s, -1)",
        [file.version, file.description, _clock_shift(), file.checksum],
    )


def _clock_shift() -> float:
    """Seconds that the try-out's clock is ahead of the machine's, from the file that the bot reads too."""
    try:
        return float(Path(os.environ[CLOCK_VARIABLE]).read_text(encoding="utf-8"))
    except (KeyError, OSError, ValueError):
        return 0.0


def set_execution_time(connection: psycopg.Connection, version: int, nanoseconds: int) -> None:
    connection.execute("UPDATE _sqlx_migrations SET execution_time = %s WHERE version = %s", [nanoseconds, version])


def delete(connection: psycopg.Connection, version: int) -> None:
    connection.execute("DELETE FROM _sqlx_migrations WHERE version = %s", [version])


def try_lock(connection: psycopg.Connection) -> bool:
    """Takes the advisory lock that keeps a second runner out of this database; False where another one has it."""
    return connection.execute("SELECT pg_try_advisory_lock(%s)", [_lock_key(connection)]).fetchone() == (True,)


def _lock_key(connection: psycopg.Connection) -> int:
    return _LOCK_FACTOR * zlib.crc32(connection.info.dbname.encode())
