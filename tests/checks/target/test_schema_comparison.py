"""Two databases compared: every sort of difference is found and named, and what is the same is not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from checks.base import DatabaseAddress, Status
from checks.targetdb.compare import compare_databases
from checks.targetdb.session import Session, Target
from tests.checks.check_samples import migrations
from tests.checks.history_samples import sqlx_history
from tests.checks.target.estate import ESTATE, ask, build, messages
from tests.postgres import TestDatabase, make_database


@pytest.fixture
def staging(database: TestDatabase) -> Iterator[TestDatabase]:
    with make_database(database.server) as made:
        build(made, rows=False)
        build(database, rows=False)
        yield made


def compared(database: TestDatabase, staging: TestDatabase) -> tuple[Status, list[str]]:
    result = ask("schema-matches", database, compare_with=DatabaseAddress("staging", staging.monitor))
    return result.status, messages(result)


DIFFERENCES = [
    ("ALTER TABLE orders ADD note text", "column orders.note is missing on production"),
    (
        "ALTER TABLE orders ALTER user_id TYPE int",
        "column orders.user_id differs: production has `bigint NOT NULL`, staging has `integer NOT NULL`",
    ),
    ("ALTER TABLE audit_log ADD who text", "column audit_log.who is missing on production"),
    ("ALTER TABLE orders ALTER at DROP DEFAULT", "column orders.at differs: production has `timestamp with time zone"),
    ("DROP INDEX orders_user_id", "index orders_user_id on orders is missing on staging"),
    ("ALTER TABLE orders DROP CONSTRAINT orders_user_id_fkey", "constraint orders_user_id_fkey on orders is missing"),
    ("ALTER TABLE orders ADD UNIQUE (at)", "constraint orders_at_key on orders is missing on production"),
    ("ALTER TABLE orders DISABLE TRIGGER orders_audit", "trigger orders_audit on orders differs"),
    ("DROP VIEW active_users", "view active_users is missing on staging"),
    (
        "CREATE OR REPLACE VIEW active_users AS SELECT id, email FROM users",
        "view active_users differs: production has `SELECT id, email FROM public.users WHERE (deleted_at IS",
    ),
    (
        "ALTER TABLE audit_log ALTER what SET DEFAULT 'planted41'",
        "column audit_log.what differs: production has `text NOT NULL`, staging has `text NOT NULL DEFAULT '…'::text`",
    ),
    ("CREATE TABLE extra (id int)", "table extra is missing on production"),
    ("CREATE SCHEMA billing", "schema billing is missing on production"),
    (
        "ALTER TYPE order_status ADD VALUE 'lost'",
        "enum order_status differs: production has `new, paid, sent`, staging",
    ),
    ("ALTER TABLE users ENABLE ROW LEVEL SECURITY", "table users differs"),
    ("CREATE POLICY own ON users USING (id = 1)", "policy own on users is missing on production"),
    ("ALTER SEQUENCE orders_id_seq INCREMENT 10", "sequence orders_id_seq"),
    ("CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql AS 'SELECT 1'", "function f(integer) is missing on production"),
    (
        "CREATE FUNCTION g() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count(*) FROM users; END",
        "function g() is missing on production",
    ),
    (
        "CREATE OR REPLACE FUNCTION write_audit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$",
        "function write_audit() differs",
    ),
    ("CREATE DOMAIN email AS text CHECK (VALUE ~ '@')", "domain email is missing on production"),
    ("CREATE RULE quiet AS ON DELETE TO orders DO INSTEAD NOTHING", "rule quiet on orders is missing on production"),
    (
        "CREATE STATISTICS orders_st ON user_id, total FROM orders",
        "statistics orders_st on orders is missing on product",
    ),
]


@pytest.mark.parametrize(("change", "message"), DIFFERENCES, ids=[change[:40] for change, _ in DIFFERENCES])
def test_a_difference_is_found_and_named(
    database: TestDatabase, staging: TestDatabase, change: str, message: str
) -> None:
    assert compared(database, staging) == (Status.PASSED, [])
    staging.execute(change)
    status, found = compared(database, staging)
    assert status is Status.FAILED
    assert [text for text in found if text.startswith(message)], found
    assert len(found) == 1


SAME = [
    "ALTER TABLE users ADD extra int; ALTER TABLE users DROP extra",  # the order of columns and their numbers
    "CREATE TABLE t (a int, b int)",
    "ALTER TABLE users ALTER email SET (n_distinct = 5); ALTER TABLE users ALTER email RESET (n_distinct)",
    "COMMENT ON TABLE users IS 'people'",
    "CREATE TABLE _sqlx_migrations (version bigint PRIMARY KEY)",
    "CREATE TABLE django_migrations (id serial PRIMARY KEY, app text)",
    "GRANT SELECT ON users TO PUBLIC",
    "ANALYZE users",
    "CREATE TEMP TABLE scratch (id int)",
]


def test_values_that_differ_are_not_shown(database: TestDatabase, staging: TestDatabase) -> None:
    for place, value in ((database, "planted41"), (staging, "planted42")):
        place.execute(f"ALTER TABLE users ALTER email SET DEFAULT '{value}'")
    assert compared(database, staging) == (
        Status.FAILED,
        ["column users.email differs: production has other values, staging has its own"],
    )


@pytest.mark.parametrize("change", SAME)
def test_what_is_no_difference_is_not_shown(database: TestDatabase, staging: TestDatabase, change: str) -> None:
    staging.execute(change)
    if change.startswith("CREATE TABLE t"):
        database.execute("CREATE TABLE t (b int, a int)")
    assert compared(database, staging) == (Status.PASSED, [])


def test_a_check_with_in_is_the_same_after_dump_and_restore(database: TestDatabase, staging: TestDatabase) -> None:
    database.execute("CREATE TABLE c (s varchar(9) CONSTRAINT known CHECK (s IN ('a', 'b')))")
    with database.connect() as connection:
        row = connection.execute(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'known'"
        ).fetchone()
    assert row is not None
    staging.execute(f"CREATE TABLE c (s varchar(9), CONSTRAINT known {row[0]})")
    assert compared(database, staging) == (Status.PASSED, [])


def test_debian_stamps_on_columns_are_no_difference(database: TestDatabase, staging: TestDatabase) -> None:
    staging.execute("UPDATE pg_attribute SET attoptions = '{pg_attver=15}' WHERE attrelid = 'users'::regclass")
    assert compared(database, staging) == (Status.PASSED, [])


def test_partitions_that_time_made_are_noted(database: TestDatabase, staging: TestDatabase) -> None:
    database.execute(
        "CREATE TABLE audit_log_old PARTITION OF audit_log FOR VALUES FROM ('2020-01-01') TO ('2020-02-01')"
    )
    status, found = compared(database, staging)
    assert status is Status.PASSED
    assert found == ["partition audit_log_old is missing on staging"]


_HELD = "SELECT count(*) FROM pg_lock_status() WHERE pid = pg_backend_pid() AND locktype = 'relation'"


def test_few_locks_are_held_at_a_time(
    database: TestDatabase, staging: TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Thirty tables and ten views over three of them each; every statement of ours notes what its session holds."""
    for one in (database, staging):
        one.execute("".join(f"CREATE TABLE t{n} (id int PRIMARY KEY);" for n in range(30)))
        views = (f"CREATE VIEW v{n} AS SELECT a.id FROM t{n} a, t{n + 10} b, t{n + 20} c;" for n in range(10))
        one.execute("".join(views))
    held: list[int] = []
    rows = Session.rows

    def counted_rows(session: Session, query: Any, parameters: Any = None) -> list[Any]:
        found = rows(session, query, parameters)
        held.append(rows(session, _HELD)[0][0])
        return found

    monkeypatch.setattr(Session, "rows", counted_rows)
    targets = [Target(one.address) for one in (database, staging)]
    compare_databases(*targets)
    for target in targets:
        target.close()
    assert len(held) > 40
    assert max(held) <= 10


