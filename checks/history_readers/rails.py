"""Rails: `schema_migrations`, one column. Source: ActiveRecord `schema_migration.rb`.

It keeps no time, no name and no checksum. dbmate's table has the same shape and is read the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from checks.base import MigrationFile
from checks.history_readers.base import HistoryRow, HistoryTable, as_they_are

if TYPE_CHECKING:
    from checks.postgres import Session

TOOL = "rails"
TABLES: tuple[str, ...] = ("schema_migrations",)
COLUMNS = frozenset({"version"})
OTHERS = frozenset({"dirty", "inserted_at", "statements"})
one_row = False
fit = as_they_are

_QUERY = "SELECT version::text FROM {} ORDER BY 1"


def read(session: Session, table: HistoryTable) -> tuple[HistoryRow, ...]:
    """All rows by version."""
    from psycopg import sql

    rows = session.rows(sql.SQL(_QUERY).format(sql.Identifier(table.schema, table.name)))
    return tuple(HistoryRow(row.version) for row in rows)


def checksum(file: MigrationFile) -> str:  # noqa: ARG001 - every reader answers, this tool keeps none
    """None is kept."""
    return ""
