"""wraparound: how old the oldest transaction number of each database is."""

from __future__ import annotations

from typing import Any

from checks.base import Check, Finding, Need, Result
from checks.contexts import TargetContext
from checks.targetdb.asking import number_option
from checks.verdict import judged

_AGES = """
SELECT datname::text AS name, greatest(age(datfrozenxid), mxid_age(datminmxid)) AS age FROM pg_database
WHERE datallowconn ORDER BY 2 DESC, 1
"""
# PostgreSQL stops taking writes some three million before this many.
_END = 2**31


def run(context: TargetContext) -> Result:
    """A warning from 50 % (`percent`) of the numbers on, failed from 80 % on."""
    limit = number_option(context, "percent", 50)
    rows = context.rows(_AGES)
    found = [_finding(row) for row in rows if 100 * row.age / _END >= limit]
    return judged(found, f"oldest: {rows[0].name} at {100 * rows[0].age / _END:.1f} % of the transaction numbers")


def _finding(row: Any) -> Finding:
    share = 100 * row.age / _END
    message = f"{row.name} is at {share:.0f} % of the transaction numbers"
    hint = "VACUUM (FREEZE) the oldest tables; end old transactions, prepared ones and unused slots, which hold it up"
    return Finding(message, row.name, hint=hint, severity="error" if share >= 80 else "warning")


CHECK = Check(
    id="wraparound",
    title="Transaction numbers do not run out",
    needs=Need.TARGET,
    run=run,
    decides="Passes below 50 % (`percent`) of 2³¹ for every database; fails from 80 % on.",
    cost="One catalog query; waits for no lock.",
    fix="VACUUM (FREEZE), and find what holds the horizon back: old transactions, prepared ones, replication slots.",
)
