"""soft-delete: a row with deleted_at set is gone from the views, and makes room in the unique indexes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from checks.base import Check, Finding, Need, NotApplicable, Result, counted
from checks.options import pattern_option, text_option
from checks.scratch.places import CLASS, Places
from checks.scratch.soft_delete_trial import SHOWS, UNSEEN, try_views
from checks.scratchdb.context import ScratchContext
from checks.targetdb.asking import USER_SCHEMA, short
from checks.verdict import verdict

_TABLES = f"""
SELECT c.oid::bigint AS oid, c.oid::regclass::text AS table, n.nspname::text AS schema, c.relname::text AS name
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND NOT a.attisdropped AND a.attname = %s
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND {USER_SCHEMA} ORDER BY c.oid
"""
# Views and materialized views, with how many tables they read.
_VIEWS = f"""
SELECT v.oid::bigint AS oid, v.oid::regclass::text AS view, v.relname::text AS bare, v.relkind = 'm' AS is_materialized,
       d.refobjid::bigint AS table_oid, pg_get_viewdef(v.oid) AS definition,
       (SELECT count(DISTINCT o.refobjid) FROM pg_depend o JOIN pg_class b ON b.oid = o.refobjid AND b.oid <> v.oid
        WHERE o.classid = 'pg_rewrite'::regclass AND o.objid = r.oid AND o.refclassid = 'pg_class'::regclass) AS tables
FROM pg_rewrite r JOIN pg_class v ON v.oid = r.ev_class AND v.relkind IN ('v', 'm')
JOIN pg_namespace n ON n.oid = v.relnamespace
JOIN (SELECT DISTINCT objid, refobjid FROM pg_depend
      WHERE classid = 'pg_rewrite'::regclass AND refclassid = 'pg_class'::regclass) d ON d.objid = r.oid
WHERE d.refobjid <> v.oid AND {USER_SCHEMA} ORDER BY v.oid
"""
_UNIQUES = """
SELECT i.indexrelid::bigint AS oid, i.indexrelid::regclass::text AS name
FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attname = %s
WHERE i.indrelid = %s::oid AND i.indisunique AND NOT i.indisprimary AND NOT a.attnum = ANY (i.indkey::int2[])
  AND (i.indpred IS NULL OR pg_get_expr(i.indpred, i.indrelid) NOT LIKE '%%' || a.attname || ' IS NULL%%')
  AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.confrelid = i.indrelid AND k.conindid = i.indexrelid
                  AND k.contype = 'f')
"""
_SHOWS_DELETED = r"deleted|archive|trash|removed|history|audit|all_|_all"


def run(context: ScratchContext) -> Result:
    """A warning for a view that shows a deleted row, and for a unique index that a deleted row keeps occupied."""
    places = Places(context)
    column = text_option(context.inputs.options, CHECK.id, "column") or "deleted_at"
    views = context.rows(_VIEWS)
    tables = [t for t in context.rows(_TABLES, [column]) if _concerns(places, t, views)]
    if not tables:
        raise NotApplicable(f"no pending file touches a table with {column}")
    found: list[Finding] = []
    shown = []
    for table in tables:
        faults, tried = _table(context, places, table, column, [v for v in views if v.table_oid == table.oid])
        found += faults
        shown.append(f"{short(table.table)} ({tried})")
    return verdict(found, f"soft delete on {counted(len(tables), 'table')}: {', '.join(shown)}")


def _concerns(places: Places, table: Any, views: Sequence[Any]) -> bool:
    """Made or altered by a pending file, or read by a view that one makes."""
    is_touched = places.is_new(CLASS, table.oid) or places.touched_by(table.oid) is not None
    return is_touched or any(v.table_oid == table.oid and places.is_new(CLASS, v.oid) for v in views)


def _table(
    context: ScratchContext, places: Places, table: Any, column: str, views: Sequence[Any]
) -> tuple[list[Finding], str]:
    exempt = pattern_option(context.inputs.options, CHECK.id, "shows_deleted", _SHOWS_DELETED)
    wanted = [view for view in views if _must_hide(view, column, exempt)]
    states, lack = try_views(context, table, column, wanted)
    found = [_shows(places, view, table, column) for view in wanted if states.get(view.oid) == SHOWS]
    uniques = context.rows(_UNIQUES, [column, table.oid])
    found += [_occupied(places, index, table, column) for index in uniques if _is_recent(places, index, table)]
    unseen = sum(state == UNSEEN for state in states.values())
    note = f"no test row: {lack}" if lack else f"hidden in {counted(len(wanted), 'view')}" if wanted else "no view"
    return found, note + (f", {unseen} not reached by a test row" if unseen else "")


def _must_hide(view: Any, column: str, exempt: re.Pattern[str]) -> bool:
    """Views of this table alone, and those that name the column; others may show a deleted row's name on purpose."""
    if exempt.search(view.bare):
        return False
    return view.tables == 1 or column in view.definition


def _is_recent(places: Places, index: Any, table: Any) -> bool:
    return places.is_new(CLASS, index.oid) or places.is_new(CLASS, table.oid)


def _shows(places: Places, view: Any, table: Any, column: str) -> Finding:
    message = f"view {short(view.view)} shows a row of {short(table.table)} whose {column} is set"
    hint = f"add WHERE {column} IS NULL, or give the view a name such as all_{view.bare}"
    statement = places.made_by(CLASS, view.oid) or places.touched_by(table.oid)
    return places.finding(statement, message, view.view, hint)


def _occupied(places: Places, index: Any, table: Any, column: str) -> Finding:
    message = f"unique index {short(index.name)} counts deleted rows of {short(table.table)}: their value stays taken"
    statement = places.made_by(CLASS, index.oid) or places.made_by(CLASS, table.oid)
    return places.finding(statement, message, index.name, f"CREATE UNIQUE INDEX … WHERE {column} IS NULL")


CHECK = Check(
    id="soft-delete",
    title="Soft delete hides the row",
    needs=Need.SCRATCH,
    run=run,
    decides="For each table with deleted_at that pending files touch: a row made from column types is inserted, "
    "deleted_at set, and each view of the table alone, or that names the column, has to look as if the row was never "
    "there; new unique indexes leave deleted rows out. Views whose name says so (deleted, archive, all_) may show "
    "them; [checks.soft-delete] column and shows_deleted change both.",
    cost="A row a table in the scratch database, rolled back.",
    fix="Add WHERE deleted_at IS NULL to the view; make the unique index partial.",
)
