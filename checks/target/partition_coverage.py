"""partition-coverage: partitions reach from now far enough ahead, without a gap, and nothing falls into the default."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from checks.base import Check, Finding, Need, Result, counted, evidence
from checks.contexts import TargetContext
from checks.target.partition_bounds import Partition, Partitioned, read_partitioned
from checks.targetdb.asking import number_option
from checks.verdict import judged


def run(context: TargetContext) -> Result:
    """Failed where no partition takes a row of now; a warning for gaps, too little ahead, rows in the default."""
    ahead = number_option(context, "periods", 3)
    found = read_partitioned(context)
    timed = [table for table in found if table.by_time]
    if not timed:
        return evidence(f"{counted(len(found), 'partitioned table')}, none by time")
    now = datetime.now(UTC)
    findings = [finding for table in timed for finding in _findings(table, now, ahead)]
    return judged(findings, "; ".join(_reach(table, now) for table in timed))


def _findings(table: Partitioned, now: datetime, ahead: float) -> Iterator[Finding]:
    ranges = table.ranges
    yield from _gaps(table, now)
    default = table.default
    if default is not None and default.rows > 0:
        hint = f"move its rows into partitions of their own; while they lie there, ATTACH scans {default.name}"
        yield Finding(f"{default.name} holds about {default.rows} rows", default.name, hint=hint)
    last = max((part.end for part in ranges if part.end), default=None)
    if any(part.end is None for part in ranges) or (last is None and default):
        return
    if last is None or last <= now:
        until = f" since {last:%Y-%m-%d}" if last else ""
        message = f"{table.name} has no partition for now{until}"
        severity = "warning" if default else "error"
        yield Finding(message, table.name, hint=_make(table), severity=severity)
    elif (left := (last - now) / _period(ranges)) < ahead:
        message = f"{table.name} is covered to {last:%Y-%m-%d}, {left:.1f} periods ahead"
        yield Finding(message, table.name, hint=_make(table))


def _gaps(table: Partitioned, now: datetime) -> Iterator[Finding]:
    """Between neighbours, where it matters still."""
    for one, two in pairwise(table.ranges):
        if one.end and two.start and one.end < two.start and two.start > now:
            gap = f"gap {one.end:%Y-%m-%d}..{two.start:%Y-%m-%d}"
            is_now = one.end <= now
            message = f"{table.name} has no partition for now: {gap}" if is_now else f"{table.name}: {gap}"
            is_error = is_now and table.default is None
            yield Finding(message, table.name, hint=_make(table), severity="error" if is_error else "warning")


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


def _make(table: Partitioned) -> str:
    return f"CREATE TABLE … PARTITION OF {table.name} FOR VALUES FROM (…) TO (…)"


CHECK = Check(
    id="partition-coverage",
    title="Partitions reach far enough ahead",
    needs=Need.TARGET,
    run=run,
    decides="For tables partitioned by a date or time: fails when no partition takes a row of now, warns of a gap "
    "ahead, of fewer than 3 (`periods`) partitions ahead, and of rows in the default partition.",
    cost="Two catalog queries. A partition that a migration holds is not touched: the check then cannot run.",
    fix="Create the partitions, and a job that does it from now on.",
)
