"""comments: new tables and views say in the database what they are for."""

from __future__ import annotations

from checks.base import Check, Finding, Need, Result, counted
from checks.options import option
from checks.scratch.places import CLASS, Places
from checks.scratchdb.context import ScratchContext
from checks.targetdb.asking import USER_SCHEMA, short
from checks.verdict import verdict

_RELATIONS = f"""
SELECT c.oid::bigint AS oid, c.oid::regclass::text AS name,
       obj_description(c.oid, 'pg_class') IS NOT NULL AS has_comment,
       CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' ELSE 'TABLE' END AS kind,
       ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
             AND c.relkind IN ('r', 'p') AND col_description(c.oid, a.attnum) IS NULL ORDER BY a.attnum) AS bare_columns
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm') AND NOT c.relispartition AND {USER_SCHEMA} ORDER BY c.oid
"""


def run(context: ScratchContext) -> Result:
    """A warning for each without one; columns of new tables count with `columns = true`."""
    places = Places(context)
    rows = places.new(CLASS, _RELATIONS, "no pending file makes a table or view")
    columns = option(context.inputs.options, CHECK.id, "columns") is True
    found: list[Finding] = []
    for row in rows:
        statement = places.made_by(CLASS, row.oid)
        if not row.has_comment:
            message = f"{row.kind.lower()} {short(row.name)} has no comment"
            found.append(
                places.finding(statement, message, row.name, f"COMMENT ON {row.kind} {short(row.name)} IS '…'")
            )
        if columns and row.bare_columns:
            shown = ", ".join(row.bare_columns[:3]) + (" …" if len(row.bare_columns) > 3 else "")
            message = f"{counted(len(row.bare_columns), 'column')} of {short(row.name)} without comment: {shown}"
            hint = f"COMMENT ON COLUMN {short(row.name)}.{row.bare_columns[0]} IS '…'"
            found.append(places.finding(statement, message, row.name, hint))
    also = ", columns too" if columns else ""
    return verdict(
        found, f"{counted(len(rows), 'new table or view', 'new tables and views')}, each with a comment{also}"
    )


CHECK = Check(
    id="comments",
    title="New tables and views have a comment",
    needs=Need.SCRATCH,
    run=run,
    decides="Passes when each table, view and materialized view that pending files make has a COMMENT; with "
    "[checks.comments] columns = true also each column of a new table. Partitions are left out.",
    cost="One catalog query in the scratch database, once the files are applied.",
    fix="COMMENT ON TABLE … IS '…': one sentence that says what a row is.",
)
