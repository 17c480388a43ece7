"""Partitions and their bounds as ranges, for the checks of coverage, usage and age."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from checks.base import CannotRun, NotApplicable
from checks.contexts import TargetContext
from checks.targetdb.asking import UNLOCKED, USER_SCHEMA, short

_PARENTS = f"""
SELECT c.oid::regclass::text AS name, p.partstrat::text AS strategy, p.partnatts AS columns,
       coalesce(nullif(p.partdefid, 0)::regclass::text, '') AS default_partition,
       coalesce(format_type(a.atttypid, NULL), '') AS key_type
FROM pg_partitioned_table p JOIN pg_class c ON c.oid = p.partrelid JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = p.partattrs[0] AND p.partattrs[0] > 0
WHERE {USER_SCHEMA} ORDER BY 1
"""
# pg_get_expr opens the partition, so one that somebody holds or awaits is left out and named.
_PARTITIONS = f"""
SELECT i.inhparent::regclass::text AS parent, c.oid::regclass::text AS name, coalesce(s.n_live_tup, 0) AS rows,
       c.relpages::bigint * current_setting('block_size')::int AS bytes, coalesce(s.n_tup_ins, 0) AS inserted,
       CASE WHEN {UNLOCKED} THEN pg_get_expr(c.relpartbound, c.oid) END AS bound
FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_stat_user_tables s ON s.relid = c.oid
WHERE c.relispartition AND c.relkind IN ('r', 'p', 'f') AND {USER_SCHEMA} ORDER BY 1, 2
"""
_BOUND = re.compile(r"FOR VALUES FROM \((?P<start>[^)]*)\) TO \((?P<end>[^)]*)\)")
_TIMES = ("date", "timestamp without time zone", "timestamp with time zone")


@dataclass(frozen=True)
class Partition:
    """One partition; `start` and `end` (exclusive) are None for MINVALUE, MAXVALUE and other strategies."""

    name: str
    rows: int
    bytes: int
    inserted: int
    is_default: bool = False
    start: datetime | None = None
    end: datetime | None = None
    is_range: bool = False


@dataclass(frozen=True)
class Partitioned:
    """A partitioned table; `by_time`: RANGE over one column of dates or times, the case that runs out."""

    name: str
    by_time: bool
    partitions: tuple[Partition, ...]

    @property
    def ranges(self) -> tuple[Partition, ...]:
        """By start; an open start comes first."""
        found = (part for part in self.partitions if part.is_range)
        return tuple(sorted(found, key=lambda part: part.start or datetime.min.replace(tzinfo=UTC)))

    @property
    def default(self) -> Partition | None:
        return next((part for part in self.partitions if part.is_default), None)


def read_partitioned(context: TargetContext) -> list[Partitioned]:
    """All partitioned tables. Raises NotApplicable where there is none, CannotRun where a bound is out of reach."""
    with context.session() as session:
        parents, rows = session.rows(_PARENTS), session.rows(_PARTITIONS)
    if not parents:
        raise NotApplicable(f"{context.name} has no partitioned table")
    if locked := [short(row.name) for row in rows if row.bound is None]:
        sentence = f"{context.name} is busy: {locked[0]} is locked by a running change"
        raise CannotRun(sentence, "try again when the migration has finished")
    return [_partitioned(parent, [row for row in rows if row.parent == parent.name]) for parent in parents]


def _partitioned(parent: Any, rows: list[Any]) -> Partitioned:
    by_time = parent.strategy == "r" and parent.columns == 1 and parent.key_type in _TIMES
    return Partitioned(short(parent.name), by_time, tuple(_partition(row, by_time) for row in rows))


def _partition(row: Any, by_time: bool) -> Partition:
    found = _BOUND.fullmatch(row.bound)
    is_default = row.bound == "DEFAULT"
    if not by_time or found is None:
        return Partition(short(row.name), row.rows, row.bytes, row.inserted, is_default)
    start, end = _time(found["start"]), _time(found["end"])
    return Partition(short(row.name), row.rows, row.bytes, row.inserted, False, start, end, True)


def _time(bound: str) -> datetime | None:
    """`'2026-11-01 00:00:00+00'`; None for MINVALUE and MAXVALUE, and for times that Python does not know."""
    try:
        found = datetime.fromisoformat(bound.strip("'"))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
