"""Bounds of partitions as the server prints them, and rows put into partitions, each taken back at once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from checks.scratchdb.apply_errors import said_by
from checks.scratchdb.context import ScratchContext
from checks.targetdb.asking import USER_SCHEMA

if TYPE_CHECKING:
    from checks.scratchdb.generated_row import MadeRow
    from checks.targetdb.session import Connection


TABLES = f"""
SELECT c.oid::bigint AS oid, c.oid::regclass::text AS table, n.nspname::text AS schema, c.relname::text AS name,
       p.partstrat AS strategy, pg_get_partkeydef(c.oid) AS key, p.partdefid <> 0 AS has_default,
       p.partnatts AS columns, a.attname::text AS column, format_type(a.atttypid, a.atttypmod) AS type,
       a.atttypid IN ('date'::regtype, 'timestamp'::regtype, 'timestamptz'::regtype) AS is_time,
       (SELECT array_agg(e.enumlabel::text ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = a.atttypid)
         AS labels
FROM pg_partitioned_table p JOIN pg_class c ON c.oid = p.partrelid JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = p.partattrs[0]
WHERE NOT c.relispartition AND {USER_SCHEMA} ORDER BY c.oid
"""
_PARTS = """
SELECT c.oid::bigint AS oid, c.oid::regclass::text AS name, pg_get_expr(c.relpartbound, c.oid) AS bound
FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = %s::oid ORDER BY c.oid
"""
_RANGE = re.compile(r"^FOR VALUES FROM \((?P<low>.*)\) TO \((?P<high>.*)\)$", re.DOTALL)
_LIST = re.compile(r"^FOR VALUES IN \((?P<values>.*)\)$", re.DOTALL)
_HASH = re.compile(r"^FOR VALUES WITH \(modulus (?P<modulus>\d+), remainder \d+\)$")
_LITERAL = re.compile(r"'(?:[^']|'')*'|[^,\s]+")


@dataclass(frozen=True)
class Part:
    """A partition: `low` and `high` of a range, or the `values` of a list, as SQL literals; a hash's `modulus`."""

    oid: int
    name: str
    low: str = ""
    high: str = ""
    values: tuple[str, ...] = ()
    modulus: int = 0
    is_default: bool = False

    @property
    def first_value(self) -> str:
        """A literal that belongs into the partition; "" where none is known."""
        if self.values:
            return self.values[0]
        return self.low if self.low != "MINVALUE" else ""


def parts_of(context: ScratchContext, table: Any) -> list[Part]:
    """The partitions right below a table."""
    return [_part(row) for row in context.rows(_PARTS, [table.oid])]


def in_order(context: ScratchContext, table: Any, parts: Sequence[Part]) -> list[Part]:
    """Range partitions by their lower bound, as the key's type orders them."""
    finite = [part for part in parts if part.low and part.low != "MINVALUE"]
    first = [part for part in parts if part.low == "MINVALUE"]
    if not finite:
        return first
    values = ", ".join(f"({n}, {part.low}::{table.type})" for n, part in enumerate(finite))
    rows = context.rows(f"SELECT v.n FROM (VALUES {values}) v(n, low) ORDER BY v.low")
    return first + [finite[row.n] for row in rows]


def _part(row: Any) -> Part:
    if row.bound == "DEFAULT":
        return Part(row.oid, row.name, is_default=True)
    if match := _RANGE.match(row.bound):
        return Part(row.oid, row.name, low=match["low"], high=match["high"])
    if match := _LIST.match(row.bound):
        return Part(row.oid, row.name, values=tuple(_LITERAL.findall(match["values"])))
    match = _HASH.match(row.bound)
    return Part(row.oid, row.name, modulus=int(match["modulus"]) if match else 0)


NOWHERE = 0
# The partition right below the root, for a row that sub-partitions passed on.
_TOP = """(SELECT a.relid::oid::bigint FROM pg_partition_ancestors(tableoid) a
JOIN pg_inherits i ON i.inhrelid = a.relid WHERE i.inhparent = {}::oid)"""
_PERIOD = """
SELECT p.n, now() + p.n * (CASE WHEN l.step < interval '1 day' THEN l.step
  WHEN l.step >= interval '28 days' AND l.months > 0 THEN l.months * interval '1 month' ELSE l.step END) AS at
FROM (SELECT b.high - b.low AS step, (extract(year FROM age(b.high, b.low)) * 12
        + extract(month FROM age(b.high, b.low)))::int AS months
      FROM (SELECT {low}::timestamp AS low, {high}::timestamp AS high) b) l, generate_series(0, {ahead}) p(n)
"""


def place_rows(context: ScratchContext, table: Any, parts: Sequence[Part]) -> tuple[list[tuple[Part, int]], str]:
    """Each partition with the oid of the one that took its row (NOWHERE: refused), or why no row could be made."""
    import psycopg

    from checks.scratchdb.generated_row import make_row

    placed = []
    with context.trial() as connection:
        try:
            row = make_row(connection, table)
            for part in parts:
                if value := part.first_value:
                    placed.append((part, _landing(connection, table, row, value)))
        except psycopg.Error as fault:
            return [], said_by(fault)
    return placed, ""


def periods_ahead(context: ScratchContext, table: Any, ordered: Sequence[Part], ahead: int) -> int:
    """How many periods from now on, each as long as the last bounded partition, have a partition of their own."""
    bounded = [part for part in ordered if part.low != "MINVALUE" and part.high != "MAXVALUE"]
    if not bounded:
        return ahead + 1
    last = bounded[-1]
    times = context.rows(_PERIOD.format(low=last.low, high=last.high, ahead=int(ahead)))
    ranges = " OR ".join(f"({_within(table, part)})" for part in ordered)
    query = f"SELECT {ranges} FROM (SELECT %s::timestamptz::{table.type} AS at) t"
    return sum(1 for _ in takewhile(lambda time: context.value(query, [time.at]), times))


def _within(table: Any, part: Part) -> str:
    above = "true" if part.low == "MINVALUE" else f"at >= {part.low}::{table.type}"
    below = "true" if part.high == "MAXVALUE" else f"at < {part.high}::{table.type}"
    return f"{above} AND {below}"


def _landing(connection: Connection, table: Any, row: MadeRow, literal: str) -> int:
    """The oid of the partition that takes the row, which is taken back; NOWHERE when it is refused."""
    import psycopg
    from psycopg import sql

    value = connection.execute(f"SELECT ({literal})::text".encode()).fetchone()
    returned = sql.SQL(_TOP.format(int(table.oid)))
    try:
        with connection.transaction(force_rollback=True):
            found = row.returning(connection, returned, {table.column: value[0] if value else None})
    except psycopg.errors.CheckViolation:
        return NOWHERE
    return int(found[0]) if found and found[0] else NOWHERE
