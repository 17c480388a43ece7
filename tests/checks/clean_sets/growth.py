"""How a database grows: each move is a change that teams make, in the files and the order in which it is safe."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from tests.checks.clean_sets.applications import Table, tables_of

_WAIT = "SET LOCAL lock_timeout = '3s';"
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
_NO_WAY_BACK = "-- There is no way back from this; the next change goes forward."


@dataclass(frozen=True)
class Step:
    """One migration: its words, what it is for, up and down; `alone`: one statement that no transaction may hold."""

    words: str
    why: str
    up: str
    down: str = _NO_WAY_BACK
    alone: bool = False


@dataclass
class Growth:
    """The state of one application while it grows; `names` are those of its relations and types, for a tool's case."""

    tables: list[Table]
    chance: random.Random
    names: set[str] = field(default_factory=set)
    columns: set[str] = field(default_factory=set)

    def told(self, *names: str) -> None:
        self.names.update(names)


Move = Callable[[Growth, Table], Iterator[Step]]


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


def _status(growth: Growth, table: Table) -> Iterator[Step]:
    kind, name = f"{table.name[:-1]}_status", table.name
    growth.told(kind)
    up = f"CREATE TYPE {kind} AS ENUM ('draft', 'active', 'closed');\n"
    up += f"{_WAIT}\nALTER TABLE {name} ADD COLUMN status {kind} NOT NULL DEFAULT 'draft';"
    down = f"ALTER TABLE {name} DROP COLUMN status;\nDROP TYPE {kind};"
    yield Step(f"add_status_to_{name}", "What stage a row is in.", up, down)
    add = f"ALTER TYPE {kind} ADD VALUE IF NOT EXISTS 'suspended' AFTER 'active';"
    yield Step(f"add_suspended_{kind}", "Support may suspend, in a file of its own.", add)


def _looked_up(growth: Growth, table: Table) -> Iterator[Step]:
    column = table.having("text", "date", "timestamptz")
    index = f"{table.name}_{column}_created_idx"
    growth.told(index)
    up = f"CREATE INDEX CONCURRENTLY {index} ON {table.name} ({column}, created_at);"
    yield Step(f"index_{table.name}_by_{column}", "The list in the back office.", up, _drop(index), alone=True)


def _drop(index: str) -> str:
    return f"DROP INDEX CONCURRENTLY {index};"


def _required_column(growth: Growth, table: Table) -> Iterator[Step]:
    name, check = table.name, f"{table.name}_source_present"
    growth.columns.add("source_system")
    growth.told(check)
    column = f"ALTER TABLE {name} ADD COLUMN source_system text"
    yield Step(
        f"add_source_to_{name}", "Where a row came from.", f"{_WAIT}\n{column};", _without(name, "source_system")
    )
    fill = f"UPDATE {name} SET source_system = 'web' WHERE source_system IS NULL;"
    yield Step(f"fill_source_of_{name}", "All of today's rows came by the web.", fill)
    present = f"ALTER TABLE {name} ADD CONSTRAINT {check} CHECK (source_system IS NOT NULL) NOT VALID;"
    drop = f"ALTER TABLE {name} DROP CONSTRAINT {check};"
    yield Step(f"require_source_of_{name}", "New rows have to say it.", f"{_WAIT}\n{present}", drop)
    validate = f"ALTER TABLE {name} VALIDATE CONSTRAINT {check};"
    yield Step(f"validate_source_of_{name}", "Older rows are looked at.", validate, f"{drop}\n{present}")
    last = f"{_WAIT}\nALTER TABLE {name} ALTER COLUMN source_system SET NOT NULL;\n{drop}"
    back = f"{present}\n{validate}\nALTER TABLE {name} ALTER COLUMN source_system DROP NOT NULL;"
    yield Step(f"set_source_of_{name}_not_null", "The constraint proves it: no scan.", last, back)


def _without(table: str, column: str) -> str:
    return f"ALTER TABLE {table} DROP COLUMN {column};"


def _late_reference(growth: Growth, table: Table) -> Iterator[Step]:
    target = growth.tables[0].name
    name, key = table.name, f"origin_{target[:-1]}_id"
    index, foreign = f"{name}_{key}_idx", f"{name}_{key}_fkey"
    growth.columns.add(key)
    growth.told(index, foreign)
    column = f"{_WAIT}\nALTER TABLE {name} ADD COLUMN {key} bigint;"
    yield Step(f"add_origin_to_{name}", "Who it came from at first.", column, _without(name, key))
    made = f"CREATE INDEX CONCURRENTLY {index} ON {name} ({key}) WHERE {key} IS NOT NULL;"
    yield Step(f"index_origin_of_{name}", "For the reference that follows.", made, _drop(index), alone=True)
    add = f"ALTER TABLE {name} ADD CONSTRAINT {foreign} FOREIGN KEY ({key}) REFERENCES {target} (id) NOT VALID;"
    drop = f"ALTER TABLE {name} DROP CONSTRAINT {foreign};"
    yield Step(f"refer_{name}_to_origin", "New rows only, so that nobody waits.", f"{_WAIT}\n{add}", drop)
    validate = f"ALTER TABLE {name} VALIDATE CONSTRAINT {foreign};"
    yield Step(f"validate_origin_of_{name}", "Now the older rows.", validate, f"{drop}\n{add}")


