"""Partitions: how far ahead they reach, which takes the rows, and which are past their retention."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from checks.base import CannotRun, Finding, NotApplicable, Result, counted, evidence, target_check
from checks.contexts import TargetContext
from checks.findings import judged
from checks.measures import size
from checks.sql.mends import named_after
from checks.targetdb.asking import UNLOCKED, USER_SCHEMA, moment, number_option, short
from checks.targetdb.rows import LOOK_SECONDS, readable

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
       c.oid::bigint AS oid,
       CASE WHEN {UNLOCKED} THEN pg_get_expr(c.relpartbound, c.oid) END AS bound
FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_stat_user_tables s ON s.relid = c.oid
WHERE c.relispartition AND c.relkind IN ('r', 'p', 'f') AND {USER_SCHEMA} ORDER BY 1, 2
"""
_BOUND = re.compile(r"FOR VALUES FROM \((?P<start>[^)]*)\) TO \((?P<end>[^)]*)\)")
_COST = (
    "Two catalog queries; a default partition without rows in its statistics is asked for one, for 2 s. "
    "A partition that a migration holds is not touched: the check then cannot run."
)
_TIMES = ("date", "timestamp without time zone", "timestamp with time zone")


@dataclass(frozen=True)
class Partition:
    """One partition; `start` and `end` (exclusive) are None for MINVALUE, MAXVALUE and other strategies.

    `typed` is its name with the schema, here and below.
    """

    name: str
    rows: int
    bytes: int
    inserted: int
    oid: int
    is_default: bool = False
    start: datetime | None = None
    end: datetime | None = None
    is_range: bool = False
    typed: str = ""


@dataclass(frozen=True)
class _Inside:
    """What is in a default partition: nothing, some rows (about so many, 0 for unknown), or why nobody could look."""

    name: str
    is_filled: bool = False
    rows: int = 0
    doubt: str = ""
    hint: str = ""

    @property
    def shown(self) -> str:
        return f"{self.name} holds {f'about {self.rows} rows' if self.rows else 'rows'}"


@dataclass(frozen=True)
class Partitioned:
    """A partitioned table; `by_time`: RANGE over one column of dates or times, the case that runs out."""

    name: str
    by_time: bool
    partitions: tuple[Partition, ...]
    typed: str = ""

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
    found = []
    for parent in parents:
        by_time = parent.strategy == "r" and parent.columns == 1 and parent.key_type in _TIMES
        partitions = tuple(_partition(row, by_time) for row in rows if row.parent == parent.name)
        found.append(Partitioned(short(parent.name), by_time, partitions, parent.name))
    return found


def _partition(row: Any, by_time: bool) -> Partition:
    found = _BOUND.fullmatch(row.bound)
    is_default = row.bound == "DEFAULT"
    if not by_time or found is None:
        return Partition(short(row.name), row.rows, row.bytes, row.inserted, row.oid, is_default)
    start, end = _time(found["start"]), _time(found["end"])
    return Partition(short(row.name), row.rows, row.bytes, row.inserted, row.oid, False, start, end, True, row.name)


def _time(bound: str) -> datetime | None:
    """`'2026-11-01 00:00:00+00'`; None for MINVALUE and MAXVALUE, and for times that Python does not know."""
    try:
        return moment(bound.strip("'"))
    except ValueError:
        return None


def _inside(context: TargetContext, tables: list[Partitioned]) -> dict[str, _Inside]:
    """What is in the default partition of each table that has one, by the table's name."""
    return {table.name: _look_into(context, table.default) for table in tables if table.default}


def _look_into(context: TargetContext, default: Partition) -> _Inside:
    """Statistics come late, and are lost in a crash: where they count nothing, the partition is asked for a row."""
    if default.rows:
        return _Inside(default.name, True, default.rows)
    try:
        with context.session(LOOK_SECONDS) as session:
            relation = readable(session, default.oid, default.name)
            query = f"SELECT EXISTS (SELECT FROM {relation.quoted} LIMIT 1)"
            return _Inside(default.name, relation.bytes != 0 and session.value(query))
    except CannotRun as fault:
        return _Inside(default.name, doubt=fault.sentence, hint=fault.hint)


@target_check(
    title="Partitions reach far enough ahead",
    decides="For tables partitioned by a date or time: fails when no partition takes a row of now, warns of a gap "
    "ahead, of fewer than 3 (`periods`) partitions ahead, and of rows in the default partition.",
    cost=_COST,
    fix="Create the partitions, and a job that does it from now on.",
)
def partition_coverage(context: TargetContext) -> Result:
    ahead = number_option(context, "periods", 3)
    found = read_partitioned(context)
    timed = [table for table in found if table.by_time]
    if not timed:
        return evidence(f"{counted(len(found), 'partitioned table')}, none by time")
    now, inside = datetime.now(UTC), _inside(context, timed)
    findings = [f for table in timed for f in _coverage_findings(table, inside.get(table.name), now, ahead)]
    return judged(findings, "; ".join(_reach(table, now) for table in timed))


def _coverage_findings(table: Partitioned, inside: _Inside | None, now: datetime, ahead: float) -> Iterator[Finding]:
    ranges, default = table.ranges, table.default
    yield from _gaps(table, now)
    if inside is not None and inside.is_filled:
        hint = f"move its rows into partitions of their own; while they lie there, ATTACH scans {inside.name}"
        yield Finding(inside.shown, inside.name, hint=hint)
    last = max((part.end for part in ranges if part.end), default=None)
    if any(part.end is None for part in ranges) or (last is None and default):
        return
    if last is None or last <= now:
        until = f" since {last:%Y-%m-%d}" if last else ""
        message = f"{table.name} has no partition for now{until}"
        severity = "warning" if default else "error"
        yield Finding(message, table.name, hint=_make_next(table, now, ahead), severity=severity)
    elif (left := (last - now) / _period(ranges)) < ahead:
        message = f"{table.name} is covered to {last:%Y-%m-%d}, {left:.1f} periods ahead"
        yield Finding(message, table.name, hint=_make_next(table, now, ahead))


