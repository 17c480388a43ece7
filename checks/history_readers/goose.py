"""goose: `goose_db_version`, a row an act; the newest of a version says whether it is applied. Version 0 is its seed.

Source: goose `internal/dialect/dialectquery/postgres.go`. `tstamp` has no zone: it is read in the server's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from checks.base import MigrationFile
from checks.history_readers.base import HistoryRow, HistoryTable, as_they_are

if TYPE_CHECKING:
    from checks.postgres import Session

TOOL = "goose"
TABLES: tuple[str, ...] = ("goose_db_version",)
COLUMNS = frozenset({"version_id", "is_applied", "tstamp"})
OTHERS: frozenset[str] = frozenset()
one_row = False
fit = as_they_are

_QUERY = """
SELECT version_id, applied_at FROM (
  SELECT DISTINCT ON (version_id) version_id, is_applied,
         to_char(tstamp::timestamptz AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS applied_at
  FROM {} WHERE version_id > 0 ORDER BY version_id, id DESC) AS newest
WHERE is_applied ORDER BY version_id
"""


def read(session: Session, table: HistoryTable) -> tuple[HistoryRow, ...]:
    """What is applied, by version."""
    from psycopg import sql

    rows = session.rows(sql.SQL(_QUERY).format(sql.Identifier(table.schema, table.name)))
    return tuple(HistoryRow(str(row.version_id), applied_at=row.applied_at or "") for row in rows)


def checksum(file: MigrationFile) -> str:  # noqa: ARG001 - every reader answers, this tool keeps none
    """None is kept."""
    return ""
