"""Deletes a made-up row softly and looks at views before, with it, and after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from checks.scratchdb.context import ScratchContext

if TYPE_CHECKING:
    from checks.targetdb.session import Connection

HIDES, SHOWS, UNSEEN = "hides", "shows", "unseen"
_TIMEOUT = "5s"


def try_views(context: ScratchContext, table: Any, column: str, views: Sequence[Any]) -> tuple[Mapping[int, str], str]:
    """HIDES, SHOWS or UNSEEN (the row never came into it) by view, or why no row could be tried."""
    import psycopg

    with context.trial() as connection:
        try:
            connection.execute(f"SET LOCAL statement_timeout = '{_TIMEOUT}'".encode())
            return _try(connection, table, column, views)
        except psycopg.Error as fault:
            return {}, f"{fault.sqlstate} {fault.diag.message_primary}"


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
    return {view.oid: _state(before[view.oid], there[view.oid], after[view.oid]) for view in views}, ""


def _state(before: str, there: str, after: str) -> str:
    if after == before:
        return UNSEEN if there == before else HIDES
    return SHOWS


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
