"""A row with deleted_at set is gone from the views, and makes room in the unique indexes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from checks.base import ERROR, Finding, NotApplicable, Result, counted, evidence, scratch_check
from checks.findings import verdict
from checks.options import pattern_option, text_option
from checks.scratch.places import PG_CLASS, PG_TRIGGER, Places
from checks.scratch.soft_delete_trial import KEPT, LOST, SHOWS, UNSEEN, Trial, try_row
from checks.scratchdb.context import ScratchContext
from checks.sql.names import quoted
from checks.sql.tree import nodes, parts
from checks.targetdb.asking import USER_SCHEMA, short

if TYPE_CHECKING:
    from checks.sql.statements import Statement


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
  AND NOT EXISTS (SELECT 1 FROM pg_index p
                  WHERE p.indrelid = i.indrelid AND p.indisprimary AND p.indkey::int2[] <@ i.indkey::int2[])
  AND (i.indpred IS NULL OR pg_get_expr(i.indpred, i.indrelid) NOT LIKE '%%' || a.attname || ' IS NULL%%')
  AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.confrelid = i.indrelid AND k.conindid = i.indexrelid
                  AND k.contype = 'f')
"""
# What runs on DELETE, with its text.
_ON_DELETE = """
SELECT t.oid::bigint AS oid, 'trigger ' || t.tgname AS name, p.prosrc AS text, 'pg_trigger' AS catalog
FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
WHERE t.tgrelid = %s::oid AND NOT t.tgisinternal AND (t.tgtype & 8) <> 0 AND t.tgenabled IN ('O', 'A')
UNION ALL SELECT r.oid::bigint, 'rule ' || r.rulename, pg_get_ruledef(r.oid), '' FROM pg_rewrite r
WHERE r.ev_class = %s::oid AND r.ev_type = '4' ORDER BY 1
"""
_CONDITIONS = ("whereClause", "havingClause", "quals", "agg_filter", "CaseWhen")
_SHOWS_DELETED = r"deleted|archive|trash|removed|history|audit|all_|_all"


@scratch_check(
    title="Soft delete hides the row",
    decides="For each table with deleted_at that pending files touch: a row made from column types is inserted, "
    "deleted_at set; it has to stay, and each view of the table alone, or that names the column, has to look as if it "
    "was never there; where no row gets that far, a condition has to name the column. A trigger or rule that sets it "
    "on DELETE has to keep the row. New unique indexes leave deleted rows out. Views named deleted, archive, all_ may "
    "show them; [checks.soft-delete] column and shows_deleted change both.",
    cost="A row a table in the scratch database, rolled back.",
    fix="Add WHERE deleted_at IS NULL to the view; make the unique index partial; BEFORE DELETE, RETURN NULL.",
)
def soft_delete(context: ScratchContext) -> Result:
    places = Places(context)
    column = text_option(context.inputs.options, soft_delete.id, "column") or "deleted_at"
    views = context.rows(_VIEWS)
    tables = [t for t in context.rows(_TABLES, [column]) if _concerns(places, t, views)]
    if not tables:
        raise NotApplicable(f"no pending file touches a table with {column}")
    looks = [_look(context, table, column, [v for v in views if v.table_oid == table.oid]) for table in tables]
    found = [finding for look in looks for finding in look.findings(context, places)]
    shown = ", ".join(f"{short(look.table.table)} ({look.shown})" for look in looks)
    shown = f"soft delete on {counted(len(tables), 'table')}: {shown}"
    untried = any(look.trial.lack and (look.views or look.keepers) for look in looks)
    return evidence(shown) if untried and not found else verdict(found, shown)


def _concerns(places: Places, table: Any, views: Sequence[Any]) -> bool:
    """Made or altered by a pending file, or read by a view that one makes."""
    is_touched = places.is_new(PG_CLASS, table.oid) or places.touched_by(table.oid) is not None
    return is_touched or any(v.table_oid == table.oid and places.is_new(PG_CLASS, v.oid) for v in views)


def _look(context: ScratchContext, table: Any, column: str, views: Sequence[Any]) -> _Look:
    exempt = pattern_option(context.inputs.options, soft_delete.id, "shows_deleted", _SHOWS_DELETED)
    # Views of this table alone, and those that name the column; others may show a deleted row's name on purpose.
    wanted = [v for v in views if not exempt.search(v.bare) and (v.tables == 1 or column in v.definition)]
    sets = re.compile(rf"\bupdate\b.*\bset\b.*\b{re.escape(column)}\b", re.IGNORECASE | re.DOTALL)
    keepers = [row for row in context.rows(_ON_DELETE, [table.oid, table.oid]) if sets.search(row.text)]
    return _Look(table, column, wanted, keepers, try_row(context, table, column, wanted, keepers))


