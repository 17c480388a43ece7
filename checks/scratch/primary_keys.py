"""primary-keys: each new table has a primary key, and no pending file takes one away."""

from __future__ import annotations

from checks.base import Check, Need, NotApplicable, Result, counted
from checks.scratch.places import CLASS, Places
from checks.scratchdb.context import ScratchContext
from checks.targetdb.asking import USER_SCHEMA, short
from checks.verdict import verdict

_TABLES = f"""
SELECT c.oid::bigint AS oid, c.oid::regclass::text AS table,
       EXISTS (SELECT 1 FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary) AS has_key
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND {USER_SCHEMA} ORDER BY c.oid
"""


def run(context: ScratchContext) -> Result:
    places = Places(context)
    found, looked_at = [], 0
    for row in context.rows(_TABLES):
        statement = places.made_by(CLASS, row.oid) or places.touched_by(row.oid, "drop constraint")
        looked_at += statement is not None
        if statement is not None and not row.has_key:
            message = f"table {short(row.table)} has no primary key: logical replication cannot UPDATE or DELETE in it"
            hint = f"ALTER TABLE {short(row.table)} ADD COLUMN id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY"
            found.append(places.finding(statement, message, row.table, hint))
    if not looked_at:
        raise NotApplicable("no pending file creates a table")
    return verdict(found, f"{counted(looked_at, 'table')}, each with a primary key")


CHECK = Check(
    id="primary-keys",
    title="New tables have a primary key",
    needs=Need.SCRATCH,
    run=run,
    decides="Passes when each table that pending files create, or take a constraint from, has a primary key; "
    "partitions are left out.",
    cost="One catalog query in the scratch database, once the files are applied.",
    fix="Name the columns that identify a row in PRIMARY KEY (…), or add an identity column.",
)
