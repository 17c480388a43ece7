"""fk-types: columns of a new foreign key hold every value of the columns that they point to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from checks.base import Check, Need, Result, counted
from checks.scratch.places import CONSTRAINT, Places
from checks.scratchdb.context import ScratchContext
from checks.targetdb.asking import USER_SCHEMA, short
from checks.verdict import verdict

_COLUMNS = f"""
SELECT c.oid::bigint AS oid, c.conrelid::regclass::text AS table, c.confrelid::regclass::text AS target,
       c.conname::text AS name, a.attname::text AS column, b.attname::text AS target_column,
       format_type(a.atttypid, a.atttypmod) AS type, format_type(b.atttypid, b.atttypmod) AS target_type,
       format_type(a.atttypid, NULL) AS base, format_type(b.atttypid, NULL) AS target_base,
       a.atttypmod AS limit, b.atttypmod AS target_limit
FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid JOIN pg_namespace n ON n.oid = t.relnamespace
CROSS JOIN LATERAL unnest(c.conkey, c.confkey) k(x, y)
JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.x
JOIN pg_attribute b ON b.attrelid = c.confrelid AND b.attnum = k.y
WHERE c.contype = 'f' AND c.conparentid = 0 AND {USER_SCHEMA} ORDER BY c.oid, k.x
"""
_WIDTHS: Mapping[str, int] = {"smallint": 2, "integer": 4, "bigint": 8}
_TEXTS = ("character varying", "character", "text")


def run(context: ScratchContext) -> Result:
    """A warning for a narrower type than its target's, and for one of another family."""
    places = Places(context)
    rows = places.new(CONSTRAINT, _COLUMNS, "no pending file adds a foreign key")
    found = []
    for row in rows:
        fault = _fault(row)
        if fault:
            column, target = f"{short(row.table)}.{row.column}", f"{short(row.target)}.{row.target_column}"
            message = f"{column} {row.type} -> {target} {row.target_type}: {fault}"
            fix = f"declare {column} as {row.target_type}"
            found.append(places.finding(places.made_by(CONSTRAINT, row.oid), message, column, fix))
    return verdict(found, f"{counted(len({row.oid for row in rows}), 'foreign key')}, each of its target's type")


def _fault(row: Any) -> str:
    """Why the column is not fit to hold its target's values; "" where it is."""
    if row.base == row.target_base or (row.base in _TEXTS and row.target_base in _TEXTS):
        return "narrower than its target" if _is_shorter(row) else ""
    if row.base in _WIDTHS and row.target_base in _WIDTHS:
        return "narrower than its target" if _WIDTHS[row.base] < _WIDTHS[row.target_base] else ""
    return "another type than its target, so that joins have to cast"


def _is_shorter(row: Any) -> bool:
    """-1 means no limit. A numeric's holds precision and scale, of which any difference may cut a value."""
    if row.base == "numeric":
        return bool(row.limit not in (-1, row.target_limit))
    limited = row.limit != -1 and row.base in _TEXTS
    return bool(limited and (row.target_limit == -1 or row.limit < row.target_limit))


CHECK = Check(
    id="fk-types",
    title="Foreign keys have the type of their target",
    needs=Need.SCRATCH,
    run=run,
    decides="Passes when each column of a foreign key that pending files add holds every value of the column that it "
    "points to: PostgreSQL lets an integer point to a bigint, which fails when the other side passes 2147483647.",
    cost="One catalog query in the scratch database, once the files are applied.",
    fix="Declare the column with the type of the column that it points to.",
)
