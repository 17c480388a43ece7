"""application-sessions: who is connected, so that maintenance and its end can be seen from the database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from checks.base import Check, Need, Result, counted, evidence
from checks.contexts import TargetContext

_SESSIONS = """
SELECT coalesce(nullif(application_name, ''), usename::text, 'unknown') AS who, coalesce(usename::text, '') AS role,
       count(*) AS sessions, count(*) FILTER (WHERE state = 'active') AS active
FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend'
  AND pid <> pg_backend_pid() GROUP BY 1, 2 ORDER BY 3 DESC, 1
"""


def run(context: TargetContext) -> Result:
    """Evidence."""
    return evidence(shown(sessions_of(context)))


def sessions_of(context: TargetContext) -> Sequence[Any]:
    """Rows of `who`, `role`, `sessions`, `active`; the most sessions first."""
    return context.rows(_SESSIONS)


def shown(rows: Sequence[Any]) -> str:
    """`4 sessions, 1 active: shop 3, psql 1`."""
    sessions, active = sum(row.sessions for row in rows), sum(row.active for row in rows)
    most = ", ".join(f"{row.who} {row.sessions}" for row in rows[:5])
    return f"{counted(sessions, 'session')}, {active} active" + (f": {most}" if most else "")


CHECK = Check(
    id="application-sessions",
    title="Who is connected",
    needs=Need.TARGET,
    run=run,
    decides="Shows sessions by application_name, so that maintenance and its end can be seen from the database. "
    "`application-connected` decides about those that the settings name.",
    cost="One statistics query; waits for no lock.",
    fix="Start the application; an empty application_name is set in its connection string.",
)
