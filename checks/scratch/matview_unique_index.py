"""matview-unique-index: each new materialized view can be refreshed CONCURRENTLY."""

from __future__ import annotations

from checks.base import Check, Need, NotApplicable, Result, counted
from checks.scratch.places import CLASS, Places
from checks.scratchdb.context import ScratchContext
from checks.targetdb.asking import USER_SCHEMA, short
from checks.verdict import verdict

# https://www.postgresql.org/docs/current/sql-refreshmaterializedview.html: over columns only, and all rows.
VIEWS = f"""
SELECT c.oid::bigint AS oid, c.oid::regclass::text AS view, c.relispopulated AS is_populated,
       EXISTS (SELECT 1 FROM pg_index i WHERE i.indrelid = c.oid AND i.indisunique AND i.indisvalid
               AND i.indimmediate AND i.indpred IS NULL AND i.indexprs IS NULL) AS has_index,
       EXISTS (SELECT 1 FROM pg_index i WHERE i.indrelid = c.oid AND i.indisunique) AS has_other
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'm' AND {USER_SCHEMA} ORDER BY c.oid
"""


def run(context: ScratchContext) -> Result:
    places = Places(context)
    found, looked_at = [], 0
    for row in context.rows(VIEWS):
        statement = places.made_by(CLASS, row.oid) or places.touched_by(row.oid, "drop")
        looked_at += statement is not None
        if statement is not None and not row.has_index:
            view = short(row.view)
            why = "its unique index has a predicate or an expression" if row.has_other else "it has no unique index"
            message = f"{view} cannot be refreshed CONCURRENTLY: {why}, so each refresh stops its readers"
            hint = f"CREATE UNIQUE INDEX ON {view} (columns that identify a row)"
            found.append(places.finding(statement, message, row.view, hint))
    if not looked_at:
        raise NotApplicable("no pending file makes a materialized view")
    return verdict(found, f"{counted(looked_at, 'materialized view')}, each with a unique index over columns")


CHECK = Check(
    id="matview-unique-index",
    title="Materialized views can be refreshed while they are read",
    needs=Need.SCRATCH,
    run=run,
    decides="Passes when each materialized view that pending files make has a valid unique index without predicate and "
    "expression, which REFRESH … CONCURRENTLY asks for.",
    cost="One catalog query in the scratch database, once the files are applied.",
    fix="Add the unique index in the same file: the view is empty of readers then.",
)
