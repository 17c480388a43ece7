"""The one shape of a migration history, whatever tool keeps it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from checks.base import MigrationFile
    from checks.postgres import Session


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


@dataclass(frozen=True)
class HistoryTable:
    """Where a history was found."""

    schema: str
    name: str
    columns: frozenset[str]

    @property
    def shown(self) -> str:
        return self.name if self.schema == "public" else f"{self.schema}.{self.name}"


def as_they_are(
    rows: Sequence[HistoryRow],
    files: Sequence[MigrationFile],  # noqa: ARG001 - the answer of tools that write a row for every file
) -> tuple[HistoryRow, ...]:
    """`fit` of a tool that writes a row for every file."""
    return tuple(rows)


class HistoryReader(Protocol):
    """What a tool's module offers: see `sqlx` for a full one, `golang_migrate` for one without times and checksums.

    A table is the tool's when it has all of COLUMNS and none of OTHERS, since several tools share a name.
    `one_row`: the table holds only the last version, and everything up to it is applied.
    """

    TOOL: str
    TABLES: tuple[str, ...]
    COLUMNS: frozenset[str]
    OTHERS: frozenset[str]
    one_row: bool

    def read(self, session: Session, table: HistoryTable) -> tuple[HistoryRow, ...]: ...

    def fit(self, rows: Sequence[HistoryRow], files: Sequence[MigrationFile]) -> tuple[HistoryRow, ...]:
        """The rows as they relate to these up files: with those that the tool implies, without those of others."""

    def checksum(self, file: MigrationFile) -> str: ...
