"""Columns, constraints and tables beside: each change in the files and the order in which it is safe."""

from __future__ import annotations

from collections.abc import Iterator

from tests.checks.clean_sets.applications import Table
from tests.checks.clean_sets.steps import WAIT, Growth, Move, Step, dropped, without


def _status(growth: Growth, table: Table) -> Iterator[Step]:
    kind, name = f"{table.name[:-1]}_status", table.name
    growth.told(kind)
    up = f"CREATE TYPE {kind} AS ENUM ('draft', 'active', 'closed');\n"
    up += f"{WAIT}\nALTER TABLE {name} ADD COLUMN status {kind} NOT NULL DEFAULT 'draft';"
    down = f"ALTER TABLE {name} DROP COLUMN status;\nDROP TYPE {kind};"
    yield Step(f"add_status_to_{name}", "What stage a row is in.", up, down)
    add = f"ALTER TYPE {kind} ADD VALUE IF NOT EXISTS 'suspended' AFTER 'active';"
    yield Step(f"add_suspended_{kind}", "Support may suspend, in a file of its own.", add)


def _required_column(growth: Growth, table: Table) -> Iterator[Step]:
    name, check = table.name, f"{table.name}_source_present"
    growth.columns.add("source_system")
    growth.told(check)
    column = f"ALTER TABLE {name} ADD COLUMN source_system text"
    yield Step(f"add_source_to_{name}", "Where a row came from.", f"{WAIT}\n{column};", without(name, "source_system"))
    fill = f"UPDATE {name} SET source_system = 'web' WHERE source_system IS NULL;"
    yield Step(f"fill_source_of_{name}", "All of today's rows came by the web.", fill)
    present = f"ALTER TABLE {name} ADD CONSTRAINT {check} CHECK (source_system IS NOT NULL) NOT VALID;"
    drop = f"ALTER TABLE {name} DROP CONSTRAINT {check};"
    yield Step(f"require_source_of_{name}", "New rows have to say it.", f"{WAIT}\n{present}", drop)
    validate = f"ALTER TABLE {name} VALIDATE CONSTRAINT {check};"
    yield Step(f"validate_source_of_{name}", "Older rows are looked at.", validate, f"{drop}\n{present}")
    last = f"{WAIT}\nALTER TABLE {name} ALTER COLUMN source_system SET NOT NULL;\n{drop}"
    back = f"{present}\n{validate}\nALTER TABLE {name} ALTER COLUMN source_system DROP NOT NULL;"
    yield Step(f"set_source_of_{name}_not_null", "The constraint proves it: no scan.", last, back)


def _soft_delete(growth: Growth, table: Table) -> Iterator[Step]:
    name, view, index = table.name, f"live_{table.name}", f"{table.name}_live_idx"
    column = table.having("text", "date", "timestamptz")
    growth.told(view, index)
    table.columns["deleted_at"] = "timestamptz"
    up = f"{WAIT}\nALTER TABLE {name} ADD COLUMN deleted_at timestamptz;\n"
    up += f"CREATE VIEW {view} AS SELECT id, {column}, created_at FROM {name} WHERE deleted_at IS NULL;"
    down = f"DROP VIEW {view};\n{without(name, 'deleted_at')}"
    yield Step(f"soft_delete_{name}", "Rows are hidden for 30 days, then purged.", up, down)
    made = f"CREATE INDEX CONCURRENTLY {index} ON {name} ({column}) WHERE deleted_at IS NULL;"
    yield Step(f"index_live_{name}", "Nearly all queries want live rows.", made, dropped(index), alone=True)


def _checked(growth: Growth, table: Table) -> Iterator[Step]:
    column = table.having("text", "varchar(20)")
    if not column:
        return
    name, check = table.name, f"{table.name}_{column}_length"
    growth.told(check)
    add = f"ALTER TABLE {name} ADD CONSTRAINT {check} CHECK (length({column}) < 2000) NOT VALID;"
    drop = f"ALTER TABLE {name} DROP CONSTRAINT {check};"
    yield Step(f"limit_{column}_of_{name}", "Somebody pasted a book.", f"{WAIT}\n{add}", drop)
    validate = f"ALTER TABLE {name} VALIDATE CONSTRAINT {check};"
    yield Step(f"validate_{column}_of_{name}", "The older rows.", validate, f"{drop}\n{add}")


def _tuned(growth: Growth, table: Table) -> Iterator[Step]:
    up = f"{WAIT}\nALTER TABLE {table.name} SET (autovacuum_vacuum_scale_factor = 0.02);"
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
    rename = f"{WAIT}\nALTER TABLE {view} RENAME TO {new};\n"
    rename += f"CREATE VIEW {view} AS SELECT id, owner_id, alias_text FROM {new};"
    back = f"DROP VIEW {view};\nALTER TABLE {new} RENAME TO {view};"
    yield Step(f"rename_{view}", "Programs go on by a view of the old name.", rename, back)


def _numbered(growth: Growth, table: Table) -> Iterator[Step]:
    sequence = f"{table.name}_public_number_seq"
    growth.told(sequence)
    growth.columns.add("public_number")
    up = f"CREATE SEQUENCE {sequence} START 1000;\n{WAIT}\nALTER TABLE {table.name} ADD COLUMN public_number bigint;\n"
    up += f"ALTER TABLE {table.name} ALTER COLUMN public_number SET DEFAULT nextval('{sequence}');\n"
    down = f"{without(table.name, 'public_number')}\nDROP SEQUENCE {sequence};"
    yield Step(f"number_{table.name}", "What people say on the phone.", up, down)


