"""Django: `django_migrations`, a row an app and migration. Source: Django `db/migrations/recorder.py`.

Rows of apps that the files do not have (auth, sessions, other packages) are none of this deployment's business.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from checks.base import MigrationFile
from checks.history_readers.base import HistoryRow, HistoryTable

if TYPE_CHECKING:
    from checks.postgres import Session

TOOL = "django"
TABLES: tuple[str, ...] = ("django_migrations",)
COLUMNS = frozenset({"app", "name", "applied"})
OTHERS: frozenset[str] = frozenset()
one_row = False

_QUERY = """
SELECT app, name, to_char(applied AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS applied_at
FROM {} ORDER BY id
"""


def read(session: Session, table: HistoryTable) -> tuple[HistoryRow, ...]:
    """All rows as `app.name`, in the order in which they were applied."""
    from psycopg import sql

    rows = session.rows(sql.SQL(_QUERY).format(sql.Identifier(table.schema, table.name)))
    return tuple(HistoryRow(f"{row.app}.{row.name}", row.name, row.applied_at or "") for row in rows)


def fit(rows: Sequence[HistoryRow], files: Sequence[MigrationFile]) -> tuple[HistoryRow, ...]:
    """The rows of the files' apps. Files of a folder that names no app belong to the app whose rows they fit best."""
    apps = {app for file in files if (app := file.version.rpartition(".")[0])}
    if apps:
        return tuple(row for row in rows if _app(row) in apps)
    names = {file.version for file in files}
    best = Counter(_app(row) for row in rows if row.name in names).most_common(1)
    return tuple(replace(row, version=row.name) for row in rows if best and _app(row) == best[0][0])


def checksum(file: MigrationFile) -> str:  # noqa: ARG001 - every reader answers, this tool keeps none
    """None is kept."""
    return ""


def _app(row: HistoryRow) -> str:
    return row.version.rpartition(".")[0]
