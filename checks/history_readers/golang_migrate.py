"""golang-migrate: `schema_migrations` with one row, the last version and whether it is dirty.

Source: golang-migrate `database/postgres`. It keeps no time, no name and no checksum. `dirty` is set before a file
runs and cleared after it, so it means failed, or running now. Version -1 is none.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from checks.base import MigrationFile, version_key
from checks.history_readers.base import HistoryRow, HistoryTable, RowState

if TYPE_CHECKING:
    from checks.postgres import Session

TOOL = "golang-migrate"
TABLES: tuple[str, ...] = ("schema_migrations",)
COLUMNS = frozenset({"version", "dirty"})
OTHERS: frozenset[str] = frozenset()
one_row = True

_QUERY = "SELECT version, dirty FROM {} WHERE version >= 0"


def read(session: Session, table: HistoryTable) -> tuple[HistoryRow, ...]:
    """The one row, or none."""
    from psycopg import sql

    rows = session.rows(sql.SQL(_QUERY).format(sql.Identifier(table.schema, table.name)))
    return tuple(HistoryRow(str(row.version), state=RowState.DIRTY if row.dirty else RowState.OK) for row in rows)


def fit(rows: Sequence[HistoryRow], files: Sequence[MigrationFile]) -> tuple[HistoryRow, ...]:
    """The row, after one for each file before it."""
    if not rows:
        return ()
    last = max(version_key(row.version) for row in rows)
    earlier = [HistoryRow(file.version, file.name) for file in files if version_key(file.version) < last]
    return (*earlier, *rows)


def checksum(file: MigrationFile) -> str:  # noqa: ARG001 - every reader answers, this tool keeps none
    """None is kept."""
    return ""
