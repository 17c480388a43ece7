"""cache-hits: how many blocks came from shared buffers since the baseline."""

from __future__ import annotations

from checks.base import Check, Finding, Need, Result, evidence, passed, warning
from checks.baseline import difference
from checks.contexts import TargetContext
from checks.measures import duration, percent
from checks.targetdb.asking import number_option

# Fewer blocks than these say nothing about a ratio.
_ENOUGH = 10_000


def run(context: TargetContext) -> Result:
    """A warning below the limit; evidence while there is too little traffic to tell."""
    limit = number_option(context, "percent", 98)
    since = difference(context)
    hits, reads = since.counter("blks_hit"), since.counter("blks_read")
    shown = f"hit ratio {percent(hits, hits + reads)} of {hits + reads} blocks in {duration(since.seconds)}"
    if hits + reads < _ENOUGH:
        return evidence(f"{shown}: too few to tell")
    if 100 * hits < limit * (hits + reads):
        hint = "which query reads? ask slow-queries and seq-scans; a cold cache after a restart warms up by itself"
        return warning(f"{shown}, limit {limit:g} %", [Finding(shown, "shared buffers", hint=hint)], hint)
    return passed(f"{shown}, limit {limit:g} %")


CHECK = Check(
    id="cache-hits",
    title="Blocks come from memory",
    needs=Need.TARGET,
    run=run,
    decides="Compares blocks hit and read since the baseline; a warning below 98 % (`percent`). The totals since the "
    "counters began say nothing about this deployment and are not used.",
    cost="One statistics snapshot; waits for no lock.",
    fix="Find the query that reads (slow-queries, seq-scans); enlarge shared_buffers only when it is a habit.",
    also=("baseline",),
)
