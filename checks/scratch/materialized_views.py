"""Materialized views that files make: they hold rows, and can be refreshed, also CONCURRENTLY."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from checks.base import ERROR, WARNING, Finding, NotApplicable, Result, counted, scratch_check
from checks.findings import verdict
from checks.measures import duration
from checks.scratch.places import PG_CLASS, Places, all_there, declared_of, missing, relations
from checks.scratchdb.apply_errors import said_by
from checks.scratchdb.context import ScratchContext
from checks.sql import mends
from checks.sql.declared import Declared
from checks.sql.objects import MATVIEW
from checks.targetdb.asking import USER_SCHEMA, short

if TYPE_CHECKING:
    from checks.targetdb.session import Connection


_UNPOPULATED = """
SELECT CASE n.nspname WHEN 'public' THEN c.relname ELSE n.nspname || '.' || c.relname END AS name,
       c.oid::regclass::text AS typed
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'm' AND NOT c.relispopulated
"""


@scratch_check(
    title="All materialized views are created",
    decides="Passes when each materialized view that the files create and do not drop exists and is populated.",
    cost="Two catalog queries in the scratch database, once the files are applied.",
    fix="Mend the statement that the finding names; refresh a view made WITH NO DATA before anybody reads it.",
)
def materialized_views_created(context: ScratchContext) -> Result:
    declared = declared_of(context, MATVIEW)
    findings = missing(context, declared, relations(context, "m"))
    empty = {row.name: row.typed for row in context.rows(_UNPOPULATED)}
    findings += [_unpopulated(view, short(empty[view.name])) for view in declared if view.name in empty]
    populated = "" if empty else ", populated"
    evidence = f"{counted(len(declared), 'materialized view')} present{populated}"
    return all_there(context, "materialized views", len(declared), findings, evidence)


def _unpopulated(view: Declared, typed: str) -> Finding:
    message = f"{view.name} was made WITH NO DATA: reading it fails until it is refreshed"
    return Finding(message, view.name, view.file, view.line, mends.refresh(typed, concurrently=False))


# https://www.postgresql.org/docs/current/sql-refreshmaterializedview.html: over columns only, and all rows.
VIEWS = f"""
SELECT c.oid::bigint AS oid, c.oid::regclass::text AS view, c.relispopulated AS is_populated,
       EXISTS (SELECT 1 FROM pg_index i WHERE i.indrelid = c.oid AND i.indisunique AND i.indisvalid
               AND i.indimmediate AND i.indpred IS NULL AND i.indexprs IS NULL) AS has_index,
       EXISTS (SELECT 1 FROM pg_index i WHERE i.indrelid = c.oid AND i.indisunique) AS has_other
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'm' AND {USER_SCHEMA} ORDER BY c.oid
"""


@scratch_check(
    title="Materialized views can be refreshed while they are read",
    decides="Passes when each materialized view that pending files make has a valid unique index without predicate and "
    "expression, which REFRESH … CONCURRENTLY asks for.",
    fix="Add the unique index in the same file: the view is empty of readers then.",
)
def matview_unique_index(context: ScratchContext) -> Result:
    places = Places(context)
    found, looked_at = [], 0
    for row in context.rows(VIEWS):
        statement = places.made_by(PG_CLASS, row.oid) or places.touched_by(row.oid, "drop")
        looked_at += statement is not None
        if statement is not None and not row.has_index:
            view = short(row.view)
            why = "its unique index has a predicate or an expression" if row.has_other else "it has no unique index"
            message = f"{view} cannot be refreshed CONCURRENTLY: {why}, so each refresh stops its readers"
            hint = "give it one over the columns that identify a row"
            found.append(places.finding(statement, message, row.view, hint))
    if not looked_at:
        raise NotApplicable("no pending file makes a materialized view")
    return verdict(found, f"{counted(looked_at, 'materialized view')}, each with a unique index over columns")


_SOURCES = """
WITH RECURSIVE reads AS (
  SELECT %s::oid AS oid
  UNION SELECT d.refobjid FROM reads JOIN pg_rewrite r ON r.ev_class = reads.oid
  JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid AND d.refclassid = 'pg_class'::regclass
)
SELECT c.oid::bigint AS oid, n.nspname::text AS schema, c.relname::text AS name
FROM reads JOIN pg_class c ON c.oid = reads.oid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') ORDER BY c.oid
"""
_SECONDS = 20
_NO_INDEX = "55000"


@dataclass(frozen=True)
class _Trial:
    """What went wrong ("" for nothing), whether only with a row in it, and seconds."""

    state: str = ""
    message: str = ""
    with_row: bool = False
    took: float = 0.0


@scratch_check(
    title="Materialized views can be refreshed",
    decides="Passes when each materialized view is refreshed without and with CONCURRENTLY, empty and with a made-up "
    "row in each table that it reads. A view that the target has already and that never could be refreshed "
    "CONCURRENTLY is no finding.",
    cost="Four refreshes a view over next to no rows, in the scratch database, rolled back.",
    fix="CONCURRENTLY asks for a unique index over columns, without predicate or expression.",
)
def matview_refresh(context: ScratchContext) -> Result:
    context.require_applied()
    views = context.rows(VIEWS)
    if not views:
        raise NotApplicable("the files make no materialized view")
    places = Places(context)
    trials = [(view, _refresh(context, view), _refresh(context, view, "CONCURRENTLY ")) for view in views]
    found = [finding for trial in trials for finding in _refresh_findings(places, *trial)]
    took = sum(plain.took + concurrent.took for _, plain, concurrent in trials)
    together = sum(not concurrent.state for _, _, concurrent in trials)
    shown = f"{len(views)} of {len(views)} refreshed, {together} also CONCURRENTLY, in {duration(took)}"
    return verdict(found, f"{counted(len(views), 'materialized view')}: {shown}")


def _refresh_findings(places: Places, view: Any, plain: _Trial, concurrent: _Trial) -> list[Finding]:
    name, statement = short(view.view), places.made_by(PG_CLASS, view.oid)
    if plain.state:
        message = f"REFRESH MATERIALIZED VIEW {name} fails{' with a test row' if plain.with_row else ''}"
        severity = WARNING if plain.with_row else ERROR
        return [places.finding(statement, f"{message}: {plain.message}", view.view, "mend its query", severity)]
    if concurrent.state == _NO_INDEX and statement is None and places.touched_by(view.oid) is None:
        return []
    if concurrent.state:
        message = f"{name}: REFRESH … CONCURRENTLY fails ({concurrent.message}), so each refresh stops its readers"
        hint = "give it a unique index over the columns that identify a row"
        return [places.finding(statement, message, view.view, hint)]
    return []


def _refresh(context: ScratchContext, view: Any, word: str = "") -> _Trial:
    """Once as it is, then with a row in each table that it reads; rolled back."""
    import psycopg

    with context.trial(_SECONDS) as connection:
        started, with_row = time.monotonic(), False
        try:
            if not view.is_populated:
                connection.execute(f"REFRESH MATERIALIZED VIEW {view.view}".encode())
            connection.execute(f"REFRESH MATERIALIZED VIEW {word}{view.view}".encode())
            took = time.monotonic() - started
            with_row = True
            _fill(connection, view.oid)
            connection.execute(f"REFRESH MATERIALIZED VIEW {word}{view.view}".encode())
        except psycopg.Error as fault:
            message = said_by(fault)
            return _Trial(fault.sqlstate or "08", message, with_row, time.monotonic() - started)
        return _Trial(took=took)


def _fill(connection: Connection, view: int) -> None:
    """A row in each table, as far as one can be made."""
    import psycopg
    from psycopg.rows import namedtuple_row

    from checks.scratchdb.generated_row import insert_row

    with connection.cursor(row_factory=namedtuple_row) as cursor:
        tables = cursor.execute(_SOURCES, [view]).fetchall()
    for table in tables:
        try:
            with connection.transaction():
                insert_row(connection, table)
        except psycopg.Error:
            continue
