"""unlogged-tables: no pending file makes a table that a crash empties."""

from __future__ import annotations

from checks.base import Check, Need, NotApplicable, Result, counted
from checks.scratch.places import CLASS, Places
from checks.scratchdb.context import ScratchContext
from checks.targetdb.asking import USER_SCHEMA, short
from checks.verdict import verdict

_TABLES = f"""
SELECT c.oid::bigint AS oid, c.oid::regclass::text AS table, c.relpersistence = 'u' AS is_unlogged
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND {USER_SCHEMA} ORDER BY c.oid
"""


def run(context: ScratchContext) -> Result:
    places = Places(context)
    found, looked_at = [], 0
    for row in context.rows(_TABLES):
        statement = places.touched_by(row.oid, "unlogged") or places.made_by(CLASS, row.oid)
        looked_at += statement is not None
        if statement is not None and row.is_unlogged:
            table = short(row.table)
            message = f"table {table} is UNLOGGED: a crash empties it, and replicas and backups have no rows of it"
            found.append(places.finding(statement, message, row.table, f"ALTER TABLE {table} SET LOGGED"))
    if not looked_at:
        raise NotApplicable("no pending file creates a table")
    return verdict(found, f"{counted(looked_at, 'table')}, all logged")


CHECK = Check(
    id="unlogged-tables",
    title="No table is unlogged",
    needs=Need.SCRATCH,
    run=run,
    decides="Passes when no table that pending files create or switch is UNLOGGED.",
    cost="One catalog query in the scratch database, once the files are applied.",
    fix="Leave the word out. Where the rows may be lost, silence it with that reason.",
)
