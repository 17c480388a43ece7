"""Rows put into partitions, one after the other, each taken back at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from checks.scratch.partition_bounds import Part
from checks.scratchdb.context import ScratchContext

if TYPE_CHECKING:
    from checks.scratchdb.generated_row import MadeRow
    from checks.targetdb.session import Connection

NOWHERE = 0
_TIMEOUT = "5s"
# The partition right below the root, for a row that sub-partitions passed on.
_TOP = (
    "(SELECT a.relid::oid::bigint FROM pg_partition_ancestors(tableoid) a JOIN pg_inherits i ON i.inhrelid = a.relid \
WHERE i.inhparent = {}::oid)"
)
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
            connection.execute(f"SET LOCAL statement_timeout = '{_TIMEOUT}'".encode())
            row = make_row(connection, table)
            for part in parts:
                value = _first_value(part)
                if value:
                    placed.append((part, _landing(connection, table, row, value)))
        except psycopg.Error as fault:
            return [], f"{fault.sqlstate} {fault.diag.message_primary}"
    return placed, ""


def periods_ahead(context: ScratchContext, table: Any, ordered: Sequence[Part], ahead: int) -> int:
    """How many periods from now on, each as long as the last bounded partition, have a partition of their own."""
    bounded = [part for part in ordered if part.low != "MINVALUE" and part.high != "MAXVALUE"]
    if not bounded:
        return ahead + 1
    last = bounded[-1]
    times = context.rows(_PERIOD.format(low=last.low, high=last.high, ahead=int(ahead)))
    covered = 0
    for time in times:
        if not _is_covered(context, table, ordered, time.at):
            break
        covered += 1
    return covered


def _is_covered(context: ScratchContext, table: Any, ordered: Sequence[Part], at: Any) -> bool:
    ranges = " OR ".join(f"({_above(table, part)} AND {_below(table, part)})" for part in ordered)
    return bool(context.value(f"SELECT {ranges} FROM (SELECT %s::timestamptz::{table.type} AS at) t", [at]))


def _above(table: Any, part: Part) -> str:
    return "true" if part.low == "MINVALUE" else f"at >= {part.low}::{table.type}"


def _below(table: Any, part: Part) -> str:
    return "true" if part.high == "MAXVALUE" else f"at < {part.high}::{table.type}"


def _first_value(part: Part) -> str:
    """A literal that belongs into the partition; "" where none is known."""
    if part.values:
        return part.values[0]
    return part.low if part.low != "MINVALUE" else ""


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
