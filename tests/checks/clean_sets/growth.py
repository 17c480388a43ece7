"""How a database grows: its tables one after the other, and on top of each the changes that teams make."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime

from tests.checks.clean_sets import moves_of_code, moves_of_indexes, moves_of_tables
from tests.checks.clean_sets.applications import Table, tables_of
from tests.checks.clean_sets.steps import Growth, Move, Step

_MOVES: list[Move] = [*moves_of_tables.MOVES, *moves_of_indexes.MOVES, *moves_of_code.MOVES]

_TOUCH = """CREATE FUNCTION touch_updated_at() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.updated_at := now();
    RETURN NEW;
END
$$;"""
_AUDIT = """CREATE FUNCTION record_audit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO audit_log (table_name, action, actor, row_data)
    VALUES (TG_TABLE_NAME, TG_OP, current_user, CASE WHEN TG_OP = 'DELETE' THEN to_jsonb(OLD) ELSE to_jsonb(NEW) END);
    RETURN NULL;
END
$$;"""


def grow(application: str, files: int) -> tuple[list[Step], Growth]:
    """So many migrations of an application: its tables one after the other, and what comes on top of each."""
    tables = tables_of(application)
    growth = Growth([], random.Random(application))
    steps = [*_begin(growth)]
    moves: list[Move] = []
    while len(steps) < files:
        if tables and (len(growth.tables) < 3 or growth.chance.random() < 0.3):
            table = tables.pop(0)
            steps += _create(growth, table)
            growth.tables.append(table)
            continue
        if not moves:
            moves = growth.chance.sample(_MOVES, len(_MOVES))
        move = moves.pop()
        fresh = [table for table in growth.tables if move.__name__ not in table.grown]
        if fresh:
            table = growth.chance.choice(fresh)
            table.grown.add(move.__name__)
            steps += move(growth, table)
    return steps, growth


def _begin(growth: Growth) -> Iterator[Step]:
    yield Step(
        "create_reporting_schema",
        "Reports have a schema of their own, which analysts may use.",
        "CREATE SCHEMA reporting;\nGRANT USAGE ON SCHEMA reporting TO app_reader;",
        "DROP SCHEMA reporting;",
    )
    yield Step("create_touch_function", "What keeps updated_at.", _TOUCH, "DROP FUNCTION touch_updated_at();")
    first = datetime.now(UTC).year - 1
    growth.told("audit_log", "audit_log_table_name_idx", *(f"audit_log_{year}" for year in range(first, first + 5)))
    growth.columns.update(["happened_at", "table_name", "row_data"])
    partitions = "\n".join(
        f"CREATE TABLE audit_log_{year} PARTITION OF audit_log\n"
        f"    FOR VALUES FROM ('{year}-01-01') TO ('{year + 1}-01-01');"
        for year in range(first, first + 5)
    )
    log = """CREATE TABLE audit_log (
    id bigint GENERATED ALWAYS AS IDENTITY,
    happened_at timestamptz NOT NULL DEFAULT now(),
    table_name text NOT NULL,
    action text NOT NULL,
    actor text NOT NULL,
    row_data jsonb,
    PRIMARY KEY (id, happened_at)
) PARTITION BY RANGE (happened_at);"""
    index = "CREATE INDEX audit_log_table_name_idx ON audit_log (table_name, happened_at);"
    down = "DROP FUNCTION record_audit();\nDROP TABLE audit_log;"
    yield Step("create_audit_log", "Who changed what, by year.", f"{log}\n{partitions}\n{index}\n\n{_AUDIT}", down)


def _create(growth: Growth, table: Table) -> Iterator[Step]:
    known = {one.name for one in growth.tables}
    parents = [parent for parent in table.parents if parent in known]
    keys = [f"{parent[:-1]}_id" for parent in parents]
    cascade = " ON DELETE CASCADE" if growth.chance.random() < 0.3 else ""
    lines = ["id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY"]
    lines += [
        f"{key} bigint NOT NULL REFERENCES {parent} (id){cascade}" for key, parent in zip(keys, parents, strict=True)
    ]
    lines += [_column(table, name, kind) for name, kind in table.columns.items()]
    lines += ["created_at timestamptz NOT NULL DEFAULT now()"]
    body = ",\n    ".join(lines)
    indexes = "".join(f"\nCREATE INDEX {table.name}_{key}_idx ON {table.name} ({key});" for key in keys)
    comment = f"\nCOMMENT ON TABLE {table.name} IS 'One row for each of the {table.name.replace('_', ' ')}.';"
    comment = comment if growth.chance.random() < 0.6 else ""
    growth.told(table.name, *(f"{table.name}_{key}_idx" for key in keys))
    growth.columns.update([*table.columns, *keys, "created_at", "updated_at", "deleted_at"])
    up = f"CREATE TABLE {table.name} (\n    {body}\n);{indexes}{comment}"
    yield Step(f"create_{table.name}", f"The {table.name.replace('_', ' ')}.", up, f"DROP TABLE {table.name};")


def _column(table: Table, name: str, kind: str) -> str:
    plain = kind.partition(">")[0].rstrip("!")
    default = {"jsonb": " DEFAULT '{}'"}.get(plain, "")
    if ">" in kind:
        return f"{name} {plain} NOT NULL CONSTRAINT {table.name}_{name}_check CHECK ({name} >= 0)"
    return f"{name} {plain}{default}{' NOT NULL' if kind.endswith('!') else ''}"
