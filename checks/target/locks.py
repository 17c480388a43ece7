"""Locks: how far the migration is, who waits for whom, and what a pending statement would wait for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from checks.base import CannotRun, Finding, Result, counted, passed, target_check, warning
from checks.contexts import FilesContext, TargetContext
from checks.findings import judged
from checks.history.reading import compare, read_history
from checks.measures import duration
from checks.sql.tree import nodes, of_kind, parts
from checks.targetdb import live
from checks.targetdb.asking import USER_SCHEMA, number_option, short
from checks.targetdb.live import LONG_IDLE, LONG_TRANSACTION, LiveProgress, cancel_statement, read_live


@target_check(
    title="How far the migration is",
    decides="Shows rows of the history, progress views and who blocks whom; a warning when sessions wait for locks.",
    cost="Ten statistics queries that wait for no lock; safe to ask every few seconds.",
    fix="Let it run, or cancel the head of the queue with the statement in the hint.",
    also=("since",),
)
def migration_progress(context: TargetContext) -> Result:
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


_SETTINGS = """
SELECT current_setting('log_lock_waits') AS logged,
       (SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()) AS deadlocks
"""


@target_check(
    title="Nobody waits for a lock",
    decides="Passes when no session of the database waits for a lock of another.",
    cost="A few statistics queries that wait for no lock.",
    fix="Ask whoever holds the lock to end the transaction, or cancel it with the statement in the hint.",
)
def blocking(context: TargetContext) -> Result:
    with context.session() as session:
        settings = session.row(_SETTINGS)
        live = read_live(session)
    since = "since the baseline" if context.inputs.baseline else "since the counters began"
    deadlocks = f"{counted(_since_baseline(context, settings.deadlocks), 'deadlock')} {since}"
    if live.blocked:
        found = waiting(live)
        who = f"{counted(len(found), 'session')} {'waits' if len(found) == 1 else 'wait'} for a lock"
        return warning(f"{who}: {live.blocked[0].line}", found, found[0].hint)
    return passed(f"nobody waits for a lock, {deadlocks}, log_lock_waits {settings.logged}")


def _since_baseline(context: TargetContext, deadlocks: int) -> int:
    database = (context.inputs.baseline or {}).get("database")
    before = database.get("deadlocks", 0) if isinstance(database, dict) else 0
    return max(0, deadlocks - before) if isinstance(before, int) else deadlocks


_ANY = f"""
SELECT coalesce(array_agg(n.nspname || '.' || c.relname), '{{}}') FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p', 'm') AND {USER_SCHEMA}
"""


@target_check(
    title="Nothing stands in the way of the migration's locks",
    decides="Passes when no session holds or awaits a lock on the relations of pending files for longer than a minute "
    "(`transaction_seconds`), no transaction is older than that, and none is prepared.",
    cost="Four statistics queries that wait for no lock.",
    fix="End the transaction named; a migration with lock_timeout gives up and can be run again.",
)
def lock_conflicts(context: TargetContext) -> Result:
    """Looks at the relations that pending files name; at all of them where the files are no SQL."""
    long = number_option(context, "transaction_seconds", LONG_TRANSACTION)
    with context.session() as session:
        names = sorted(_touched(context)) if _is_sql(context) else session.value(_ANY)
        rows = session.rows(live.HELD_ON, [names, names]) if names else []
        old = session.rows(live.TRANSACTIONS)
        prepared = session.rows(live.PREPARED)
    findings = [*_holding(rows, long), *_old(old, long, {row.pid for row in rows}), *_prepared(prepared)]
    what = f"{counted(len(names), 'relation')} of pending files" if _is_sql(context) else "all tables"
    return judged(findings, f"{what}: no old lock, no transaction older than {duration(long)}, none prepared", what)


def _is_sql(context: TargetContext) -> bool:
    return context.inputs.migrations is not None and context.inputs.migrations.is_sql


def _touched(context: TargetContext) -> set[str]:
    """Names as the files write them, `orders` or `shop.orders`."""
    files = FilesContext(context.migrations, context.inputs.options)
    found: set[str] = set()
    for statement in files.all_statements(files.pending):
        ranges = (node for node in nodes(statement.tree) if "relname" in node)
        found.update(".".join(filter(None, (node.get("schemaname"), node["relname"]))) for node in ranges)
        if statement.kind == "DropStmt":
            dropped = of_kind(statement.tree.get("objects"), "List")
            found.update(".".join(parts(names.get("items", ()))) for names in dropped)
    return found - {""}


def _holding(rows: list[Any], long: float) -> Iterator[Finding]:
    for row in rows:
        who = f"pid {row.pid} ({row.application or row.role or 'unknown'})"
        waits = "waits for" if not row.granted else "holds"
        if not row.granted or (row.seconds or 0) >= long or (row.idle or 0) >= LONG_IDLE:
            message = f"{who} {row.state} {waits} {row.mode} on {short(row.object)} since {duration(row.seconds or 0)}"
            hint = cancel_statement(row.pid, (row.state or "").startswith("idle in transaction"))
            yield Finding(message, short(row.object), hint=hint)


def _old(rows: list[Any], long: float, known: set[int]) -> Iterator[Finding]:
    """CREATE INDEX CONCURRENTLY waits for every old transaction, whatever it touches."""
    for row in rows:
        if row.seconds >= long and row.pid not in known:
            who = row.application or row.role or "unknown"
            message = f"pid {row.pid} ({who}) {row.state}, transaction open for {duration(row.seconds)}"
            yield Finding(message, f"pid {row.pid}", hint=cancel_statement(row.pid, row.state.startswith("idle in")))


def _prepared(rows: list[Any]) -> Iterator[Finding]:
    for row in rows:
        message = f"prepared transaction {row.gid} is open for {duration(row.seconds)}"
        yield Finding(message, row.gid, hint="ask its coordinator: COMMIT PREPARED or ROLLBACK PREPARED")
