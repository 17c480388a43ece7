"""Prisma: `_prisma_migrations`, a row an attempt. Source: Prisma Migrate `sql-schema-connector`, "About the history".

A row that was rolled back no longer counts; one that neither finished nor was rolled back failed, or runs now.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from checks.base import MigrationFile
from checks.history_readers.base import HistoryRow, HistoryTable, RowState, as_they_are

if TYPE_CHECKING:
    from checks.postgres import Session

TOOL = "prisma"
TABLES: tuple[str, ...] = ("_prisma_migrations",)
COLUMNS = frozenset({"checksum", "finished_at", "migration_name", "rolled_back_at", "started_at"})
OTHERS: frozenset[str] = frozenset()
one_row = False
fit = as_they_are

_QUERY = """
SELECT DISTINCT ON (migration_name) migration_name, checksum, finished_at IS NOT NULL AS finished,
       to_char(coalesce(finished_at, started_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS applied_at
FROM {} WHERE rolled_back_at IS NULL ORDER BY migration_name, started_at DESC
"""


def read(session: Session, table: HistoryTable) -> tuple[HistoryRow, ...]:
    """The newest attempt at each migration, by name; the version is the name up to the first underscore."""
    from psycopg import sql

    return tuple(_row(row) for row in session.rows(sql.SQL(_QUERY).format(sql.Identifier(table.schema, table.name))))


def checksum(file: MigrationFile) -> str:
    """sha256 of the raw bytes, hex."""
    return hashlib.sha256(file.content).hexdigest()


def _row(row: Any) -> HistoryRow:
    version, _, name = row.migration_name.partition("_")
    state = RowState.OK if row.finished else RowState.DIRTY
    return HistoryRow(version, name, row.applied_at or "", state, row.checksum or "")