@dataclass(frozen=True)
class _Look:
    """One table, the views that have to hide its deleted rows, what keeps its rows on DELETE, and how that went."""

    table: Any
    column: str
    views: Sequence[Any]
    keepers: Sequence[Any]
    trial: Trial

    @property
    def unseen(self) -> list[Any]:
        """Views that no test row reached, so that their definition alone can be read."""
        return [view for view in self.views if self.trial.states.get(view.oid, UNSEEN) == UNSEEN]

    @property
    def shown(self) -> str:
        """`kept on DELETE, hidden in 2 views`."""
        reached, unseen = len(self.views) - len(self.unseen), len(self.unseen)
        words = ["kept on DELETE"] if self.trial.on_delete == KEPT else []
        words += [f"hidden in {counted(reached, 'view')}"] if reached else [] if unseen else ["no view"]
        if self.trial.lack:
            name = f"{counted(unseen, 'view')} names {self.column} in a condition; " if unseen else ""
            return f"{name}not tried, no test row: {self.trial.lack}"
        if unseen:
            words.append(
                f"{counted(unseen, 'view')} names {self.column} in a condition and is not reached by a test row"
            )
        return ", ".join(words)

    def findings(self, context: ScratchContext, places: Places) -> Iterator[Finding]:
        table, column, trial = short(self.table.table), self.column, self.trial
        if trial.on_delete == LOST:
            yield self._lost(places)
        if trial.is_gone_when_marked:
            message = f"a row of {table} is gone once its {column} is set: something deletes it"
            hint = f"look for a trigger on {table} that deletes rows"
            yield places.finding(self._changed(places), message, self.table.table, hint, ERROR)
        for view in self.views:
            if trial.states.get(view.oid) == SHOWS:
                yield self._shows(places, view, f"shows a row of {table} whose {column} is set")
        for view in self.unseen:
            if not _has_condition(view.definition, column):
                told = f"shows rows of {table} whose {column} is set: no condition of its definition names it"
                yield self._shows(places, view, told)
        for index in context.rows(_UNIQUES, [column, self.table.oid]):
            if places.is_new(PG_CLASS, index.oid) or places.is_new(PG_CLASS, self.table.oid):
                yield self._occupied(places, index)

    def _changed(self, places: Places) -> Statement | None:
        return places.made_by(PG_CLASS, self.table.oid) or places.touched_by(self.table.oid)

    def _lost(self, places: Places) -> Finding:
        keeper, table = self.keepers[0], short(self.table.table)
        message = f"DELETE on {table} takes the row away: {keeper.name} sets {self.column} of a row that is gone"
        hint = "make it BEFORE DELETE, and RETURN NULL" if keeper.catalog else "make it DO INSTEAD"
        made = places.made_by(PG_TRIGGER, keeper.oid) if keeper.catalog else None
        return places.finding(made or places.touched_by(self.table.oid), message, self.table.table, hint, ERROR)

    def _shows(self, places: Places, view: Any, told: str) -> Finding:
        hint = f"add WHERE {quoted(self.column)} IS NULL, or give the view a name such as all_{view.bare}"
        statement = places.made_by(PG_CLASS, view.oid) or places.touched_by(self.table.oid)
        return places.finding(statement, f"view {short(view.view)} {told}", view.view, hint)

    def _occupied(self, places: Places, index: Any) -> Finding:
        table = short(self.table.table)
        message = f"unique index {short(index.name)} counts deleted rows of {table}: their value stays taken"
        statement = places.made_by(PG_CLASS, index.oid) or places.made_by(PG_CLASS, self.table.oid)
        return places.finding(statement, message, index.name, f"make it partial: WHERE {quoted(self.column)} IS NULL")


def _has_condition(definition: str, column: str) -> bool:
    """Whether a WHERE, a join's ON, HAVING, FILTER or CASE of a query names the column."""
    from pglast.parser import ParseError, parse_sql_json

    try:
        tree = json.loads(parse_sql_json(definition))
    except ParseError:
        return True
    conditions = (node[key] for node in nodes(tree) for key in _CONDITIONS if key in node)
    named = (node.get("ColumnRef", {}).get("fields", ()) for each in conditions for node in nodes(each))
    return any(parts(fields)[-1:] == [column] for fields in named)