def test_ignored_names_are_left_out(database: TestDatabase, staging: TestDatabase) -> None:
    staging.execute("CREATE SCHEMA ops; CREATE TABLE ops.jobs (id int); CREATE TABLE scratchpad (id int)")
    settings = {"ignore": ["ops", "ops.*", "scratch*"]}
    other = DatabaseAddress("staging", staging.monitor)
    assert ask("schema-matches", database, options=settings, compare_with=other).status is Status.PASSED


@pytest.mark.postgres15
def test_two_major_versions_are_compared_by_names_and_never_pass(
    database: TestDatabase, database15: TestDatabase
) -> None:
    build(database, rows=False)
    build(database15, rows=False)
    other = DatabaseAddress("staging", database15.monitor)
    result = ask("schema-matches", database, compare_with=other)
    assert result.status is Status.COULD_NOT_RUN
    assert result.summary.startswith(
        "production is PostgreSQL 18, staging 15: definitions cannot be compared; names are"
    )
    database15.execute("DROP INDEX orders_user_id")
    result = ask("schema-matches", database, compare_with=other)
    assert messages(result) == ["index orders_user_id on orders is missing on staging"]


@pytest.mark.postgres15
def test_postgresql_15_compares_too(database15: TestDatabase) -> None:
    with make_database(database15.server) as other:
        build(other, rows=False)
        build(database15, rows=False)
        address = DatabaseAddress("staging", other.monitor)
        assert ask("schema-matches", database15, compare_with=address).status is Status.PASSED
        other.execute("ALTER TABLE users ADD name text")
        assert messages(ask("schema-matches", database15, compare_with=address)) == [
            "column users.name is missing on production"
        ]


