"""The risk of one statement as facts: what it holds, what it does meanwhile, how large the tables are."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from typing import NamedTuple

from checks.base import ERROR, NOTE, WARNING, CannotRun, DatabaseAddress
from checks.measures import MEGABYTE
from checks.options import numeric_option
from checks.sql.objects import Name
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


@dataclass(frozen=True)
class Held:
    """A lock on a table that existed before the pending files, `since` the statement that took it."""

    table: Name
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
    work: tuple[tuple[str, Name], ...] = ()
    guarded: bool = False
    sizes: dict[Name, int] = field(default_factory=dict)
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
    def tables(self) -> tuple[Name, ...]:
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


Observed = Mapping[tuple[str, int], StatementRisk | None]
"""By file and offset: what each statement that scratch ran and could watch did; None for one that blocks nobody."""

CHECK_ID = "statement-risk"


class Classes(NamedTuple):
    """Bytes: below `small` work is over soon enough, above `large` it takes minutes."""

    small: int
    large: int


def classes(options: Mapping[str, object]) -> Classes:
    """`small_mb` and `large_mb` under `[checks.statement-risk]`. Raises CannotRun for what is no number."""
    small = numeric_option(options, CHECK_ID, "small_mb", 100, " of megabytes", least=0)
    large = numeric_option(options, CHECK_ID, "large_mb", 1000, " of megabytes", least=0)
    return Classes(int(small * MEGABYTE), int(large * MEGABYTE))


def severity(risk: StatementRisk, limits: Classes) -> str:
    """By the size that is worked on while others wait, else by what is blocked."""
    if risk.waits:
        size = risk.worked_size
        if size is None:
            return WARNING
        return ERROR if size > limits.large else WARNING if size >= limits.small else NOTE
    if risk.work:
        changes = any(work == CHANGES for work, _ in risk.work)
        return WARNING if changes and (risk.worked_size or 0) > limits.large else NOTE
    queues = bool(risk.blocking) and not risk.guarded
    return WARNING if queues and risk.held_size > limits.large else NOTE


# A partitioned table counts its partitions, a table its TOAST. relpages is 0 until the first VACUUM or ANALYZE:
# then the counted rows stand in, at a hundred bytes each.
_SIZES = """
WITH RECURSIVE wanted AS (
  SELECT c.oid, w.schema, w.name FROM unnest(%s::text[], %s::text[]) w(schema, name)
  JOIN pg_namespace n ON n.nspname = w.schema JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = w.name
), parts AS (
  SELECT oid, schema, name FROM wanted
  UNION ALL SELECT i.inhrelid, p.schema, p.name FROM parts p JOIN pg_inherits i ON i.inhparent = p.oid
)
SELECT p.schema, p.name, sum(CASE
    WHEN c.relpages > 0 THEN (c.relpages + coalesce(t.relpages, 0))::bigint * current_setting('block_size')::bigint
    ELSE pg_stat_get_live_tuples(c.oid) * 100 END)::bigint AS bytes
FROM parts p JOIN pg_class c ON c.oid = p.oid LEFT JOIN pg_class t ON t.oid = c.reltoastrelid
GROUP BY p.schema, p.name
"""


def table_sizes(target: DatabaseAddress | None, tables: Collection[Name], check_id: str) -> tuple[dict[Name, int], str]:
    """Bytes by table, and why they are not known ("" where they are). One guarded transaction; never raises."""
    if target is None or not target.conninfo:
        return {}, "no target is configured"
    if not tables:
        return {}, ""
    from checks.targetdb.session import Target

    parameters = [[table.schema for table in tables], [table.bare for table in tables]]
    try:
        with closing(Target(target)) as guarded, guarded.session(check_id) as session:
            rows = session.rows(_SIZES, parameters)
    except CannotRun as fault:
        return {}, fault.sentence
    return {Name(row.schema, row.name): int(row.bytes or 0) for row in rows}, ""
