"""old-partitions: partitions past their retention that are still attached."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from checks.base import Check, Finding, Need, Result, counted, evidence
from checks.contexts import TargetContext
from checks.measures import size
from checks.target.partition_bounds import Partition, Partitioned, read_partitioned
from checks.targetdb.asking import number_option


def run(context: TargetContext) -> Result:
    """Evidence: those that end more than `days` (365) ago."""
    days = number_option(context, "days", 365)
    limit = datetime.now(UTC) - timedelta(days=days)
    old = [(table, p) for table in read_partitioned(context) for p in table.ranges if p.end and p.end < limit]
    shown = f"{counted(len(old), 'partition')} older than {days:g} days, {size(sum(part.bytes for _, part in old))}"
    return evidence(shown, [_finding(table, part) for table, part in old])


def _finding(table: Partitioned, part: Partition) -> Finding:
    message = f"{part.name} ended {part.end:%Y-%m-%d}, {size(part.bytes)}"
    hint = f"ALTER TABLE {table.name} DETACH PARTITION {part.name} CONCURRENTLY"
    return Finding(message, part.name, hint=hint, severity="info")


CHECK = Check(
    id="old-partitions",
    title="Partitions past their retention",
    needs=Need.TARGET,
    run=run,
    decides="Shows partitions by time that ended more than 365 days ago (`days`); whether they go is for a person.",
    cost="Two catalog queries. A partition that a migration holds is not touched: the check then cannot run.",
    fix="Detach with CONCURRENTLY, archive, then drop.",
)
