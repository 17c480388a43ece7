"""Histories of sqlx, golang-migrate, Alembic, Django, Rails, goose, Prisma. Times without a zone are the server's."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from checks.base import MigrationFile, version_key
from checks.history.rows import HistoryReader, HistoryRow, RowState, utc
from checks.migration_scripts import parents


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
