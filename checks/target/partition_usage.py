"""partition-usage: the current partition takes the rows, the default none."""

from __future__ import annotations

from datetime import UTC, datetime

from checks.base import Check, Finding, Need, Result, counted
from checks.contexts import TargetContext
from checks.measures import size
from checks.target.partition_bounds import Partition, Partitioned, read_partitioned
from checks.verdict import judged


def run(context: TargetContext) -> Result:
    """A warning for a default partition with rows."""
    found = read_partitioned(context)
    defaults = [table.default for table in found if table.default and table.default.rows]
    findings = [_finding(default) for default in defaults if default]
    return judged(findings, "; ".join(_shown(table) for table in found[:4]))


def _finding(default: Partition) -> Finding:
    message = f"{default.name} holds about {default.rows} rows, for which there is no partition"
    return Finding(message, default.name, hint="create their partitions and move them")


def _shown(table: Partitioned) -> str:
    now = datetime.now(UTC)
    total = f"{counted(len(table.partitions), 'partition')}, {size(sum(part.bytes for part in table.partitions))}"
    current = next((p for p in table.ranges if (not p.start or p.start <= now) and (not p.end or now < p.end)), None)
    into = f", current {current.name}: {current.inserted} rows inserted" if current else ""
    default = ", default 0 rows" if table.default else ", no default"
    return f"{table.name}: {total}{into}{default}"


CHECK = Check(
    id="partition-usage",
    title="Rows go where they belong",
    needs=Need.TARGET,
    run=run,
    decides="Passes when no default partition holds rows; shows how many rows went into the current partitions.",
    cost="Two catalog queries. A partition that a migration holds is not touched: the check then cannot run.",
    fix="Create the missing partitions and move the rows of the default into them.",
)
