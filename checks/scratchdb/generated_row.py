"""A row made from column types and foreign keys, to see how a schema behaves: what a type takes, with no meaning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql
from psycopg.rows import namedtuple_row

if TYPE_CHECKING:
    from checks.targetdb.session import Connection

_COLUMNS = """
SELECT a.attname::text AS name, format_type(a.atttypid, a.atttypmod) AS type, t.typcategory AS category,
       coalesce(b.typname, t.typname)::text AS base, t.typtype AS kind,
       (SELECT e.enumlabel::text FROM pg_enum e WHERE e.enumtypid IN (t.oid, t.typbasetype)
        ORDER BY e.enumsortorder LIMIT 1) AS label
FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_type b ON b.oid = t.typbasetype
WHERE a.attrelid = %s::oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' AND a.attidentity = ''
  AND NOT a.atthasdef ORDER BY a.attnum
"""
_CHECKS = "SELECT conname::text FROM pg_constraint WHERE conrelid = %s::oid AND contype = 'c' AND conparentid = 0"
_FOREIGN_KEYS = """
SELECT k.conname::text AS constraint, k.confrelid::int8 AS oid, n.nspname::text AS schema, c.relname::text AS name,
       (SELECT array_agg(a.attname::text ORDER BY x.ord) FROM unnest(k.conkey) WITH ORDINALITY x(num, ord)
        JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = x.num) AS columns,
       (SELECT array_agg(a.attname::text ORDER BY x.ord) FROM unnest(k.confkey) WITH ORDINALITY x(num, ord)
        JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = x.num) AS targets
FROM pg_constraint k JOIN pg_class c ON c.oid = k.confrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE k.conrelid = %s::oid AND k.contype = 'f' AND k.conparentid = 0 ORDER BY k.oid
"""
_MAX_DEPTH = 6

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


@dataclass(frozen=True)
class MadeRow:
    """A row that a table takes: column names to values; columns left out have their default."""

    place: sql.Identifier
    values: Mapping[str, object]

    def insert(self, connection: Connection, others: Mapping[str, object] | None = None) -> int:
        """Inserts it, with other values for some columns; 0 when a trigger ate it. Raises psycopg.Error."""
        return connection.execute(_insert(self.place, {**self.values, **(others or {})})).rowcount

    def returning(self, connection: Connection, returned: sql.Composable, others: Mapping[str, object]) -> Any:
        """Inserts it and returns the RETURNING list as a tuple; None when a trigger ate it."""
        query = sql.SQL("{} RETURNING {}").format(_insert(self.place, {**self.values, **others}), returned)
        return connection.execute(query).fetchone()


def insert_row(connection: Connection, table: Any) -> int:
    """Inserts one row into a table (`oid`, `schema`, `name`) and returns how many came in; 0 when a trigger ate it.

    Changes the table, so call it in a transaction that is rolled back. Raises psycopg.Error.
    """
    return make_row(connection, table).insert(connection)


def make_row(connection: Connection, table: Any, path: tuple[int, ...] = ()) -> MadeRow:
    """A row for a table (`oid`, `schema`, `name`): rows that its foreign keys need are inserted first.

    CHECKs are dropped, since no value without meaning passes them; so is a foreign key whose other side takes no row.
    """
    place = sql.Identifier(table.schema, table.name)
    for (constraint,) in connection.execute(_CHECKS, [table.oid]).fetchall():
        _drop_constraint(connection, place, constraint)
    with connection.cursor(row_factory=namedtuple_row) as cursor:
        columns: list[Any] = cursor.execute(_COLUMNS, [table.oid]).fetchall()
        keys: list[Any] = cursor.execute(_FOREIGN_KEYS, [table.oid]).fetchall()
    values: dict[str, object] = {c.name: value for c in columns if (value := _value(c)) is not None}
    for key in keys:
        target = _row_of_target(connection, key, (*path, table.oid))
        if target is None:
            _drop_constraint(connection, place, key.constraint)
        else:
            values.update(zip(key.columns, target, strict=True))
    return MadeRow(place, values)


def _row_of_target(connection: Connection, key: Any, path: tuple[int, ...]) -> Any:
    """The key of a row made on the other side of a foreign key; None where none can be made there."""
    if key.oid in path or len(path) > _MAX_DEPTH:
        return None
    returned = sql.SQL(", ").join(sql.Identifier(column) for column in key.targets)
    try:
        with connection.transaction():
            return make_row(connection, key, path).returning(connection, returned, {})
    except psycopg.Error:
        return None


def _drop_constraint(connection: Connection, place: sql.Identifier, name: str) -> None:
    connection.execute(sql.SQL("ALTER TABLE {} DROP CONSTRAINT {} CASCADE").format(place, sql.Identifier(name)))


def _insert(place: sql.Identifier, values: Mapping[str, object]) -> sql.Composed:
    if not values:
        return sql.SQL("INSERT INTO {} DEFAULT VALUES").format(place)
    names = sql.SQL(", ").join(sql.Identifier(name) for name in values)
    literals = sql.SQL(", ").join(sql.Literal(value) for value in values.values())
    return sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(place, names, literals)


def _value(column: Any) -> str | None:
    """A text that the type's input takes; None leaves the column out."""
    if column.label is not None:
        return str(column.label)
    if column.base in _BY_TYPE:
        return _BY_TYPE[column.base]
    return _BY_CATEGORY.get(column.category)
