"""application-connected: the applications that the settings name have sessions."""

from __future__ import annotations

from checks.base import Check, Finding, Need, Result
from checks.contexts import TargetContext
from checks.options import list_option
from checks.target.application_sessions import sessions_of, shown
from checks.verdict import judged


def run(context: TargetContext) -> Result:
    """Failed for each of `applications` that has no session."""
    wanted = list_option(context.inputs.options, context.check_id, "applications")
    rows = sessions_of(context)
    seen = {row.who for row in rows} | {row.role for row in rows}
    missing = [
        Finding(f"{name} has no session", name, hint="is it started?", severity="error")
        for name in wanted
        if name not in seen
    ]
    return judged(missing, shown(rows), shown(rows))


CHECK = Check(
    id="application-connected",
    title="The application is connected",
    needs=Need.TARGET,
    run=run,
    decides="Passes when each of `applications = […]` (application names or roles) has a session, and fails "
    "when one has none.",
    cost="One statistics query; waits for no lock.",
    fix="Start the application; an empty application_name is set in its connection string.",
    option="applications",
)
