"""performance: the database's own metrics since the baseline, on one line."""

from __future__ import annotations

from checks.base import Check, Need, Result, evidence
from checks.baseline import Difference, difference
from checks.contexts import TargetContext
from checks.measures import duration, percent, size


def run(context: TargetContext) -> Result:
    """Evidence: transactions a second, hit ratio, temporary files, WAL, sessions."""
    since = difference(context)
    seconds = max(since.seconds, 1.0)
    commits, hits = since.counter("xact_commit"), since.counter("blks_hit")
    parts = [
        f"{commits / seconds:.1f} commits a second",
        f"hit ratio {percent(hits, hits + since.counter('blks_read'))}",
        f"{since.counter('temp_files')} temporary files ({size(since.counter('temp_bytes'))})",
        f"{since.counter('deadlocks')} deadlocks",
        _sessions(since),
    ]
    if since.now.get("wal"):
        parts.insert(3, f"WAL {size(since.counter('wal_bytes', 'wal'))}")
    reset = " (statistics were reset meanwhile)" if since.was_reset else ""
    return evidence(f"in {duration(since.seconds)}: {', '.join(parts)}{reset}")


def _sessions(since: Difference) -> str:
    before, now = since.before["connections"], since.now["connections"]
    return f"{now['used']} connections ({before.get('used', 0)} before go)"


CHECK = Check(
    id="performance",
    title="Metrics of the database since go",
    needs=Need.TARGET,
    run=run,
    decides="Shows commits a second, hit ratio, temporary files, WAL, deadlocks and connections since the baseline; a "
    "person judges them beside the application's metrics.",
    cost="One statistics snapshot; waits for no lock.",
    fix="What stands out: slow-queries, seq-scans and blocking look closer.",
    also=("baseline",),
)
