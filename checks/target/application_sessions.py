"""application-sessions: who is connected, so that maintenance and its end can be seen from the database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from checks.asking import judged
from checks.base import Check, Finding, Need, Result, counted, evidence
from checks.options import list_option

if TYPE_CHECKING:
    from checks.contexts import TargetContext

_SESSIONS = """
SELECT coalesce(nullif(application_name, ''), usename::text, 'unknown') AS who, coalesce(usename::text, '') AS role,
       count(*) AS sessions, count(*) FILTER (WHERE state = 'active') AS active
FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend'
  AND pid <> pg_backend_pid() GROUP BY 1, 2 ORDER BY 3 DESC, 1
"""


def run(context: TargetContext) -> Result:
    """Evidence; with `applications` (names or roles), failed for one that has no session."""
    wanted = list_option(context.inputs.options, context.check_id, "applications")
    rows = context.rows(_SESSIONS)
    sessions, active = sum(row.sessions for row in rows), sum(row.active for row in rows)
    most = ", ".join(f"{row.who} {row.sessions}" for row in rows[:5])
    shown = f"{counted(sessions, 'session')}, {active} active" + (f": {most}" if most else "")
    if not wanted:
        return evidence(shown)
    seen = {row.who for row in rows} | {row.role for row in rows}
    missing = [Finding(f"{name} has no session", name, hint="is it started?", severity="error") for name in wanted]
    return judged([finding for finding in missing if finding.object not in seen], shown, shown)


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
