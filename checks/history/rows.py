"""The one shape of a migration history, whatever tool keeps it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from checks.base import MigrationFile
    from checks.sql.objects import Name
    from checks.targetdb.session import Session


class RowState(StrEnum):
    """What a tool says of one migration."""

    OK = "ok"
    FAILED = "failed"
    DIRTY = "dirty"
    RUNNING = "running"


@dataclass(frozen=True)
class HistoryRow:
    """One migration in a history. `applied_at` is ISO in UTC, `checksum` hex; each is "" where the tool keeps none."""

    version: str
    name: str = ""
    applied_at: str = ""
    state: RowState = RowState.OK
    checksum: str = ""


def utc(moment: str) -> str:
    """SQL of a time as ISO text in UTC, as the column `applied_at`."""
    return f"""to_char({moment} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS applied_at"""


@dataclass(frozen=True)
class HistoryReader:
    """A tool's history. A table is the tool's when it has all of `columns` and none of `others`: several share a name.

    `query` reads the table `{}`, `rows` makes rows of what it gives. `fit` gives the rows as they relate to these up
    files: with those that the tool implies, without those of others. `checksum` of a tool that keeps none is "".
    `one_row`: the table holds only the last version, and everything up to it is applied. `ddl` is how the tool makes
    the table. `beside` is another table that the tool keeps, which tells two tools with the same table apart.
    """

    tool: str
    tables: tuple[str, ...]
    columns: frozenset[str]
    query: str
    rows: Callable[[Iterable[Any]], Iterable[HistoryRow]]
    fit: Callable[[Sequence[HistoryRow], Sequence[MigrationFile]], tuple[HistoryRow, ...]] = field(
        default=lambda rows, _: tuple(rows)
    )
    checksum: Callable[[MigrationFile], str] = field(default=lambda _: "")
    others: frozenset[str] = frozenset()
    one_row: bool = False
    ddl: str = ""
    beside: str = ""

    def read(self, session: Session, table: Name) -> tuple[HistoryRow, ...]:
        """What the table says, in the order of the query. Raises CannotRun, as `session` does."""
        from psycopg import sql

        query = sql.SQL(self.query).format(sql.Identifier(*table))
        return tuple(self.rows(session.rows(query)))
