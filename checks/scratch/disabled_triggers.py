"""disabled-triggers: no pending file leaves a trigger switched off."""

from __future__ import annotations

from checks.base import Check, Need, NotApplicable, Result, counted
from checks.scratch.places import TRIGGER, Places
from checks.scratchdb.context import ScratchContext
from checks.targetdb.asking import USER_SCHEMA, short
from checks.verdict import verdict

_TRIGGERS = f"""
SELECT t.oid::bigint AS oid, t.tgrelid::bigint AS table_oid, t.tgrelid::regclass::text AS table,
       t.tgname::text AS name, t.tgisinternal AS is_internal, t.tgenabled IN ('O', 'A') AS fires
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE {USER_SCHEMA} ORDER BY t.oid
"""


def run(context: ScratchContext) -> Result:
    """Also a trigger that fires on replicas only: it is off for the application."""
    places = Places(context)
    found, looked_at = [], 0
    for row in context.rows(_TRIGGERS):
        statement = places.touched_by(row.table_oid, "trigger") or places.made_by(TRIGGER, row.oid)
        looked_at += statement is not None and not row.is_internal
        if statement is None or row.fires:
            continue
        table = short(row.table)
        what = "the trigger of a foreign key" if row.is_internal else f"trigger {row.name}"
        message = f"{what} on {table} is left disabled"
        hint = f"ALTER TABLE {table} ENABLE TRIGGER {'ALL' if row.is_internal else row.name}"
        found.append(places.finding(statement, message, f"{row.name} on {table}", hint, "error"))
    if not looked_at and not found:
        raise NotApplicable("no pending file touches a trigger")
    return verdict(found, f"{counted(looked_at, 'trigger')}, all enabled")


CHECK = Check(
    id="disabled-triggers",
    title="No trigger is left disabled",
    needs=Need.SCRATCH,
    run=run,
    decides="Fails when a trigger that pending files make, or of a table whose triggers they switch, does not fire at "
    "their end; those of foreign keys count too.",
    cost="One catalog query in the scratch database, once the files are applied.",
    fix="Enable it in the same file that disables it, after the rows are changed.",
)
