"""golang-migrate: `schema_migrations` with one row, the last version and whether it is dirty.

Source: golang-migrate `database/postgres`. It keeps no time, no name and no checksum. `dirty` is set before a file
runs and cleared after it, so it means failed, or running now. Version -1 is none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from checks.base import MigrationFile
from checks.history_readers.base import HistoryRow, HistoryTable, RowState

if TYPE_CHECKING:
    from checks.postgres import Session

TOOL = "golang-migrate"
TABLES: tuple[str, ...] = ("schema_migrations",)
COLUMNS = frozenset({"version", "dirty"})
one_row = True

_QUERY = "SELECT version, dirty FROM {} WHERE version >= 0"


def read(session: Session, table: HistoryTable) -> tuple[HistoryRow, ...]:
    """The one row, or none."""
    from psycopg import sql

    rows = session.rows(sql.SQL(_QUERY).format(sql.Identifier(table.schema, table.name)))
    return tuple(HistoryRow(str(row.version), state=RowState.DIRTY if row.dirty else RowState.OK) for row in rows)


def checksum(file: MigrationFile) -> str:  # noqa: ARG001 - every reader answers, this tool keeps none
    """None is kept."""
    return ""
