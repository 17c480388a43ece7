"""How each tool keeps its history. A new one is a `HistoryReader`, and its place in READERS."""

from __future__ import annotations

import hashlib
import re
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

from checks.base import MigrationFile, version_key
from checks.history.rows import HistoryReader, HistoryRow, RowState, utc
from checks.layouts import parents


def _sqlx(rows: Iterable[Any]) -> Iterator[HistoryRow]:
    """`success` false is what sqlx calls dirty. Source: sqlx-core `migrate`, sqlx-postgres `migrate.rs`.

    Today's driver writes the row in the file's own transaction, so a failed file leaves none at all; a failed
    `-- no-transaction` file leaves objects without a row.
    """
    for row in rows:
        state = RowState.OK if row.success else RowState.DIRTY
        yield HistoryRow(str(row.version), row.description, row.applied_at or "", state, row.checksum or "")


SQLX = HistoryReader(
    "sqlx",
    ("_sqlx_migrations",),
    frozenset({"version", "description", "installed_on", "success", "checksum"}),
    f"SELECT version, description, success, encode(checksum, 'hex') AS checksum, {utc('installed_on')} "
    "FROM {} ORDER BY version",
    _sqlx,
    # Of the raw bytes: line ends count.
    checksum=lambda file: hashlib.sha384(file.content).hexdigest(),
)


def _golang(rows: Iterable[Any]) -> Iterator[HistoryRow]:
    """One row or none. `dirty` is set before a file runs and cleared after it: it failed, or runs now. -1 is none.

    Source: golang-migrate `database/postgres`. It keeps no time, no name and no checksum.
    """
    return (HistoryRow(str(row.version), state=RowState.DIRTY if row.dirty else RowState.OK) for row in rows)


def _up_to_last(rows: Sequence[HistoryRow], files: Sequence[MigrationFile]) -> tuple[HistoryRow, ...]:
    """The row, after one for each file before it."""
    if not rows:
        return ()
    last = max(version_key(row.version) for row in rows)
    earlier = [HistoryRow(file.version, file.name) for file in files if version_key(file.version) < last]
    return (*earlier, *rows)


GOLANG_MIGRATE = HistoryReader(
    "golang-migrate",
    ("schema_migrations",),
    frozenset({"version", "dirty"}),
    "SELECT version, dirty FROM {} WHERE version >= 0",
    _golang,
    fit=_up_to_last,
    one_row=True,
)


def _with_ancestors(rows: Sequence[HistoryRow], files: Sequence[MigrationFile]) -> tuple[HistoryRow, ...]:
    """The heads and all their ancestors, in the files' order; heads without a file at the end."""
    down = {file.version: parents(file) for file in files}
    applied: set[str] = set()
    waiting = [row.version for row in rows]
    while waiting:
        revision = waiting.pop()
        if revision not in applied:
            applied.add(revision)
            waiting.extend(down.get(revision, ()))
    known = [HistoryRow(file.version, file.name) for file in files if file.version in applied]
    return (*known, *(row for row in rows if row.version not in down))


# A row a head; what leads to it is in the files. It keeps no time, no name and no checksum. Source: Alembic's manual.
ALEMBIC = HistoryReader(
    "alembic",
    ("alembic_version",),
    frozenset({"version_num"}),
    "SELECT version_num FROM {} ORDER BY 1",
    lambda rows: (HistoryRow(str(row.version_num)) for row in rows),
    fit=_with_ancestors,
)


def _app(row: HistoryRow) -> str:
    return row.version.rpartition(".")[0]


def _of_own_apps(rows: Sequence[HistoryRow], files: Sequence[MigrationFile]) -> tuple[HistoryRow, ...]:
    """The rows of the files' apps: others (auth, sessions, other packages) are none of this deployment's business.

    Files of a folder that names no app belong to the app whose rows they fit best.
    """
    apps = {app for file in files if (app := file.version.rpartition(".")[0])}
    if apps:
        return tuple(row for row in rows if _app(row) in apps)
    names = {file.version for file in files}
    best = Counter(_app(row) for row in rows if row.name in names).most_common(1)
    return tuple(replace(row, version=row.name) for row in rows if best and _app(row) == best[0][0])


# In the order in which they were applied. Source: Django `db/migrations/recorder.py`.
DJANGO = HistoryReader(
    "django",
    ("django_migrations",),
    frozenset({"app", "name", "applied"}),
    f"SELECT app, name, {utc('applied')} FROM {{}} ORDER BY id",
    lambda rows: (HistoryRow(f"{row.app}.{row.name}", row.name, row.applied_at or "") for row in rows),
    fit=_of_own_apps,
)

# It keeps versions alone; dbmate's table is read the same. Source: ActiveRecord `schema_migration.rb`.
RAILS = HistoryReader(
    "rails",
    ("schema_migrations",),
    frozenset({"version"}),
    "SELECT version::text FROM {} ORDER BY 1",
    lambda rows: (HistoryRow(row.version) for row in rows),
    others=frozenset({"dirty", "inserted_at", "statements"}),
)