FILES = migrations(ESTATE)


def test_the_files_are_what_the_target_should_be(database: TestDatabase) -> None:
    database.execute(ESTATE)
    sqlx_history(database, FILES.ups)
    result = ask("schema-validation", database, migrations=FILES, scratch_server="embedded")
    assert result.status is Status.PASSED
    assert result.summary.startswith("production equals the files, ")
    database.execute("CREATE INDEX by_hand ON orders (at)")
    changed = ask("schema-validation", database, migrations=FILES, scratch_server="embedded")
    assert messages(changed) == ["index by_hand on orders is missing on the files"]
    assert changed.inputs_hash != result.inputs_hash


def test_without_a_second_database_the_files_stand_in(database: TestDatabase) -> None:
    database.execute(ESTATE)
    result = ask("schema-matches", database, migrations=FILES, scratch_server="embedded")
    assert result.status is Status.PASSED
    assert "equals the files" in result.summary
    assert ask("schema-matches", database).status is Status.COULD_NOT_RUN


def test_enum_labels(database: TestDatabase) -> None:
    database.execute(ESTATE)
    result = ask("enum-labels", database, migrations=FILES, scratch_server="embedded")
    assert (result.status, result.summary) == (Status.PASSED, "1 enum on production as the files make them")
    database.execute("ALTER TYPE order_status ADD VALUE 'lost' BEFORE 'paid'")
    result = ask("enum-labels", database, migrations=FILES, scratch_server="embedded")
    assert messages(result) == [
        "enum order_status differs: production has `new, lost, paid, sent`, the files has `new, paid, sent`"
    ]


def test_programs_cannot_be_built(database: TestDatabase) -> None:
    from tests.checks.history.history_tables import alembic_files

    result = ask("schema-validation", database, migrations=alembic_files(aa1=None), scratch_server="embedded")
    assert result.status is Status.COULD_NOT_RUN
    assert result.summary.startswith("alembic migrations are programs")


def test_what_an_administrator_watches_a_server_with_is_no_difference(
    database: TestDatabase, staging: TestDatabase
) -> None:
    """slow-queries asks for it, and no migration has it; another extension is one, unless it is left out."""
    staging.execute("CREATE EXTENSION pg_stat_statements")
    assert compared(database, staging)[0] is Status.PASSED
    staging.execute("CREATE EXTENSION pg_trgm")
    assert compared(database, staging) == (Status.FAILED, ["extension pg_trgm is missing on production"])
    address, ignored = DatabaseAddress("staging", staging.monitor), {"ignore": ["pg_trgm"]}
    assert ask("schema-matches", database, compare_with=address, options=ignored).status is Status.PASSED
