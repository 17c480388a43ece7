"""matview-refresh: each materialized view is refreshed, also CONCURRENTLY, with a made-up row in what it reads."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from checks.base import Check, Finding, Need, NotApplicable, Result, counted
from checks.measures import duration
from checks.result import ERROR, WARNING
from checks.scratch.matview_unique_index import VIEWS
from checks.scratch.places import CLASS, Places
from checks.scratchdb.context import ScratchContext
from checks.targetdb.asking import short
from checks.verdict import verdict

if TYPE_CHECKING:
    from checks.targetdb.session import Connection

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
_TIMEOUT = "20s"
_NO_INDEX = "55000"


@dataclass(frozen=True)
class _Trial:
    """What went wrong ("" for nothing), whether only with a row in it, and seconds."""

    state: str = ""
    message: str = ""
    with_row: bool = False
    took: float = 0.0


def run(context: ScratchContext) -> Result:
    """Failed where a refresh ends in an error, a warning where only the made-up row or CONCURRENTLY does."""
    context.require_applied()
    views = context.rows(VIEWS)
    if not views:
        raise NotApplicable("the files make no materialized view")
    places = Places(context)
    found: list[Finding] = []
    took, together = 0.0, 0
    for view in views:
        trials = [_refresh(context, view, word) for word in ("", "CONCURRENTLY ")]
        took += sum(trial.took for trial in trials)
        together += not trials[1].state
        found += _findings(places, view, *trials)
    shown = f"{len(views)} of {len(views)} refreshed, {together} also CONCURRENTLY, in {duration(took)}"
    return verdict(found, f"{counted(len(views), 'materialized view')}: {shown}")


def _findings(places: Places, view: Any, plain: _Trial, concurrent: _Trial) -> list[Finding]:
    name, statement = short(view.view), places.made_by(CLASS, view.oid)
    if plain.state:
        message = f"REFRESH MATERIALIZED VIEW {name} fails{' with a test row' if plain.with_row else ''}"
        severity = WARNING if plain.with_row else ERROR
        return [places.finding(statement, f"{message}: {plain.message}", view.view, "mend its query", severity)]
    if concurrent.state == _NO_INDEX and statement is None and places.touched_by(view.oid) is None:
        return []
    if concurrent.state:
        message = f"{name}: REFRESH … CONCURRENTLY fails ({concurrent.message}), so each refresh stops its readers"
        return [places.finding(statement, message, view.view, f"CREATE UNIQUE INDEX ON {name} (…)")]
    return []


def _refresh(context: ScratchContext, view: Any, word: str) -> _Trial:
    """Once as it is, then with a row in each table that it reads; rolled back."""
    import psycopg

    with context.trial() as connection:
        started, with_row = time.monotonic(), False
        try:
            connection.execute(f"SET LOCAL statement_timeout = '{_TIMEOUT}'".encode())
            if not view.is_populated:
                connection.execute(f"REFRESH MATERIALIZED VIEW {view.view}".encode())
            connection.execute(f"REFRESH MATERIALIZED VIEW {word}{view.view}".encode())
            took = time.monotonic() - started
            with_row = True
            _fill(connection, view.oid)
            connection.execute(f"REFRESH MATERIALIZED VIEW {word}{view.view}".encode())
        except psycopg.Error as fault:
            message = f"{fault.sqlstate} {fault.diag.message_primary}"
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


CHECK = Check(
    id="matview-refresh",
    title="Materialized views can be refreshed",
    needs=Need.SCRATCH,
    run=run,
    decides="Passes when each materialized view is refreshed without and with CONCURRENTLY, empty and with a made-up "
    "row in each table that it reads. A view that the target has already and that never could be refreshed "
    "CONCURRENTLY is no finding.",
    cost="Four refreshes a view over next to no rows, in the scratch database, rolled back.",
    fix="CONCURRENTLY asks for a unique index over columns, without predicate or expression.",
)
