"""Migration files named as sqlx names them, and `_sqlx_migrations`, written as sqlx writes it."""

from __future__ import annotations

import hashlib
import os
import re
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import pglast
import psycopg
from psycopg.rows import class_row

NO_TRANSACTION = "-- no-transaction"
_NAME = re.compile(r"(?P<version>\d+)_(?P<words>.+?)\.(?:(?P<way>up|down)\.)?sql")


class SourceFault(Exception):
    """The folder cannot be run; the message says which file and why."""


@dataclass(frozen=True)
class SourceFile:
    """One file. `description` is the name's words, as sqlx writes them into its history."""

    path: Path
    version: int
    description: str
    is_down: bool
    content: bytes

    @property
    def checksum(self) -> bytes:
        """SHA-384 of the bytes on disk: what sqlx keeps in `_sqlx_migrations.checksum`."""
        return hashlib.sha384(self.content).digest()

    @property
    def text(self) -> str:
        return self.content.decode()

    @property
    def in_transaction(self) -> bool:
        """sqlx wraps a file in a transaction unless it starts with this very comment."""
        return not self.text.startswith(NO_TRANSACTION)


@dataclass(frozen=True)
class Statement:
    """One statement and the line of its first word, from 1."""

    text: str
    line: int


def read_folder(folder: Path) -> tuple[dict[int, SourceFile], dict[int, SourceFile]]:
    """The up files and the down files of a folder by version. Raises SourceFault where two files claim one version."""
    if not folder.is_dir():
        raise SourceFault(f"{folder} is no folder; --source names the folder with the migration files")
    ups: dict[int, SourceFile] = {}
    downs: dict[int, SourceFile] = {}
    for path in sorted(folder.glob("*.sql")):
        file = read_file(path)
        side = downs if file.is_down else ups
        if file.version in side:
            raise SourceFault(f"{path.name} and {side[file.version].path.name} have the same version; rename one")
        side[file.version] = file
    return dict(sorted(ups.items())), dict(sorted(downs.items()))


def read_file(path: Path) -> SourceFile:
    """One file of the folder. Raises SourceFault where the name is none of sqlx's, or the bytes are not UTF-8."""
    match = _NAME.fullmatch(path.name)
    if match is None:
        raise SourceFault(f"{path.name}: a migration is named VERSION_WORDS.up.sql; rename or remove the file")
    content = path.read_bytes()
    try:
        content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise SourceFault(f"{path.name}:{line}: not UTF-8; save the file as UTF-8") from None
    words = match["words"].replace("_", " ")
    return SourceFile(path, int(match["version"]), words, match["way"] == "down", content)


def split(file: SourceFile) -> list[Statement]:
    """The statements of a file, each with its line; a file that PostgreSQL's parser refuses comes back as one."""
    try:
        slices = pglast.split(file.text, only_slices=True)
    except pglast.parser.ParseError:
        return [Statement(file.text, 1)]
    return [Statement(file.text[part], file.text.count("\n", 0, part.start) + 1) for part in slices]


# `_sqlx_migrations`, the table in which sqlx keeps what it applied, written as sqlx writes it.
#
# Source: sqlx-postgres/src/migrate.rs of https://github.com/launchbadge/sqlx.

TABLE = "_sqlx_migrations"
CLOCK_VARIABLE = "GONOGO_CLOCK_FILE"
CLOCK_FILE = "clock"
"""Its name, beside the folder of the migrations."""
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


def insert(connection: psycopg.Connection, file: SourceFile, ahead: float) -> None:
    """Dated by the try-out's clock, `ahead` seconds of the machine's, so that the row is newer than that day's go."""
    connection.execute(
        "INSERT INTO _sqlx_migrations (version, description, installed_on, success, checksum, execution_time)"
        " VALUES (%s, %s, now() + make_interval(secs => %s), TRUE, %s, -1)",
        [file.version, file.description, ahead, file.checksum],
    )


def clock_shift() -> float:
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
    key = _LOCK_FACTOR * zlib.crc32(connection.info.dbname.encode())
    return connection.execute("SELECT pg_try_advisory_lock(%s)", [key]).fetchone() == (True,)
