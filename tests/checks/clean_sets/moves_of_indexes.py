"""Indexes, and what stands on them, built beside the writes: each in a file of its own."""

from __future__ import annotations

from collections.abc import Iterator

from tests.checks.clean_sets.applications import Table
from tests.checks.clean_sets.steps import WAIT, Growth, Move, Step, dropped, without


def _looked_up(growth: Growth, table: Table) -> Iterator[Step]:
    column = table.having("text", "date", "timestamptz")
    index = f"{table.name}_{column}_created_idx"
    growth.told(index)
    up = f"CREATE INDEX CONCURRENTLY {index} ON {table.name} ({column}, created_at);"
    yield Step(f"index_{table.name}_by_{column}", "The list in the back office.", up, dropped(index), alone=True)


def _unique(growth: Growth, table: Table) -> Iterator[Step]:
    column, name = table.having("text"), table.name
    if not column:
        return
    index, key = f"{name}_{column}_unique_idx", f"{name}_{column}_key"
    growth.told(index, key)
    made = f"CREATE UNIQUE INDEX CONCURRENTLY {index} ON {name} ({column}, id);"
    yield Step(f"unique_{column}_of_{name}", "Built beside the writes.", made, dropped(index), alone=True)
    add = f"{WAIT}\nALTER TABLE {name} ADD CONSTRAINT {key} UNIQUE USING INDEX {index};"
    back = f"ALTER TABLE {name} DROP CONSTRAINT {key};\nCREATE UNIQUE INDEX {index} ON {name} ({column}, id);"
    yield Step(f"constrain_{column}_of_{name}", "The index becomes the constraint.", add, back)


def _replaced_index(growth: Growth, table: Table) -> Iterator[Step]:
    old, new = f"{table.name}_created_at_idx", f"{table.name}_created_at_id_idx"
    growth.told(old, new)
    first = f"CREATE INDEX CONCURRENTLY {old} ON {table.name} (created_at);"
    yield Step(f"index_age_of_{table.name}", "Newest first.", first, dropped(old), alone=True)
    better = f"CREATE INDEX CONCURRENTLY {new} ON {table.name} (created_at, id);"
    yield Step(f"page_{table.name}_by_age", "Paging needs the id too.", better, dropped(new), alone=True)
    yield Step(f"drop_old_age_of_{table.name}", "Now it is twofold.", dropped(old), first, alone=True)


def _searched(growth: Growth, table: Table) -> Iterator[Step]:
    column, document = table.having("text"), table.having("jsonb")
    if not (column or document):
        return
    index = f"{table.name}_{document or column}_search_idx"
    growth.told(index)
    what = f"{document} jsonb_path_ops" if document else f"to_tsvector('simple', {column})"
    up = f"CREATE INDEX CONCURRENTLY {index} ON {table.name} USING gin ({what});"
    yield Step(f"search_{table.name}", "The search box.", up, dropped(index), alone=True)


def _measured(growth: Growth, table: Table) -> Iterator[Step]:
    """A partitioned table, and later an index on it: on the parent alone, on each partition, then attached."""
    name, index = f"{table.name[:-1]}_metrics", f"{table.name[:-1]}_metrics_taken_at_idx"
    parts = [f"{name}_{part}" for part in ("day", "night")]
    growth.told(name, index, *parts, *(f"{part}_taken_at_idx" for part in parts))
    growth.columns.update(["taken_at", "shift_code"])
    up = f"CREATE TABLE {name} (\n    id bigint NOT NULL,\n    shift_code text NOT NULL,\n"
    up += "    taken_at timestamptz NOT NULL,\n    amount numeric NOT NULL,\n    PRIMARY KEY (id, shift_code)\n"
    up += ") PARTITION BY LIST (shift_code);"
    up += "".join(f"\nCREATE TABLE {p} PARTITION OF {name} FOR VALUES IN ('{p.rpartition('_')[2]}');" for p in parts)
    yield Step(f"create_{name}", "Counted by shift.", up, f"DROP TABLE {name};")
    only = f"CREATE INDEX {index} ON ONLY {name} (taken_at);"
    yield Step(f"index_{name}", "Of the parent alone, which takes a moment.", only, f"DROP INDEX {index};")
    for part in parts:
        own = f"CREATE INDEX CONCURRENTLY {part}_taken_at_idx ON {part} (taken_at);"
        yield Step(f"index_{part}", "Beside the writes.", own, dropped(f"{part}_taken_at_idx"), alone=True)
    attach = "\n".join(f"ALTER INDEX {index} ATTACH PARTITION {part}_taken_at_idx;" for part in parts)
    loose = f"DROP INDEX {index};\n{only}\n"
    loose += "\n".join(f"CREATE INDEX {part}_taken_at_idx ON {part} (taken_at);" for part in parts)
    yield Step(f"attach_indexes_of_{name}", "With the last one the parent's is valid.", attach, loose)


def _late_reference(growth: Growth, table: Table) -> Iterator[Step]:
    target = growth.tables[0].name
    name, key = table.name, f"origin_{target[:-1]}_id"
    index, foreign = f"{name}_{key}_idx", f"{name}_{key}_fkey"
    growth.columns.add(key)
    growth.told(index, foreign)
    column = f"{WAIT}\nALTER TABLE {name} ADD COLUMN {key} bigint;"
    yield Step(f"add_origin_to_{name}", "Who it came from at first.", column, without(name, key))
    made = f"CREATE INDEX CONCURRENTLY {index} ON {name} ({key}) WHERE {key} IS NOT NULL;"
    yield Step(f"index_origin_of_{name}", "For the reference that follows.", made, dropped(index), alone=True)
    add = f"ALTER TABLE {name} ADD CONSTRAINT {foreign} FOREIGN KEY ({key}) REFERENCES {target} (id) NOT VALID;"
    drop = f"ALTER TABLE {name} DROP CONSTRAINT {foreign};"
    yield Step(f"refer_{name}_to_origin", "New rows only, so that nobody waits.", f"{WAIT}\n{add}", drop)
    validate = f"ALTER TABLE {name} VALIDATE CONSTRAINT {foreign};"
    yield Step(f"validate_origin_of_{name}", "Now the older rows.", validate, f"{drop}\n{add}")


MOVES: list[Move] = [_looked_up, _unique, _replaced_index, _searched, _measured, _late_reference]
