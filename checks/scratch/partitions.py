"""partition-rows: each partition takes a row, no gap lies between them, and the periods to come have one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any

from checks.base import ERROR, WARNING, Finding, NotApplicable, Result, counted, scratch_check
from checks.findings import verdict
from checks.options import numeric_option
from checks.scratch.partition_trial import NOWHERE, TABLES, Part, in_order, parts_of, periods_ahead, place_rows
from checks.scratch.places import PG_CLASS, Places
from checks.scratchdb.context import ScratchContext
from checks.sql.mends import literal, named_after
from checks.targetdb.asking import short

_AHEAD = 3


@scratch_check(
    title="Partitions take their rows",
    decides="For partitioned tables that pending files make or add to: a made-up row at the start of each partition "
    "lands there; no gap between ranges, no enum label without a list, no hash remainder missing (an error without a "
    "default partition, else a warning); now and the next 3 periods ([checks.partition-rows] ahead) have a partition "
    "of their own. Keys of several columns or expressions are only counted.",
    cost="A row a partition in the scratch database, rolled back.",
    fix="Create the missing partitions in the same file, or let a job create them ahead of time.",
)
def partition_rows(context: ScratchContext) -> Result:
    places = Places(context)
    given = context.inputs.options
    ahead = int(numeric_option(given, partition_rows.id, "ahead", _AHEAD, " of periods", (int,), least=0))
    found: list[Finding] = []
    shown = []
    for table in context.rows(TABLES):
        parts = parts_of(context, table)
        statement = _recent(places, table, parts)
        if statement is None:
            continue
        faults, told = _table(context, table, parts, ahead)
        found += [places.finding(statement, message, table.table, hint, severity) for message, hint, severity in faults]
        shown.append(f"{short(table.table)}: {told}")
    if not shown:
        raise NotApplicable("no pending file makes a partitioned table or a partition")
    return verdict(found, "; ".join(shown))


def _recent(places: Places, table: Any, parts: Sequence[Part]) -> Any:
    """The pending statement that made the table, else one that made or took away a partition."""
    made = places.made_by(PG_CLASS, table.oid)
    newest = [statement for part in parts if (statement := places.made_by(PG_CLASS, part.oid)) is not None]
    return made or (newest[-1] if newest else None) or places.touched_by(table.oid, "partition")


def _table(context: ScratchContext, table: Any, parts: list[Part], ahead: int) -> tuple[list[Any], str]:
    """Faults as (message, hint, severity), and the evidence."""
    told = counted(len(parts), "partition") + (", one the default" if table.has_default else "")
    if not parts:
        fault = (f"{short(table.table)} has no partition: every INSERT fails", "create its partitions", ERROR)
        return [fault], told
    if table.strategy == "h":
        return _hash(table, parts), told
    if table.columns != 1 or table.column is None:
        return [], f"{told}, key {table.key} not tried"
    return _keyed(context, table, parts, ahead, told)


def _keyed(context: ScratchContext, table: Any, parts: list[Part], ahead: int, told: str) -> tuple[list[Any], str]:
    """A key of one column: a row for each partition, for what lies between, and for now and later."""
    ordered = in_order(context, table, parts) if table.strategy == "r" else [p for p in parts if not p.is_default]
    placed, lack = place_rows(context, table, ordered)
    faults = [_wrong(table, part, where) for part, where in placed if where != part.oid]
    faults += _gaps(table, ordered) if table.strategy == "r" else _labels(table, ordered)
    if lack:
        return faults, f"{told}, no test row: {lack}"
    told += f", a row in each of {len(placed)}"
    if table.strategy == "r" and table.is_time and len(ordered) > 0:
        covered = periods_ahead(context, table, ordered, ahead)
        told += f", {covered} of {ahead + 1} periods from now on covered"
        faults += [_short(table, covered, ahead)] if covered <= ahead else []
    return faults, told


def _gaps(table: Any, ordered: Sequence[Part]) -> list[tuple[str, str, str]]:
    found = []
    for before, after in pairwise(ordered):
        if before.high != after.low:
            where = "lands in the default partition" if table.has_default else "is refused"
            gap = " to ".join(bound.strip("'") for bound in (before.high, after.low))
            message = f"{short(table.table)}: gap {gap}, a row of it {where}"
            hint = _made(table, before.high, f"FROM ({before.high}) TO ({after.low})")
            found.append((message, hint, WARNING if table.has_default else ERROR))
    return found


def _labels(table: Any, parts: Sequence[Part]) -> list[tuple[str, str, str]]:
    """A list over an enum has to name each label, unless there is a default."""
    named = {value.strip("'").replace("''", "'") for part in parts for value in part.values}
    missing = [label for label in table.labels or () if label not in named]
    if not missing or table.has_default:
        return []
    message = f"{short(table.table)}: no partition for {', '.join(missing)}, a row of it is refused"
    return [(message, _made(table, missing[0], f"IN ({', '.join(map(literal, missing))})"), ERROR)]


def _made(table: Any, first: str, values: str) -> str:
    """Its name says where it begins."""
    suffix = re.sub(r"[^a-z0-9]+", "_", first.lower()).strip("_")[:20]
    name = named_after(short(table.table), suffix or "more")
    return f"CREATE TABLE {name} PARTITION OF {short(table.table)} FOR VALUES {values}"


def _hash(table: Any, parts: Sequence[Part]) -> list[tuple[str, str, str]]:
    covered = sum((Fraction(1, part.modulus) for part in parts if part.modulus), Fraction(0))
    if covered == 1:
        return []
    message = f"{short(table.table)}: hash partitions cover {covered} of all rows, the others are refused"
    return [(message, "create a partition for each remainder", ERROR)]


def _wrong(table: Any, part: Part, where: int) -> tuple[str, str, str]:
    what = "is refused" if where == NOWHERE else "lands in another partition"
    message = f"a row at the start of {short(part.name)} {what}"
    return message, f"look at the triggers and constraints of {short(table.table)}", ERROR


def _short(table: Any, covered: int, ahead: int) -> tuple[str, str, str]:
    where = "the default partition" if table.has_default else "none"
    what = "the period of now has no partition" if covered == 0 else f"only {counted(covered, 'period')} from now on"
    message = f"{short(table.table)}: {what}, later rows go to {where}"
    return message, f"create partitions for at least {ahead} periods ahead", WARNING