def _gaps(table: Partitioned, now: datetime) -> Iterator[Finding]:
    """Between neighbours, where it matters still."""
    for one, two in pairwise(table.ranges):
        if one.end and two.start and one.end < two.start and two.start > now:
            gap = f"gap {one.end:%Y-%m-%d}..{two.start:%Y-%m-%d}"
            is_now = one.end <= now
            message = f"{table.name} has no partition for now: {gap}" if is_now else f"{table.name}: {gap}"
            is_error = is_now and table.default is None
            hint = _make(table, one.end, two.start)
            yield Finding(message, table.name, hint=hint, severity="error" if is_error else "warning")


def _period(ranges: tuple[Partition, ...]) -> timedelta:
    """The length of the newest closed partition."""
    lengths = [part.end - part.start for part in ranges if part.start and part.end]
    return lengths[-1] if lengths else timedelta(days=30)


def _reach(table: Partitioned, now: datetime) -> str:
    ends = [part.end for part in table.ranges]
    if not ends or None in ends:
        return f"{table.name}: no end"
    last = max(end for end in ends if end)
    return f"{table.name}: {(last - now) / _period(table.ranges):.0f} periods ahead, to {last:%Y-%m-%d}"


def _make(table: Partitioned, start: datetime, end: datetime) -> str:
    name, bounds = named_after(table.typed, f"{start:%Y%m%d}"), f"FROM ('{start}') TO ('{end}')"
    return f"CREATE TABLE {name} PARTITION OF {table.typed} FOR VALUES {bounds}"


_MOST_MADE = 12


def _make_next(table: Partitioned, now: datetime, ahead: float) -> str:
    """As many as are wanted ahead, each as long as the newest."""
    closed = [(part.start, part.end) for part in table.ranges if part.start and part.end]
    if not closed:
        return "create the partitions of now and of the periods to come"
    start, end = closed[-1]
    step = end - start
    made: list[str] = []
    while (end - now) / (end - start) < ahead and len(made) <= _MOST_MADE:
        start, end = end, _later(end, step)
        made.append(_make(table, start, end))
    return "; ".join(made) if len(made) <= _MOST_MADE else f"create its partitions from {now:%Y-%m-%d} on"


def _later(start: datetime, step: timedelta) -> datetime:
    """Months, quarters and years are counted by the calendar."""
    months = round(step.days / 30.44) if start.day == 1 and step.days >= 28 else 0
    if not months:
        return start + step
    years, month = divmod(start.month - 1 + months, 12)
    return start.replace(year=start.year + years, month=month + 1)


@target_check(
    title="Rows go where they belong",
    decides="Passes when no default partition holds a row; evidence where nobody could look into one. Shows how many "
    "rows went into the current partitions.",
    cost=_COST,
    fix="Create the missing partitions and move the rows of the default into them.",
)
def partition_usage(context: TargetContext) -> Result:
    tables = read_partitioned(context)
    inside = _inside(context, tables)
    findings = [_rows_in_default(default) for default in inside.values() if default.is_filled]
    doubts = [default for default in inside.values() if default.doubt]
    shown = "; ".join(_shown_usage(table, inside.get(table.name)) for table in tables[:4])
    return judged(findings, evidence(shown, hint=doubts[0].hint) if doubts else shown)


def _rows_in_default(default: _Inside) -> Finding:
    message = f"{default.shown}, for which there is no partition"
    return Finding(message, default.name, hint="create their partitions and move them")


def _shown_usage(table: Partitioned, inside: _Inside | None) -> str:
    now = datetime.now(UTC)
    total = f"{counted(len(table.partitions), 'partition')}, {size(sum(part.bytes for part in table.partitions))}"
    current = next((p for p in table.ranges if (not p.start or p.start <= now) and (not p.end or now < p.end)), None)
    into = f", current {current.name}: {current.inserted} rows inserted" if current else ""
    rows = f"not looked into: {inside.doubt}" if inside and inside.doubt else "0 rows"
    return f"{table.name}: {total}{into}, {f'default {rows}' if inside else 'no default'}"


@target_check(
    title="Partitions past their retention",
    decides="Passes when no partition by time ended more than 365 days ago (`days`); a warning for each that did: "
    "whether they go is for a person.",
    cost="Two catalog queries. A partition that a migration holds is not touched: the check then cannot run.",
    fix="Detach with CONCURRENTLY, archive, then drop.",
)
def old_partitions(context: TargetContext) -> Result:
    days = number_option(context, "days", 365)
    limit = datetime.now(UTC) - timedelta(days=days)
    timed = [table for table in read_partitioned(context) if table.by_time]
    if not timed:
        raise NotApplicable(f"no table of {context.name} is partitioned by time")
    old = [(table, p) for table in timed for p in table.ranges if p.end and p.end < limit]
    shown = f"{counted(len(old), 'partition')} older than {days:g} days, {size(sum(part.bytes for _, part in old))}"
    return judged([_old_partition(table, part) for table, part in old], shown, shown)


def _old_partition(table: Partitioned, part: Partition) -> Finding:
    message = f"{part.name} ended {part.end:%Y-%m-%d}, {size(part.bytes)}"
    # https://www.postgresql.org/docs/current/sql-altertable.html: not CONCURRENTLY beside a default partition.
    hint = f"ALTER TABLE {table.typed} DETACH PARTITION {part.typed}{'' if table.default else ' CONCURRENTLY'}"
    return Finding(message, part.name, hint=hint)
