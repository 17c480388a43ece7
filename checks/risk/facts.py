"""The risk of one statement as facts: what it holds, what it does meanwhile, how large the tables are."""

from __future__ import annotations

from dataclasses import dataclass, field

from checks.sql.statements import Statement

# Weakest first; see the conflict table of https://www.postgresql.org/docs/current/explicit-locking.html
MODES = (
    "AccessShareLock",
    "RowShareLock",
    "RowExclusiveLock",
    "ShareUpdateExclusiveLock",
    "ShareLock",
    "ShareRowExclusiveLock",
    "ExclusiveLock",
    "AccessExclusiveLock",
)
BLOCKING = frozenset(MODES[4:])

REWRITES, SCANS, BUILDS, REFRESHES, CHANGES = "rewrites", "scans", "builds an index on", "refreshes", "changes rows of"
NOTE = "note"


@dataclass(frozen=True, order=True)
class TableName:
    """A table as the target knows it."""

    schema: str
    name: str

    def __str__(self) -> str:
        return self.name if self.schema == "public" else f"{self.schema}.{self.name}"


@dataclass(frozen=True)
class Held:
    """A lock on a table that existed before the pending files, `since` the statement that took it."""

    table: TableName
    mode: str
    since: Statement

    @property
    def blocks(self) -> bool:
        """Whether the application's writes, at least, wait for it."""
        return self.mode in BLOCKING


@dataclass(frozen=True)
class StatementRisk:
    """One pending statement that locks or works on existing tables.

    `work` is what takes time (REWRITES …), by table; nothing for a statement that is over in a moment. `guarded`: the
    file sets a lock_timeout before it. `sizes` in bytes; a table without one is of unknown size. `severity` is by size
    class, see `classes`.
    """

    statement: Statement
    version: str
    held: tuple[Held, ...] = ()
    work: tuple[tuple[str, TableName], ...] = ()
    guarded: bool = False
    sizes: dict[TableName, int] = field(default_factory=dict)
    severity: str = NOTE

    @property
    def blocking(self) -> tuple[Held, ...]:
        """Locks that make the application wait, strongest first."""
        return tuple(sorted((h for h in self.held if h.blocks), key=lambda h: -MODES.index(h.mode)))

    @property
    def waits(self) -> bool:
        """Whether somebody waits for as long as the work takes."""
        return bool(self.blocking) and bool(self.work)

    @property
    def tables(self) -> tuple[TableName, ...]:
        return tuple(dict.fromkeys([t for _, t in self.work] + [h.table for h in self.held]))

    @property
    def worked_size(self) -> int | None:
        """Bytes of the largest table worked on; None where one of them is not known."""
        known = [self.sizes.get(table) for _, table in self.work]
        return None if None in known else max((size for size in known if size is not None), default=0)

    @property
    def held_size(self) -> int:
        """Bytes of the largest table that is blocked, as far as known."""
        return max((self.sizes.get(h.table, 0) for h in self.blocking), default=0)
