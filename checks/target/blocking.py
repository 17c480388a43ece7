"""blocking: who waits for a lock, and who holds it."""

from __future__ import annotations

from checks.base import Check, Need, Result, counted, passed, warning
from checks.contexts import TargetContext
from checks.live import read_live
from checks.target.migration_progress import waiting

_SETTINGS = """
SELECT current_setting('log_lock_waits') AS logged,
       (SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()) AS deadlocks
"""


def run(context: TargetContext) -> Result:
    """A warning names each session that waits; passed when there is none."""
    with context.session() as session:
        settings = session.row(_SETTINGS)
        live = read_live(session)
    deadlocks = f"{counted(_since_baseline(context, settings.deadlocks), 'deadlock')} {_since(context)}"
    if live.blocked:
        found = waiting(live)
        who = f"{counted(len(found), 'session')} {'waits' if len(found) == 1 else 'wait'} for a lock"
        return warning(f"{who}: {live.blocked[0].line}", found, found[0].hint)
    return passed(f"nobody waits for a lock, {deadlocks}, log_lock_waits {settings.logged}")


def _since_baseline(context: TargetContext, deadlocks: int) -> int:
    database = (context.inputs.baseline or {}).get("database")
    before = database.get("deadlocks", 0) if isinstance(database, dict) else 0
    return max(0, deadlocks - before) if isinstance(before, int) else deadlocks


def _since(context: TargetContext) -> str:
    return "since the baseline" if context.inputs.baseline else "since the counters began"


CHECK = Check(
    id="blocking",
    title="Nobody waits for a lock",
    needs=Need.TARGET,
    run=run,
    decides="Passes when no session of the database waits for a lock of another.",
    cost="A few statistics queries that wait for no lock.",
    fix="Ask whoever holds the lock to end the transaction, or cancel it with the statement in the hint.",
)
