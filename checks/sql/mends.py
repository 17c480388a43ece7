"""Statements that mend: what a hint says to type, so that it runs as it stands.

A hint that begins with a statement is SQL to its end: words to a person stand behind `--`. Tables, views and indexes
come as `oid::regclass` prints them, in quotes where they need them; bare names are quoted here.
"""

from __future__ import annotations

from collections.abc import Sequence

from checks.sql.names import quoted

_MOST_LISTED = 8


def literal(text: str) -> str:
    """A string as PostgreSQL reads it under `standard_conforming_strings`."""
    return "'" + text.replace("'", "''") + "'"


def named_after(typed: str, suffix: str) -> str:
    """A name beside one that is typed already: `billing.orders_2026`, or within its quotes."""
    return f'{typed[:-1]}_{suffix}"' if typed.endswith('"') else f"{typed}_{suffix}"


def enable(table: str, trigger: str) -> str:
    """By its name: ALL would also switch on what was switched off on purpose. One of a foreign key asks a superuser."""
    return f"ALTER TABLE {table} ENABLE TRIGGER {quoted(trigger)}"


def validate(table: str, constraint: str) -> str:
    """Of a constraint that is NOT VALID."""
    return f"ALTER TABLE {table} VALIDATE CONSTRAINT {quoted(constraint)}"


def enforce(table: str, constraint: str, kind: str, definition: str) -> str:
    """Of one that is NOT ENFORCED; `kind` and `definition` are `contype` and `pg_get_constraintdef`.

    PostgreSQL 18, ALTER TABLE, "ALTER CONSTRAINT": only a foreign key can be altered so.
    """
    name = quoted(constraint)
    if kind == "f":
        return f"ALTER TABLE {table} ALTER CONSTRAINT {name} ENFORCED"
    again = f"{definition.removesuffix(' NOT ENFORCED')} NOT VALID"
    return f"ALTER TABLE {table} DROP CONSTRAINT {name}, ADD CONSTRAINT {name} {again}; {validate(table, constraint)}"


def refresh(view: str, concurrently: bool) -> str:
    """CONCURRENTLY where the view is filled and has a unique index for it."""
    return f"REFRESH MATERIALIZED VIEW {'CONCURRENTLY ' if concurrently else ''}{view}"


def index(table: str, columns: str, leaves: Sequence[str] = ()) -> str:
    """On a table in use. CONCURRENTLY is refused on a partitioned one, which takes over what its `leaves` have.

    PostgreSQL manual, CREATE INDEX, "ON ONLY": an equivalent index of a partition is attached, not built again.
    """
    if not leaves:
        return f"CREATE INDEX CONCURRENTLY ON {table} ({columns})"
    whole = f"CREATE INDEX ON {table} ({columns})"
    if len(leaves) > _MOST_LISTED:
        return f"{whole}; -- stops writers of {len(leaves)} partitions; not if each has it CONCURRENTLY before"
    return "; ".join([*(f"CREATE INDEX CONCURRENTLY ON {leaf} ({columns})" for leaf in leaves), whole])


def rebuild(name: str, is_tied: bool) -> str:
    """Of an index that is not valid. `is_tied`: to a constraint or a partitioned index, which keep it."""
    if is_tied:
        return f"REINDEX INDEX CONCURRENTLY {name}"
    return f"DROP INDEX CONCURRENTLY {name}; -- then build it again, once what stopped it is mended"


def complete_index(name: str, table: str, constraint: str, definition: str) -> str:
    """Of a partitioned index that a partition lacks: made again, with all partitions.

    `definition` is what `pg_get_constraintdef` says of its constraint, or `pg_get_indexdef` where it has none ("").
    """
    if constraint:
        again = quoted(constraint)
        return f"ALTER TABLE {table} DROP CONSTRAINT {again}, ADD CONSTRAINT {again} {definition}"
    return f"DROP INDEX {name}; {definition.replace(' ON ONLY ', ' ON ', 1)}"
