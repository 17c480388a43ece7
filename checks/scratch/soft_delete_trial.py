"""A row that is put in, deleted, marked as deleted: what views show of it, and whether it is still there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from checks.scratchdb.apply_errors import said_by
from checks.scratchdb.context import ScratchContext

if TYPE_CHECKING:
    from psycopg.sql import Composable

    from checks.targetdb.session import Connection


HIDES, SHOWS, UNSEEN = "hides", "shows", "unseen"
KEPT, LOST = "kept", "lost"


@dataclass
class Trial:
    """HIDES, SHOWS or UNSEEN (the row never came into it) by view; what became of the row; or why none was tried."""

    states: Mapping[int, str] = field(default_factory=dict)
    lack: str = ""
    is_gone_when_marked: bool = False
    on_delete: str = ""


def try_row(context: ScratchContext, table: Any, column: str, views: Sequence[Any], keepers: Sequence[Any]) -> Trial:
    """A row of the table, taken back at the end; `keepers`, if any, are what has to keep it on DELETE."""
    import psycopg

    with context.trial() as connection:
        try:
            return _try(connection, table, column, views, keepers)
        except psycopg.Error as fault:
            return Trial(lack=said_by(fault))


def _try(connection: Connection, table: Any, column: str, views: Sequence[Any], keepers: Sequence[Any]) -> Trial:
    from psycopg import sql

    from checks.scratchdb.generated_row import make_row

    row = make_row(connection, table)
    before = _contents(connection, views)
    alive, deleted = _values(connection, table, column)
    place = sql.Identifier(table.schema, table.name)
    made = row.returning(connection, sql.SQL("tableoid, ctid"), {column: alive})
    if made is None:
        return Trial(lack="a trigger ate it")
    on_delete = _try_delete(connection, place, made) if keepers else ""
    there, rows = _contents(connection, views), _count(connection, place)
    changed = connection.execute(sql.SQL("UPDATE {} SET {} = {}").format(place, sql.Identifier(column), deleted))
    if changed.rowcount == 0:
        return Trial(lack="a trigger kept it from being deleted", on_delete=on_delete)
    after = _contents(connection, views)
    seen = {view.oid: UNSEEN if there[view.oid] == before[view.oid] else HIDES for view in views}
    states = {oid: state if after[oid] == before[oid] else SHOWS for oid, state in seen.items()}
    return Trial(states, "", _count(connection, place) < rows, on_delete)


def _try_delete(connection: Connection, place: Composable, made: Sequence[object]) -> str:
    """KEPT or LOST: what becomes of the row on DELETE, taken back; "" where DELETE itself is refused."""
    import psycopg
    from psycopg import sql

    delete = sql.SQL("DELETE FROM {}").format(place)
    # Rows of the files may not be deleted for others' sake; alone, the row is found wherever a rule has moved it.
    one = sql.SQL(" WHERE tableoid = {} AND ctid = {}").format(*map(sql.Literal, made))
    try:
        with connection.transaction(force_rollback=True):
            rows = _count(connection, place)
            connection.execute(delete if rows == 1 else delete + one)
            return LOST if _count(connection, place) < rows else KEPT
    except psycopg.Error:
        return ""


def _count(connection: Connection, place: Composable) -> int:
    from psycopg import sql

    row = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(place)).fetchone()
    return int(row[0]) if row else 0


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
