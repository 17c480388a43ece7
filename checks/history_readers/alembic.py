"""Alembic: `alembic_version` with the heads only; what leads to them is in the files. Source: Alembic's manual.

It keeps no time, no name and no checksum.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from checks.base import MigrationFile
from checks.history_readers.base import HistoryRow, HistoryTable
from checks.migration_scripts import parents

if TYPE_CHECKING:
    from checks.postgres import Session

TOOL = "alembic"
TABLES: tuple[str, ...] = ("alembic_version",)
COLUMNS = frozenset({"version_num"})
OTHERS: frozenset[str] = frozenset()
one_row = False

_QUERY = "SELECT version_num FROM {} ORDER BY 1"


def read(session: Session, table: HistoryTable) -> tuple[HistoryRow, ...]:
    """A row a head."""
    from psycopg import sql

    rows = session.rows(sql.SQL(_QUERY).format(sql.Identifier(table.schema, table.name)))
    return tuple(HistoryRow(str(row.version_num)) for row in rows)


def fit(rows: Sequence[HistoryRow], files: Sequence[MigrationFile]) -> tuple[HistoryRow, ...]:
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


def checksum(file: MigrationFile) -> str:  # noqa: ARG001 - every reader answers, this tool keeps none
    """None is kept."""
    return ""
