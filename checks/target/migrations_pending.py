"""migrations-pending: what the target's history lacks, and whether it is fit to go on from."""

from __future__ import annotations

from checks.base import Check, Need, Result, evidence, failed, warning
from checks.contexts import TargetContext
from checks.history.problems import history_of, problems, remarks, where
from checks.migrations import range_of


def run(context: TargetContext) -> Result:
    """Evidence of what is pending; failed for a dirty, failed or changed history, a warning for out of order."""
    history, comparison = history_of(context)
    pending = (
        f"{len(comparison.pending)} pending: {range_of(comparison.pending)}" if comparison.pending else "none pending"
    )
    last = comparison.applied[-1].version if comparison.applied else "none"
    shown = f"{pending}; last applied: {last} ({where(history)})"
    if found := list(problems(history, comparison)):
        return failed(f"{found[0].message}; {shown}", [*found, *remarks(history, comparison)], found[0].hint)
    if noted := list(remarks(history, comparison)):
        return warning(f"{shown}; {noted[0].message}", noted, noted[0].hint)
    return evidence(shown)


CHECK = Check(
    id="migrations-pending",
    title="What the history lacks",
    needs=Need.TARGET,
    run=run,
    decides="Shows which files the target does not have yet. Fails for a dirty or failed version and for files changed "
    "after they were applied; warns of versions without a file and of files that come too late.",
    cost="Two short queries; needs SELECT on the history table.",
    fix="Mend a dirty version before anything else; put a changed file back and write a new migration.",
    also=("migrations",),
)