def _unique(growth: Growth, table: Table) -> Iterator[Step]:
    column, name = table.having("text"), table.name
    if not column:
        return
    index, key = f"{name}_{column}_unique_idx", f"{name}_{column}_key"
    growth.told(index, key)
    made = f"CREATE UNIQUE INDEX CONCURRENTLY {index} ON {name} ({column}, id);"
    yield Step(f"unique_{column}_of_{name}", "Built beside the writes.", made, _drop(index), alone=True)
    add = f"{_WAIT}\nALTER TABLE {name} ADD CONSTRAINT {key} UNIQUE USING INDEX {index};"
    back = f"ALTER TABLE {name} DROP CONSTRAINT {key};\nCREATE UNIQUE INDEX {index} ON {name} ({column}, id);"
    yield Step(f"constrain_{column}_of_{name}", "The index becomes the constraint.", add, back)


def _view(growth: Growth, table: Table) -> Iterator[Step]:
    name, view = table.name, f"{table.name[:-1]}_overview"
    columns = ["id", *list(table.columns)[:2]]
    alive = _alive(table)
    growth.told(view)
    first = f"CREATE VIEW {view} AS SELECT {', '.join(columns)} FROM {name}{alive};"
    grant = f"GRANT SELECT ON {view} TO app_reader;"
    yield Step(f"create_{view}", "What the support desk reads.", f"{first}\n{grant}", f"DROP VIEW {view};")
    more = first.replace("CREATE VIEW", "CREATE OR REPLACE VIEW").replace(" FROM", ", created_at FROM")
    yield Step(f"show_age_in_{view}", "With the age.", more, f"DROP VIEW {view};\n{first}\n{grant}")


def _alive(table: Table) -> str:
    """A view shows live rows; where rows are not deleted softly today, the view keeps the table from it."""
    table.grown.add("_soft_delete")
    return " WHERE deleted_at IS NULL" if "deleted_at" in table.columns else ""


def _daily(growth: Growth, table: Table) -> Iterator[Step]:
    name, view, index = table.name, f"{table.name}_per_day", f"{table.name}_per_day_day_idx"
    growth.told(view, index)
    query = f"SELECT created_at::date AS day, count(*) AS made FROM {name}{_alive(table)} GROUP BY created_at::date"
    up = f"CREATE MATERIALIZED VIEW {view} AS\n{query};\nCREATE UNIQUE INDEX {index} ON {view} (day);\n"
    up += f"COMMENT ON MATERIALIZED VIEW {view} IS 'How many a day; refreshed by night.';"
    yield Step(f"create_{view}", "For the monthly report.", up, f"DROP MATERIALIZED VIEW {view};")
    refresh = f"REFRESH MATERIALIZED VIEW CONCURRENTLY {view};"
    yield Step(f"refresh_{view}", "Once by hand after the import.", refresh, "-- Nothing to take back: data only.")


def _touched(growth: Growth, table: Table) -> Iterator[Step]:
    name = table.name
    up = f"{_WAIT}\nALTER TABLE {name} ADD COLUMN updated_at timestamptz NOT NULL DEFAULT now();\n"
    up += f"CREATE TRIGGER {name}_touch BEFORE UPDATE ON {name}\n    FOR EACH ROW EXECUTE FUNCTION touch_updated_at();"
    down = f"DROP TRIGGER {name}_touch ON {name};\n{_without(name, 'updated_at')}"
    yield Step(f"keep_updated_at_of_{name}", "When a row changed last.", up, down)


def _audited(growth: Growth, table: Table) -> Iterator[Step]:
    name = table.name
    up = f"{_WAIT}\nCREATE TRIGGER {name}_audit AFTER INSERT OR UPDATE OR DELETE ON {name}\n"
    up += "    FOR EACH ROW EXECUTE FUNCTION record_audit();"
    yield Step(f"audit_{name}", "The auditors asked for it.", up, f"DROP TRIGGER {name}_audit ON {name};")


