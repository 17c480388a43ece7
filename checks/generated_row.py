"""A row made from column types alone, to see whether triggers run: whatever a type takes, with no meaning."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from psycopg import sql

if TYPE_CHECKING:
    from checks.postgres import Connection

_COLUMNS = """
SELECT a.attname::text AS name, format_type(a.atttypid, a.atttypmod) AS type, t.typcategory AS category,
       coalesce(b.typname, t.typname)::text AS base, t.typtype AS kind,
       (SELECT e.enumlabel::text FROM pg_enum e WHERE e.enumtypid IN (t.oid, t.typbasetype)
        ORDER BY e.enumsortorder LIMIT 1) AS label
FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_type b ON b.oid = t.typbasetype
WHERE a.attrelid = %s::oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' AND a.attidentity = ''
  AND NOT a.atthasdef ORDER BY a.attnum
"""
_HINDRANCES = """
SELECT conname::text FROM pg_constraint WHERE conrelid = %s::oid AND contype IN ('f', 'c') AND conparentid = 0
"""

_BY_TYPE = {
    "bool": "true",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "json": "{}",
    "jsonb": "{}",
    "xml": "<a/>",
    "bytea": "\\x00",
    "inet": "127.0.0.1",
    "cidr": "127.0.0.0/8",
    "macaddr": "00:00:00:00:00:00",
    "interval": "1 day",
    "time": "12:00",
    "timetz": "12:00+00",
    "tsvector": "a",
    "money": "1",
    "point": "(0,0)",
}
_BY_CATEGORY = {"N": "1", "S": "a", "D": "now", "A": "{}", "R": "empty", "V": "1", "B": "true"}


def insert_row(connection: Connection, table: Any) -> int:
    """Inserts one row into a table (`oid`, `schema`, `name`) and returns how many came in; 0 when a trigger ate it.

    Foreign keys and CHECKs are dropped first, so call it in a transaction that is rolled back. Raises psycopg.Error.
    """
    place = sql.Identifier(table.schema, table.name)
    for (constraint,) in connection.execute(_HINDRANCES, [table.oid]).fetchall():
        drop = sql.SQL("ALTER TABLE {} DROP CONSTRAINT {} CASCADE")
        connection.execute(drop.format(place, sql.Identifier(constraint)))
    from psycopg.rows import namedtuple_row

    with connection.cursor(row_factory=namedtuple_row) as cursor:
        columns = cursor.execute(_COLUMNS, [table.oid]).fetchall()
    return connection.execute(_insert(place, columns)).rowcount


def _insert(place: sql.Identifier, columns: list[Any]) -> sql.Composed:
    filled = [(column.name, value) for column in columns if (value := _value(column)) is not None]
    if not filled:
        return sql.SQL("INSERT INTO {} DEFAULT VALUES").format(place)
    names = sql.SQL(", ").join(sql.Identifier(name) for name, _ in filled)
    values = sql.SQL(", ").join(sql.Literal(value) for _, value in filled)
    return sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(place, names, values)


def _value(column: Any) -> str | None:
    """A text that the type's input takes; None leaves the column out."""
    if column.label is not None:
        return str(column.label)
    if column.base in _BY_TYPE:
        return _BY_TYPE[column.base]
    return _BY_CATEGORY.get(column.category)