def _watched(growth: Growth, table: Table) -> Iterator[Step]:
    name = f"{table.name[:-1]}_watchers"
    growth.told(name)
    growth.columns.update(["watched_id", "watched_since", "is_muted"])
    up = f"""CREATE TABLE {name} (
    watched_id bigint NOT NULL REFERENCES {table.name} (id) ON DELETE CASCADE,
    watcher text NOT NULL,
    watched_since timestamptz NOT NULL DEFAULT now(),
    is_muted boolean NOT NULL DEFAULT false,
    PRIMARY KEY (watched_id, watcher)
);"""
    yield Step(f"create_{name}", "Who wants to hear of it.", up, f"DROP TABLE {name};")


def _tokens(growth: Growth, table: Table) -> Iterator[Step]:
    name = f"{table.name[:-1]}_tokens"
    given, wanted = f"{name}_expires_at_idx", f"{name}_expiry_idx"
    growth.told(name, wanted)
    growth.columns.update(["token_hash", "expires_at", "granted_id"])
    up = f"""CREATE TABLE {name} (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    granted_id bigint NOT NULL REFERENCES {table.name},
    token_hash bytea NOT NULL UNIQUE,
    expires_at timestamptz NOT NULL
);
CREATE INDEX ON {name} (granted_id);
CREATE INDEX {given} ON {name} (expires_at);"""
    yield Step(f"create_{name}", "Links in mails.", up, f"DROP TABLE {name};")
    rename, back = f"ALTER INDEX {given} RENAME TO {wanted};", f"ALTER INDEX {wanted} RENAME TO {given};"
    growth.told(given)
    yield Step(f"rename_index_of_{name}", "As the others are called.", rename, back)


def _booked(growth: Growth, table: Table) -> Iterator[Step]:
    name = f"{table.name[:-1]}_slots"
    growth.told(name, f"{name}_no_overlap")
    growth.columns.update(["slot_range", "slot_owner_id"])
    up = f"""CREATE TABLE {name} (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    slot_owner_id bigint NOT NULL REFERENCES {table.name} (id),
    slot_range tstzrange NOT NULL,
    CONSTRAINT {name}_no_overlap EXCLUDE USING gist (slot_range WITH &&)
);
CREATE INDEX ON {name} (slot_owner_id);"""
    yield Step(f"create_{name}", "Nobody is booked twice.", up, f"DROP TABLE {name};")


def _nested(growth: Growth, table: Table) -> Iterator[Step]:
    name, code = f"{table.name[:-1]}_folders", f"{table.name[:-1]}_folder_code"
    growth.told(name, code, f"{name}_parent_folder_id_idx")
    growth.columns.update(["parent_folder_id", "folder_code", "path_parts"])
    up = f"""CREATE DOMAIN {code} AS text CHECK (VALUE ~ '^[a-z0-9-]+$');
CREATE TABLE {name} (
    id bigint GENERATED BY DEFAULT AS IDENTITY,
    parent_folder_id bigint,
    folder_code {code} NOT NULL,
    path_parts text[] NOT NULL DEFAULT '{{}}',
    PRIMARY KEY (id),
    FOREIGN KEY (parent_folder_id) REFERENCES {name} (id)
);
CREATE INDEX {name}_parent_folder_id_idx ON {name} (parent_folder_id) WHERE parent_folder_id IS NOT NULL;"""
    yield Step(f"create_{name}", "A tree of them.", up, f"DROP TABLE {name};\nDROP DOMAIN {code};")


def _widened(growth: Growth, table: Table) -> Iterator[Step]:
    column = table.having("varchar(20)")
    if column:
        up = f"{WAIT}\nALTER TABLE {table.name} ALTER COLUMN {column} TYPE varchar(40);"
        down = f"ALTER TABLE {table.name} ALTER COLUMN {column} TYPE varchar(20);"
        yield Step(f"widen_{column}_of_{table.name}", "Extensions did not fit.", up, down)


def _flagged(growth: Growth, table: Table) -> Iterator[Step]:
    growth.columns.update(["is_archived", "sort_rank"])
    up = f"{WAIT}\nALTER TABLE {table.name}\n    ADD COLUMN is_archived boolean NOT NULL DEFAULT false,\n"
    up += "    ADD COLUMN sort_rank integer NOT NULL DEFAULT -1;"
    down = f"ALTER TABLE {table.name}\n    DROP COLUMN sort_rank,\n    DROP COLUMN is_archived;"
    yield Step(f"archive_{table.name}", "Old ones go out of the lists.", up, down)
    fill = f"""DO $$
DECLARE
    changed bigint;
BEGIN
    LOOP
        UPDATE {table.name} SET is_archived = true
        WHERE id IN (SELECT id FROM {table.name} WHERE NOT is_archived AND created_at < '2020-01-01' LIMIT 1000);
        GET DIAGNOSTICS changed = ROW_COUNT;
        EXIT WHEN changed = 0;
    END LOOP;
END
$$;"""
    yield Step(f"archive_old_{table.name}", "In bites.", fill, "-- Nothing to take back: the column goes.")


def _relaxed(growth: Growth, table: Table) -> Iterator[Step]:
    column = next((name for name, kind in table.columns.items() if ">" in kind), "")
    if column:
        check = f"{table.name}_{column}_check"
        growth.told(check)
        up = f"{WAIT}\nALTER TABLE {table.name} DROP CONSTRAINT {check};"
        back = f"ALTER TABLE {table.name} ADD CONSTRAINT {check} CHECK ({column} >= 0);"
        yield Step(f"relax_{column}_of_{table.name}", "Corrections are negative.", up, back)


MOVES: list[Move] = [
    _status,
    _required_column,
    _soft_delete,
    _checked,
    _tuned,
    _kinds,
    _renamed,
    _numbered,
    _watched,
    _tokens,
    _booked,
    _nested,
    _widened,
    _flagged,
    _relaxed,
]