def _soft_delete(growth: Growth, table: Table) -> Iterator[Step]:
    name, view, index = table.name, f"live_{table.name}", f"{table.name}_live_idx"
    column = table.having("text", "date", "timestamptz")
    growth.told(view, index)
    table.columns["deleted_at"] = "timestamptz"
    up = f"{_WAIT}\nALTER TABLE {name} ADD COLUMN deleted_at timestamptz;\n"
    up += f"CREATE VIEW {view} AS SELECT id, {column}, created_at FROM {name} WHERE deleted_at IS NULL;"
    down = f"DROP VIEW {view};\n{_without(name, 'deleted_at')}"
    yield Step(f"soft_delete_{name}", "Rows are hidden for 30 days, then purged.", up, down)
    made = f"CREATE INDEX CONCURRENTLY {index} ON {name} ({column}) WHERE deleted_at IS NULL;"
    yield Step(f"index_live_{name}", "Nearly all queries want live rows.", made, _drop(index), alone=True)


def _function(growth: Growth, table: Table) -> Iterator[Step]:
    name = f"count_{table.name}"
    head = f"FUNCTION {name}(since timestamptz) RETURNS bigint LANGUAGE sql STABLE AS $$\n    SELECT count(*)"
    first = f"CREATE {head} FROM {table.name} WHERE created_at >= since\n$$;"
    yield Step(f"create_{name}", "For the dashboard.", first, f"DROP FUNCTION {name}(timestamptz);")
    again = first.replace("CREATE", "CREATE OR REPLACE").replace(">= since", ">= since AND created_at <= now()")
    back = first.replace("CREATE", "CREATE OR REPLACE")
    yield Step(f"leave_out_future_of_{name}", "Imports have dates to come.", again, back)


def _granted(growth: Growth, table: Table) -> Iterator[Step]:
    up = f"GRANT SELECT ON {table.name} TO app_reader;\nGRANT INSERT, UPDATE ON {table.name} TO app_writer;"
    down = f"REVOKE INSERT, UPDATE ON {table.name} FROM app_writer;\nREVOKE SELECT ON {table.name} FROM app_reader;"
    yield Step(f"grant_{table.name}", "The least that both need.", up, down)


def _described(growth: Growth, table: Table) -> Iterator[Step]:
    columns = list(table.columns)[:2]
    says = [f"COMMENT ON COLUMN {table.name}.{c} IS '{c.replace('_', ' ').title()}, as typed.';" for c in columns]
    says_no = [f"COMMENT ON COLUMN {table.name}.{c} IS NULL;" for c in columns]
    yield Step(f"describe_{table.name}", "For whoever reads the schema.", "\n".join(says), "\n".join(says_no))


def _checked(growth: Growth, table: Table) -> Iterator[Step]:
    column = table.having("text", "varchar(20)")
    if not column:
        return
    name, check = table.name, f"{table.name}_{column}_length"
    growth.told(check)
    add = f"ALTER TABLE {name} ADD CONSTRAINT {check} CHECK (length({column}) < 2000) NOT VALID;"
    drop = f"ALTER TABLE {name} DROP CONSTRAINT {check};"
    yield Step(f"limit_{column}_of_{name}", "Somebody pasted a book.", f"{_WAIT}\n{add}", drop)
    validate = f"ALTER TABLE {name} VALIDATE CONSTRAINT {check};"
    yield Step(f"validate_{column}_of_{name}", "The older rows.", validate, f"{drop}\n{add}")


def _replaced_index(growth: Growth, table: Table) -> Iterator[Step]:
    old, new = f"{table.name}_created_at_idx", f"{table.name}_created_at_id_idx"
    growth.told(old, new)
    first = f"CREATE INDEX CONCURRENTLY {old} ON {table.name} (created_at);"
    yield Step(f"index_age_of_{table.name}", "Newest first.", first, _drop(old), alone=True)
    better = f"CREATE INDEX CONCURRENTLY {new} ON {table.name} (created_at, id);"
    yield Step(f"page_{table.name}_by_age", "Paging needs the id too.", better, _drop(new), alone=True)
    yield Step(f"drop_old_age_of_{table.name}", "Now it is twofold.", _drop(old), first, alone=True)


def _security(growth: Growth, table: Table) -> Iterator[Step]:
    name = table.name
    up = (
        f"{_WAIT}\nCREATE POLICY {name}_of_today ON {name} FOR SELECT TO app_reader\n    USING (created_at <= now());\n"
    )
    up += f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY;"
    down = f"ALTER TABLE {name} DISABLE ROW LEVEL SECURITY;\nDROP POLICY {name}_of_today ON {name};"
    yield Step(f"secure_{name}", "Readers see what is published.", up, down)