# A row an act; the newest of a version says whether it is applied. Version 0 is its seed.
# Source: goose `internal/dialect/dialectquery/postgres.go`.
GOOSE = HistoryReader(
    "goose",
    ("goose_db_version",),
    frozenset({"version_id", "is_applied", "tstamp"}),
    "SELECT version_id, applied_at FROM ("
    f"SELECT DISTINCT ON (version_id) version_id, is_applied, {utc('tstamp::timestamptz')} "
    "FROM {} WHERE version_id > 0 ORDER BY version_id, id DESC) AS newest WHERE is_applied ORDER BY version_id",
    lambda rows: (HistoryRow(str(row.version_id), applied_at=row.applied_at or "") for row in rows),
)


def _prisma(rows: Iterable[Any]) -> Iterator[HistoryRow]:
    """The newest attempt at each migration; one that neither finished nor was rolled back failed, or runs now.

    Source: Prisma Migrate `sql-schema-connector`, "About the history". The version is the name up to the first `_`.
    """
    for row in rows:
        version, _, name = row.migration_name.partition("_")
        state = RowState.OK if row.finished else RowState.DIRTY
        yield HistoryRow(version, name, row.applied_at or "", state, row.checksum or "")


PRISMA = HistoryReader(
    "prisma",
    ("_prisma_migrations",),
    frozenset({"checksum", "finished_at", "migration_name", "rolled_back_at", "started_at"}),
    "SELECT DISTINCT ON (migration_name) migration_name, checksum, finished_at IS NOT NULL AS finished, "
    f"{utc('coalesce(finished_at, started_at)')} "
    "FROM {} WHERE rolled_back_at IS NULL ORDER BY migration_name, started_at DESC",
    _prisma,
    checksum=lambda file: hashlib.sha256(file.content).hexdigest(),
)


# Flyway: a row a run. Source: Flyway "Schema history table", core `ChecksumCalculator`.
# A version may have several rows (undone, deleted by repair, run again): the highest `installed_rank` says what holds.
# A baseline row stands for every file up to its version. Repeatable files have no version; the script names them.
# `installed_on` has no zone: it is read in the server's.

BASELINE = "<< Flyway Baseline >>"
_GONE = ("DELETE", "UNDO_SQL", "UNDO_JDBC", "UNDO_SPRING_JDBC", "UNDO_SCRIPT")
_LINE_END = re.compile(rb"\r\n|\r|\n")
_BOM = b"\xef\xbb\xbf"


def _fit(rows: Sequence[HistoryRow], files: Sequence[MigrationFile]) -> tuple[HistoryRow, ...]:
    """A baseline becomes a row for each numbered file up to its version."""
    marks = [version_key(row.version) for row in rows if row.name == BASELINE]
    others = [row for row in rows if row.name != BASELINE]
    own = {version_key(row.version) for row in others}
    covered = [
        HistoryRow(file.version, file.name)
        for file in files
        if (key := version_key(file.version)) not in own and key[0] == 0 and any(key <= mark for mark in marks)
    ]
    return (*covered, *others)


def _checksum(file: MigrationFile) -> str:
    """CRC32 of the lines without their ends and without a byte-order mark, as a signed 32-bit number."""
    crc = 0
    for line in _LINE_END.split(file.content.removeprefix(_BOM)):
        crc = zlib.crc32(line, crc)
    return str(crc - (1 << 32) if crc >= 1 << 31 else crc)


def _latest(rows: Iterable[Any]) -> tuple[HistoryRow, ...]:
    found: dict[str, HistoryRow] = {}
    for row in rows:
        version = row.version or PurePosixPath(row.script).stem
        found.pop(version, None)
        if row.type not in _GONE:
            found[version] = _row(version, row)
    return tuple(found.values())


def _row(version: str, row: Any) -> HistoryRow:
    state = RowState.OK if row.success else RowState.FAILED
    name = BASELINE if row.type == "BASELINE" else row.description
    crc = "" if row.checksum is None else str(row.checksum)
    return HistoryRow(version, name, row.applied_at or "", state, crc)


FLYWAY = HistoryReader(
    "flyway",
    ("flyway_schema_history", "schema_version"),
    frozenset({"installed_rank", "version", "description", "type", "script", "checksum", "success"}),
    f"SELECT version, description, type, script, checksum, success, {utc('installed_on::timestamptz')} "
    "FROM {} WHERE type <> 'SCHEMA' ORDER BY installed_rank",
    _latest,
    fit=_fit,
    checksum=_checksum,
)

READERS: tuple[HistoryReader, ...] = (SQLX, GOLANG_MIGRATE, FLYWAY, ALEMBIC, DJANGO, RAILS, GOOSE, PRISMA)


def tables_of(tool: str) -> list[str]:
    """Where the tool keeps its history; all known places for a tool that was not told (`auto`)."""
    return sorted({table for reader in READERS if tool in ("auto", reader.tool) for table in reader.tables})
