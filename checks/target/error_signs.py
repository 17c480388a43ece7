"""error-signs: what the database knows of errors since the baseline: rollbacks, deadlocks, conflicts, checksums."""

from __future__ import annotations

from collections.abc import Iterator

from checks.base import Check, Finding, Need, Result, counted, evidence
from checks.baseline import Difference, difference
from checks.contexts import TargetContext
from checks.measures import duration, percent
from checks.targetdb.asking import number_option
from checks.verdict import ending


def run(context: TargetContext) -> Result:
    """Evidence; a warning for deadlocks and many rollbacks, failed for bad checksums of data pages."""
    since = difference(context)
    limit = number_option(context, "rollback_percent", 5)
    commits, rollbacks = since.counter("xact_commit"), since.counter("xact_rollback")
    shown = (
        f"{counted(since.counter('deadlocks'), 'deadlock')}, {rollbacks} of {commits + rollbacks} transactions rolled "
        f"back ({percent(rollbacks, commits + rollbacks)}), "
        f"{counted(since.counter('sessions_fatal'), 'session')} ended by an error in {duration(since.seconds)}"
    )
    found = list(_findings(since, rollbacks, commits, limit))
    return ending(found, f"{found[0].message}; {shown}" if found else "", evidence(shown))


def _findings(since: Difference, rollbacks: int, commits: int, limit: float) -> Iterator[Finding]:
    if bad := since.counter("checksum_failures"):
        hint = "a disk or memory fault: keep the server's log, restore the page from the backup"
        yield Finding(f"{counted(bad, 'checksum failure')}", "data pages", hint=hint, severity="error")
    if deadlocks := since.counter("deadlocks"):
        hint = "the server's log names both statements of each"
        yield Finding(f"{counted(deadlocks, 'deadlock')} since the baseline", "deadlocks", hint=hint)
    # A few of a quiet database are a large share and no sign.
    if (
        rollbacks > 500
        and 100 * rollbacks > limit * (rollbacks + commits)
        and _share(since) * 2 < rollbacks / max(1, commits)
    ):
        message = f"{percent(rollbacks, rollbacks + commits)} of transactions are rolled back"
        yield Finding(message, "rollbacks", hint="the application's log says why")


def _share(since: Difference) -> float:
    before = since.before["database"]
    return float(before.get("xact_rollback", 0)) / max(1, int(before.get("xact_commit", 0)))


CHECK = Check(
    id="error-signs",
    title="Signs of errors in the database",
    needs=Need.TARGET,
    run=run,
    decides="Shows deadlocks, rolled back transactions and broken sessions since the baseline, for a person to read "
    "beside the logs. A warning for a deadlock or a share of rollbacks that doubled and is above 5 % "
    "(`rollback_percent`); failed for a checksum failure.",
    cost="One statistics snapshot; waits for no lock.",
    fix="Look at the server's and the application's log of that time.",
    also=("baseline",),
)