def _tuned(growth: Growth, table: Table) -> Iterator[Step]:
    up = f"{_WAIT}\nALTER TABLE {table.name} SET (autovacuum_vacuum_scale_factor = 0.02);"
    down = f"ALTER TABLE {table.name} RESET (autovacuum_vacuum_scale_factor);"
    yield Step(f"vacuum_{table.name}_more_often", "It bloats with the nightly job.", up, down)


def _kinds(growth: Growth, table: Table) -> Iterator[Step]:
    kinds = f"{table.name[:-1]}_kinds"
    growth.told(kinds)
    growth.columns.update(["kind_code", "kind_label"])
    up = f"CREATE TABLE {kinds} (\n    kind_code text PRIMARY KEY,\n    kind_label text NOT NULL\n);\n"
    up += f"INSERT INTO {kinds} (kind_code, kind_label) VALUES ('std', 'Standard'), ('vip', 'Preferred')\n"
    up += "ON CONFLICT (kind_code) DO NOTHING;"
    yield Step(f"create_{kinds}", "What people choose from.", up, f"DROP TABLE {kinds};")
    more = f"INSERT INTO {kinds} (kind_code, kind_label) VALUES ('own', 'Own account') ON CONFLICT DO NOTHING;"
    less = f"DELETE FROM {kinds} WHERE kind_code = 'own';"
    yield Step(f"add_own_to_{kinds}", "Our own is one too.", more, less)


def _report(growth: Growth, table: Table) -> Iterator[Step]:
    view = f"reporting.{table.name}_by_month"
    growth.told(f"{table.name}_by_month")
    query = f"SELECT date_trunc('month', created_at) AS month, count(*) AS made FROM {table.name}"
    up = f"CREATE VIEW {view} AS\n{query}{_alive(table)} GROUP BY 1;\nGRANT SELECT ON {view} TO app_reader;"
    yield Step(f"report_{table.name}_by_month", "Finance asks each month.", up, f"DROP VIEW {view};")


def _renamed(growth: Growth, table: Table) -> Iterator[Step]:
    view, new = f"{table.name[:-1]}_codes", f"{table.name[:-1]}_aliases"
    index = f"{new}_owner_id_idx"
    growth.told(view, new, index)
    growth.columns.update(["owner_id", "alias_text"])
    up = f"CREATE TABLE {view} (\n    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,\n"
    up += (
        f"    owner_id bigint NOT NULL REFERENCES {table.name} (id) ON DELETE CASCADE,\n    alias_text text NOT NULL\n"
    )
    up += f");\nCREATE INDEX {index} ON {view} (owner_id);"
    yield Step(f"create_{view}", "Old systems have codes of their own.", up, f"DROP TABLE {view};")
    rename = f"{_WAIT}\nALTER TABLE {view} RENAME TO {new};\n"
    rename += f"CREATE VIEW {view} AS SELECT id, owner_id, alias_text FROM {new};"
    back = f"DROP VIEW {view};\nALTER TABLE {new} RENAME TO {view};"
    yield Step(f"rename_{view}", "Programs go on by a view of the old name.", rename, back)


def _searched(growth: Growth, table: Table) -> Iterator[Step]:
    column, document = table.having("text"), table.having("jsonb")
    if not (column or document):
        return
    index = f"{table.name}_{document or column}_search_idx"
    growth.told(index)
    what = f"{document} jsonb_path_ops" if document else f"to_tsvector('simple', {column})"
    up = f"CREATE INDEX CONCURRENTLY {index} ON {table.name} USING gin ({what});"
    yield Step(f"search_{table.name}", "The search box.", up, _drop(index), alone=True)


def _numbered(growth: Growth, table: Table) -> Iterator[Step]:
    sequence = f"{table.name}_public_number_seq"
    growth.told(sequence)
    growth.columns.add("public_number")
    up = f"CREATE SEQUENCE {sequence} START 1000;\n{_WAIT}\nALTER TABLE {table.name} ADD COLUMN public_number bigint;\n"
    up += f"ALTER TABLE {table.name} ALTER COLUMN public_number SET DEFAULT nextval('{sequence}');\n"
    down = f"{_without(table.name, 'public_number')}\nDROP SEQUENCE {sequence};"
    yield Step(f"number_{table.name}", "What people say on the phone.", up, down)


_MOVES: list[Move] = [
    _status, _looked_up, _required_column, _late_reference, _unique, _view, _daily, _touched, _audited, _soft_delete,
    _function, _granted, _described, _checked, _replaced_index, _security, _tuned, _kinds, _report, _renamed, _searched,
    _numbered,
]  # fmt: skip
