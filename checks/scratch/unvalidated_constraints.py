"""unvalidated-constraints: no new constraint is left NOT VALID or NOT ENFORCED."""

from __future__ import annotations

from checks.base import Check, Need, NotApplicable, Result, counted
from checks.scratch.places import CONSTRAINT, Places
from checks.scratchdb.context import ScratchContext
from checks.targetdb.asking import USER_SCHEMA, short
from checks.verdict import verdict

_CONSTRAINTS = f"""
SELECT c.oid::bigint AS oid, c.conrelid::regclass::text AS table, c.conname::text AS name,
       c.contype = 'n' AS is_not_null,
       c.convalidated AS is_valid, %s AS is_enforced
FROM pg_constraint c JOIN pg_namespace n ON n.oid = c.connamespace
WHERE c.conrelid <> 0 AND c.conparentid = 0 AND {USER_SCHEMA} ORDER BY c.oid
"""
_ENFORCED_SINCE = 180000


def run(context: ScratchContext) -> Result:
    places = Places(context)
    enforced = "c.conenforced" if context.server_version >= _ENFORCED_SINCE else "true"
    rows = [row for row in context.rows(_CONSTRAINTS % enforced) if places.is_new(CONSTRAINT, row.oid)]
    shown = sum(not row.is_not_null for row in rows)
    if not shown and all(row.is_valid and row.is_enforced for row in rows):
        raise NotApplicable("no pending file adds a constraint")
    found = []
    for row in rows:
        if row.is_valid and row.is_enforced:
            continue
        word = "NOT VALID" if row.is_enforced else "NOT ENFORCED"
        table = short(row.table)
        message = f"constraint {row.name} on {table} stays {word}: old rows may break it"
        hint = f"ALTER TABLE {table} {'VALIDATE' if row.is_enforced else 'ALTER'} CONSTRAINT {row.name}"
        hint += " in a later file" if row.is_enforced else " ENFORCED"
        found.append(places.finding(places.made_by(CONSTRAINT, row.oid), message, f"{row.name} on {table}", hint))
    return verdict(found, f"{counted(shown, 'new constraint')}, all validated")


CHECK = Check(
    id="unvalidated-constraints",
    title="New constraints are validated",
    needs=Need.SCRATCH,
    run=run,
    decides="Passes when each constraint that pending files add is validated at their end and, from PostgreSQL 18 on, "
    "enforced.",
    cost="One catalog query in the scratch database, once the files are applied.",
    fix="ADD … NOT VALID is the right first step on a large table: add a file with VALIDATE CONSTRAINT after it.",
)
