"""migration-progress: how far the migration is, what it does now, and whether anybody waits for it."""

from __future__ import annotations

from checks.base import CannotRun, Check, Finding, Need, Result, passed, warning
from checks.contexts import TargetContext
from checks.history.reading import compare, read_history
from checks.live import LiveProgress, cancel_statement, read_live


def run(context: TargetContext) -> Result:
    """Passed while it moves and nobody waits; a warning names who waits for whom."""
    with context.session() as session:
        live = read_live(session, context.inputs.migrations.tool if context.inputs.migrations else "auto")
    now = "; ".join(running.line for running in live.running[:2]) or "no long command reports progress"
    shown = f"{_applied(context)}; {now}"
    if live.blocked:
        findings = list(waiting(live))
        return warning(f"{live.blocked[0].line}; {shown}", findings, findings[0].hint)
    return passed(f"{shown}; nobody waits for a lock")


def waiting(live: LiveProgress) -> list[Finding]:
    """Who waits, with what can be typed about the head of the queue."""
    idle = {transaction.pid for transaction in live.transactions if transaction.is_idle}
    heads = [cancel_statement(pid, pid in idle) for pid in live.blockers[:1]]
    return [Finding(session.line, session.object or "lock", hint="; ".join(heads)) for session in live.blocked]


def _applied(context: TargetContext) -> str:
    """`8 of 10 applied`, asked in a transaction of its own since the grant may be missing."""
    if context.inputs.migrations is None:
        return "no files to compare with"
    try:
        with context.session() as session:
            history = read_history(session, context.migrations.tool)
    except CannotRun as fault:
        return fault.sentence
    applied = len(compare(history, context.migrations).applied)
    return f"{applied} of {len(context.migrations.ups)} applied"


CHECK = Check(
    id="migration-progress",
    title="How far the migration is",
    needs=Need.TARGET,
    run=run,
    decides="Shows rows of the history, progress views and who blocks whom; a warning when sessions wait for locks.",
    cost="Ten statistics queries that wait for no lock; safe to ask every few seconds.",
    fix="Let it run, or cancel the head of the queue with the statement in the hint.",
    also=("since",),
)
