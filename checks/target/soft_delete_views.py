"""soft-delete-views: views over tables with a deletion mark look at it, and unique indexes leave deleted rows out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from checks.base import Check, Finding, Need, NotApplicable, Result, counted
from checks.contexts import TargetContext
from checks.options import text_option
from checks.targetdb.asking import USER_SCHEMA, short
from checks.verdict import judged

_TABLES = f"""
SELECT c.oid::regclass::text AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = %s AND NOT a.attisdropped
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND {USER_SCHEMA} ORDER BY 1
"""
# Whether a view reads the column is in pg_depend: its definition need not be opened, so nothing is waited for.
_VIEWS = f"""
SELECT DISTINCT v.oid::regclass::text AS name, t.oid::regclass::text AS on_table,
       EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_rewrite'::regclass AND e.objid = r.oid
               AND e.refobjid = t.oid AND e.refobjsubid = a.attnum) AS looks
FROM pg_depend d JOIN pg_rewrite r ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid
JOIN pg_class v ON v.oid = r.ev_class AND v.relkind IN ('v', 'm') JOIN pg_namespace n ON n.oid = v.relnamespace
JOIN pg_class t ON d.refclassid = 'pg_class'::regclass AND t.oid = d.refobjid AND t.relkind IN ('r', 'p')
JOIN pg_attribute a ON a.attrelid = t.oid AND a.attname = %s AND NOT a.attisdropped WHERE {USER_SCHEMA} ORDER BY 1, 2
"""
_UNIQUES = f"""
SELECT i.indexrelid::regclass::text AS name, i.indrelid::regclass::text AS on_table FROM pg_index i
JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = %s AND NOT a.attisdropped
WHERE i.indisunique AND NOT i.indisprimary AND i.indpred IS NULL AND NOT a.attnum = ANY (i.indkey::int2[])
  AND NOT c.relispartition AND {USER_SCHEMA} ORDER BY 1
"""


def run(context: TargetContext) -> Result:
    """A warning for a view that shows deleted rows, and for a unique index that counts them."""
    column = text_option(context.inputs.options, context.check_id, "column") or "deleted_at"
    with context.session() as session:
        tables = session.rows(_TABLES, [column])
        views, uniques = session.rows(_VIEWS, [column]), session.rows(_UNIQUES, [column])
    if not tables:
        raise NotApplicable(f"no table of {context.name} has a column {column}")
    shown = f"{counted(len(tables), 'table')} with {column}, {counted(len(views), 'view')} over them"
    return judged(_findings(views, uniques, column), f"{shown}, all look at it", shown)


def _findings(views: list[Any], uniques: list[Any], column: str) -> Iterator[Finding]:
    for row in views:
        if not row.looks:
            view, table = short(row.name), short(row.on_table)
            message = f"view {view} shows deleted rows of {table}: it does not look at {column}"
            yield Finding(message, view, hint=f"WHERE {column} IS NULL")
    for row in uniques:
        message = f"unique index {short(row.name)} counts deleted rows of {short(row.on_table)}"
        hint = f"CREATE UNIQUE INDEX CONCURRENTLY … WHERE {column} IS NULL, so that a value can be used again"
        yield Finding(message, short(row.name), hint=hint)


CHECK = Check(
    id="soft-delete-views",
    title="Deleted rows are hidden",
    needs=Need.TARGET,
    run=run,
    decides="For tables with deleted_at (`column`): passes when every view over them looks at the column, and every "
    "unique index leaves deleted rows out. No row is read.",
    cost="Three catalog queries; wait for no lock.",
    fix="Add the condition to the view; make the unique index partial.",
)
