"""Bounds of partitions as the server prints them, and where a row has to go."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from checks.scratchdb.context import ScratchContext
from checks.targetdb.asking import USER_SCHEMA

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


def parts_of(context: ScratchContext, table: Any) -> list[Part]:
    """The partitions right below a table."""
    return [_part(row) for row in context.rows(_PARTS, [table.oid])]


def in_order(context: ScratchContext, table: Any, parts: Sequence[Part]) -> list[Part]:
    """Range partitions by their lower bound, as the key's type orders them."""
    ranged = [part for part in parts if part.low]
    finite = [part for part in ranged if part.low != "MINVALUE"]
    first = [part for part in ranged if part.low == "MINVALUE"]
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
