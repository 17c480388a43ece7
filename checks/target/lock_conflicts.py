"""lock-conflicts: what a pending migration would wait for, before it does, and who would then wait behind it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from checks import live_read
from checks.base import Check, Finding, Need, Result, counted
from checks.contexts import FilesContext, TargetContext
from checks.live import LONG_IDLE, LONG_TRANSACTION, cancel_statement
from checks.measures import duration
from checks.sql.tree import nodes, of_kind, parts
from checks.targetdb.asking import USER_SCHEMA, number_option, short
from checks.verdict import judged

_ANY = f"""
SELECT coalesce(array_agg(n.nspname || '.' || c.relname), '{{}}') FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p', 'm') AND {USER_SCHEMA}
"""


def run(context: TargetContext) -> Result:
    """Looks at the relations that pending files name; at all of them where the files are no SQL."""
    long = number_option(context, "transaction_seconds", LONG_TRANSACTION)
    with context.session() as session:
        names = sorted(_touched(context)) if _is_sql(context) else session.value(_ANY)
        rows = session.rows(live_read.HELD_ON, [names, names]) if names else []
        old = session.rows(live_read.TRANSACTIONS)
        prepared = session.rows(live_read.PREPARED)
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
        yield Finding(message, row.gid, hint=f"COMMIT PREPARED or ROLLBACK PREPARED '{row.gid}'")


CHECK = Check(
    id="lock-conflicts",
    title="Nothing stands in the way of the migration's locks",
    needs=Need.TARGET,
    run=run,
    decides="Passes when no session holds or awaits a lock on the relations of pending files for longer than a minute "
    "(`transaction_seconds`), no transaction is older than that, and none is prepared.",
    cost="Four statistics queries that wait for no lock.",
    fix="End the transaction named; a migration with lock_timeout gives up and can be run again.",
)
