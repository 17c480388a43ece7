"""sqlx: `_sqlx_migrations`, a row a migration. Source: sqlx-core `migrate`, sqlx-postgres `migrate.rs`.

`success` false is what sqlx calls dirty. Today's driver writes the row in the file's own transaction, so a failed file
leaves none at all; a failed `-- no-transaction` file leaves objects without a row.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from checks.base import MigrationFile
from checks.history_readers.base import HistoryRow, HistoryTable, RowState, as_they_are

if TYPE_CHECKING:
    from checks.postgres import Session

TOOL = "sqlx"
TABLES: tuple[str, ...] = ("_sqlx_migrations",)
COLUMNS = frozenset({"version", "description", "installed_on", "success", "checksum"})
OTHERS: frozenset[str] = frozenset()
one_row = False
fit = as_they_are

_QUERY = """
SELECT version, description, success, encode(checksum, 'hex') AS checksum,
       to_char(installed_on AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS applied_at
FROM {} ORDER BY version
"""


def read(session: Session, table: HistoryTable) -> tuple[HistoryRow, ...]:
    """All rows by version."""
    from psycopg import sql

    return tuple(_row(row) for row in session.rows(sql.SQL(_QUERY).format(sql.Identifier(table.schema, table.name))))


def checksum(file: MigrationFile) -> str:
    """sha384 of the raw bytes, hex; line ends count."""
    return hashlib.sha384(file.content).hexdigest()


def _row(row: Any) -> HistoryRow:
    state = RowState.OK if row.success else RowState.DIRTY
    return HistoryRow(str(row.version), row.description, row.applied_at or "", state, row.checksum or "")
