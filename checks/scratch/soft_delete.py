"""A row with deleted_at set is gone from the views, and makes room in the unique indexes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from checks.base import Finding, NotApplicable, Result, counted, scratch_check
from checks.findings import verdict
from checks.options import pattern_option, text_option
from checks.scratch.places import PG_CLASS, Places
from checks.scratchdb.apply_errors import said_by
from checks.scratchdb.context import ScratchContext
from checks.sql.names import quoted
from checks.targetdb.asking import USER_SCHEMA, short

if TYPE_CHECKING:
    from checks.targetdb.session import Connection


HIDES, SHOWS, UNSEEN = "hides", "shows", "unseen"


def try_views(context: ScratchContext, table: Any, column: str, views: Sequence[Any]) -> tuple[Mapping[int, str], str]:
    """HIDES, SHOWS or UNSEEN (the row never came into it) by view, or why no row could be tried."""
    import psycopg

    with context.trial() as connection:
        try:
            return _try(connection, table, column, views)
        except psycopg.Error as fault:
            return {}, said_by(fault)


def _try(connection: Connection, table: Any, column: str, views: Sequence[Any]) -> tuple[Mapping[int, str], str]:
    from psycopg import sql

    from checks.scratchdb.generated_row import make_row

    row = make_row(connection, table)
    before = _contents(connection, views)
    alive, deleted = _values(connection, table, column)
    if row.insert(connection, {column: alive}) == 0:
        return {}, "a trigger ate it"
    there = _contents(connection, views)
    place = sql.Identifier(table.schema, table.name)
    changed = connection.execute(sql.SQL("UPDATE {} SET {} = {}").format(place, sql.Identifier(column), deleted))
    if changed.rowcount == 0:
        return {}, "a trigger kept it from being deleted"
    after = _contents(connection, views)
    seen = {view.oid: UNSEEN if there[view.oid] == before[view.oid] else HIDES for view in views}
    return {oid: state if after[oid] == before[oid] else SHOWS for oid, state in seen.items()}, ""


def _contents(connection: Connection, views: Sequence[Any]) -> dict[int, str]:
    """A digest of all rows of each view; materialized ones are refreshed first."""
    found = {}
    for view in views:
        if view.is_materialized:
            connection.execute(f"REFRESH MATERIALIZED VIEW {view.view}".encode())
        query = f"SELECT coalesce(md5(string_agg(v::text, '|' ORDER BY v::text)), '') FROM {view.view} v"
        row = connection.execute(query.encode()).fetchone()
        found[view.oid] = str(row[0]) if row else ""
    return found


def _values(connection: Connection, table: Any, column: str) -> tuple[object, Any]:
    """What the column holds of a row that is there, and of a deleted one: a time, or true where it is a flag."""
    from psycopg import sql

    query = "SELECT atttypid = 'bool'::regtype FROM pg_attribute WHERE attrelid = %s::oid AND attname = %s"
    row = connection.execute(query, [table.oid, column]).fetchone()
    return (False, sql.SQL("true")) if row and row[0] else (None, sql.SQL("now()"))


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


@scratch_check(
    title="Soft delete hides the row",
    decides="For each table with deleted_at that pending files touch: a row made from column types is inserted, "
    "deleted_at set, and each view of the table alone, or that names the column, has to look as if the row was never "
    "there; new unique indexes leave deleted rows out. Views whose name says so (deleted, archive, all_) may show "
    "them; [checks.soft-delete] column and shows_deleted change both.",
    cost="A row a table in the scratch database, rolled back.",
    fix="Add WHERE deleted_at IS NULL to the view; make the unique index partial.",
)
def soft_delete(context: ScratchContext) -> Result:
    places = Places(context)
    column = text_option(context.inputs.options, soft_delete.id, "column") or "deleted_at"
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
    is_touched = places.is_new(PG_CLASS, table.oid) or places.touched_by(table.oid) is not None
    return is_touched or any(v.table_oid == table.oid and places.is_new(PG_CLASS, v.oid) for v in views)


def _table(
    context: ScratchContext, places: Places, table: Any, column: str, views: Sequence[Any]
) -> tuple[list[Finding], str]:
    exempt = pattern_option(context.inputs.options, soft_delete.id, "shows_deleted", _SHOWS_DELETED)
    # Views of this table alone, and those that name the column; others may show a deleted row's name on purpose.
    wanted = [v for v in views if not exempt.search(v.bare) and (v.tables == 1 or column in v.definition)]
    states, lack = try_views(context, table, column, wanted)
    found = [_shows(places, view, table, column) for view in wanted if states.get(view.oid) == SHOWS]
    uniques = context.rows(_UNIQUES, [column, table.oid])
    recent = [index for index in uniques if any(places.is_new(PG_CLASS, one.oid) for one in (index, table))]
    found += [_occupied(places, index, table, column) for index in recent]
    unseen = sum(state == UNSEEN for state in states.values())
    note = f"no test row: {lack}" if lack else f"hidden in {counted(len(wanted), 'view')}" if wanted else "no view"
    return found, note + (f", {unseen} not reached by a test row" if unseen else "")


def _shows(places: Places, view: Any, table: Any, column: str) -> Finding:
    message = f"view {short(view.view)} shows a row of {short(table.table)} whose {column} is set"
    hint = f"add WHERE {quoted(column)} IS NULL, or give the view a name such as all_{view.bare}"
    statement = places.made_by(PG_CLASS, view.oid) or places.touched_by(table.oid)
    return places.finding(statement, message, view.view, hint)


def _occupied(places: Places, index: Any, table: Any, column: str) -> Finding:
    message = f"unique index {short(index.name)} counts deleted rows of {short(table.table)}: their value stays taken"
    statement = places.made_by(PG_CLASS, index.oid) or places.made_by(PG_CLASS, table.oid)
    return places.finding(statement, message, index.name, f"make it partial: WHERE {quoted(column)} IS NULL")
