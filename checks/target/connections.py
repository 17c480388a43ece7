"""connections: how many are used of those that can be, against the baseline."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from checks.base import Check, Finding, Need, Result
from checks.baseline_read import CONNECTIONS
from checks.contexts import TargetContext
from checks.targetdb.asking import number_option
from checks.verdict import judged

_BY_APPLICATION = """
SELECT coalesce(nullif(application_name, ''), usename::text, 'unknown') AS who, count(*) AS used FROM pg_stat_activity
WHERE backend_type = 'client backend' GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 3
"""


def run(context: TargetContext) -> Result:
    """Failed from 95 % on, a warning from 80 % (`percent`) on and for sessions idle in a transaction."""
    limit = number_option(context, "percent", 80)
    with context.session() as session:
        now = session.row(CONNECTIONS)
        most = ", ".join(f"{row.who} {row.used}" for row in session.rows(_BY_APPLICATION))
    share = 100 * now.used / max(now.usable, 1)
    shown = f"connections {now.used} of {now.usable} ({share:.0f} %{_before(context)}), {now.idle} idle in transaction"
    return judged(_findings(now, share, limit), f"{shown}; most: {most}", f"{shown}; most: {most}")


def _findings(now: Any, share: float, limit: float) -> Iterator[Finding]:
    if share >= limit:
        severity = "error" if share >= 95 else "warning"
        hint = "look for a pool that leaks, or lower the pools' sizes; a new limit needs a restart"
        yield Finding(f"{share:.0f} % of the connections are used", "max_connections", hint=hint, severity=severity)
    if now.idle:
        message = f"{now.idle} idle in a transaction for more than a minute"
        yield Finding(message, "idle in transaction", hint="ask lock-conflicts for their pids")


def _before(context: TargetContext) -> str:
    before = (context.inputs.baseline or {}).get("connections")
    return f", {before['used']} before go" if isinstance(before, dict) and "used" in before else ""


CHECK = Check(
    id="connections",
    title="Enough connections are free",
    needs=Need.TARGET,
    run=run,
    decides="Passes below 80 % (`percent`) of max_connections without those reserved for superusers, with no session "
    "idle in a transaction for a minute.",
    cost="Two statistics queries; wait for no lock.",
    fix="Look for a pool that leaks, or put a pooler between.",
)
