"""The …-created checks: each finds its broken case with file, line and object, and passes its twin."""

from __future__ import annotations

import pytest

from checks.base import Result, Status
from tests.checks.check_samples import AUDIT, USERS, on_scratch, places


def test_a_table_that_was_rolled_back_is_missing() -> None:
    result = on_scratch("tables-created", "\nCREATE TABLE orders (id int);\nROLLBACK;", "SELECT 1;")
    assert (result.status, places(result)) == (Status.FAILED, [("orders", "00001_a.sql", 2)])
    assert on_scratch("tables-created", "CREATE TABLE orders (id int);").status is Status.PASSED


def test_tables_after_a_failed_file_are_missing_and_the_place_is_told() -> None:
    result = on_scratch("tables-created", USERS, "SELECT nothing;", "CREATE TABLE orders (id int);")
    assert places(result) == [("orders", "00003_c.sql", 1)]
    assert "the files stop at 00002_b.sql:1" in result.summary


def test_dropped_and_renamed_tables_are_not_missed() -> None:
    texts = ("CREATE TABLE a (id int);CREATE TABLE b (id int);", "DROP TABLE a;", "ALTER TABLE b RENAME TO c;")
    assert on_scratch("tables-created", *texts).summary == "1 of 1 tables present"


def test_partitions_are_counted() -> None:
    text = "CREATE TABLE p (d date) PARTITION BY RANGE (d);\nCREATE TABLE p1 PARTITION OF p DEFAULT;"
    assert on_scratch("tables-created", text).summary == "2 of 2 tables present (1 are partitions)"


def test_an_index_passed_over_by_if_not_exists_is_missing() -> None:
    first = f"{USERS}\nCREATE TABLE orders (email text);\nCREATE INDEX by_email ON users (email);"
    result = on_scratch("indexes-created", first, "\nCREATE INDEX IF NOT EXISTS by_email ON orders (email);")
    assert (result.status, places(result)) == (Status.FAILED, [("by_email", "00002_b.sql", 2)])
    twin = on_scratch("indexes-created", first, "\nCREATE INDEX IF NOT EXISTS by_email_too ON orders (email);")
    assert twin.status is Status.PASSED


def test_an_index_that_a_failed_build_left_invalid_is_found() -> None:
    """A concurrent unique index over doubles ends as an error and stays; the run stops there."""
    rows = f"{USERS}\nINSERT INTO users VALUES (1, 'a'), (2, 'a');"
    index = "-- no-transaction\nCREATE UNIQUE INDEX CONCURRENTLY users_email ON users (email);"
    result = on_scratch("indexes-created", rows, index)
    assert result.status is Status.FAILED
    assert places(result) == [("users_email", "00002_b.sql", 2)]
    assert result.findings[0].hint == "REINDEX INDEX users_email"


def test_unnamed_indexes_are_known_by_their_columns() -> None:
    result = on_scratch(
        "indexes-created", f"{USERS}\nCREATE INDEX ON users (email);\nCREATE INDEX ON users (email, id);"
    )
    assert result.summary == "2 of 2 declared indexes present, 3 with those of constraints, all valid"


@pytest.mark.parametrize(
    "later",
    [
        "ALTER TABLE users ADD CONSTRAINT users_one_email UNIQUE USING INDEX {named};",
        "ALTER TABLE users ADD CONSTRAINT a UNIQUE USING INDEX {named}; ALTER TABLE users RENAME CONSTRAINT a TO b;",
        "ALTER TABLE users ADD CONSTRAINT one UNIQUE USING INDEX {named}; ALTER TABLE users DROP CONSTRAINT one;",
        "ALTER TABLE users ADD UNIQUE USING INDEX {named}; DROP INDEX {generated};",
        "DROP INDEX {named}, {generated}, public.{second}, {called}, {long};",
        "ALTER INDEX {generated} RENAME TO users_by_email; ALTER INDEX {long} RENAME TO short;",
        "ALTER TABLE users RENAME COLUMN email TO address;",
        "ALTER TABLE users RENAME TO people; DROP INDEX {called}; ALTER TABLE people DROP email;",
    ],
)
def test_indexes_are_followed_through_new_names(later: str) -> None:
    """By the names that PostgreSQL gives: of a constraint that takes the index over, and of an index without one."""
    wide = "a_column_whose_name_alone_takes_nearly_all_of_the_room"
    first = f"""{USERS}
ALTER TABLE users ADD {wide} int;
CREATE INDEX ON users (id);
CREATE UNIQUE INDEX users_email ON users (email);
CREATE INDEX ON users (email) INCLUDE (id);
CREATE INDEX ON users (email, id) WHERE email <> '';
CREATE INDEX ON users (lower(email), (id + 1));
CREATE INDEX ON users (email, {wide});"""
    names = {"named": "users_email", "generated": "users_email_id_idx", "second": "users_email_id_idx1"}
    names |= {"called": "users_lower_expr_idx", "long": f"users_email_{wide}"[:59] + "_idx"}
    result = on_scratch("indexes-created", first, later.format(**names))
    assert result.status is Status.PASSED, result.summary


def test_a_materialized_view_without_data_is_a_warning() -> None:
    view = "\nCREATE MATERIALIZED VIEW totals AS SELECT count(*) FROM users"
    result = on_scratch("materialized-views-created", USERS, f"{view} WITH NO DATA;")
    assert (result.status, places(result)) == (Status.WARNING, [("totals", "00002_b.sql", 2)])
    twin = on_scratch("materialized-views-created", USERS, f"{view};")
    assert (twin.status, twin.summary) == (Status.PASSED, "1 materialized view present, populated")


def test_no_materialized_view_is_not_applicable() -> None:
    assert on_scratch("materialized-views-created", USERS).status is Status.NOT_APPLICABLE


def test_a_function_whose_body_names_a_missing_column_is_found_by_calling_it() -> None:
    body = """CREATE FUNCTION count_users() RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN RETURN (SELECT count({}) FROM users); END $$;"""
    result = on_scratch("functions-created", USERS, "\n" + body.format("emial"))
    assert (result.status, places(result)) == (Status.FAILED, [("count_users()", "00002_b.sql", 2)])
    twin = on_scratch("functions-created", USERS, body.format("email"))
    assert twin.summary == "1 of 1 functions present, 1 called (what takes no arguments), 0 errors"


def test_functions_are_known_by_their_input_types() -> None:
    text = """CREATE TYPE mood AS ENUM ('good');
CREATE FUNCTION f(a int, b mood, OUT c text) LANGUAGE sql AS 'SELECT $2::text';
CREATE FUNCTION f(a varchar(3)[]) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION "Odd Name"(a users.email%TYPE) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE PROCEDURE p(a numeric(10, 2)) LANGUAGE sql AS 'SELECT 1';"""
    result = on_scratch("functions-created", USERS, text)
    assert (result.status, result.summary) == (Status.PASSED, "4 of 4 functions present")


def test_a_trigger_that_names_a_missing_column_is_found_by_a_row() -> None:
    result = on_scratch("triggers-created", USERS, AUDIT.format(column="emial"))
    assert (result.status, places(result)) == (Status.FAILED, [("users_audit on users", "00002_b.sql", 7)])
    assert "42703" in result.findings[0].message
    twin = on_scratch("triggers-created", USERS, AUDIT.format(column="email"))
    assert twin.summary == "1 of 1 triggers present and enabled; fired by a test row on 1 table, 0 errors"


def test_a_disabled_trigger_fails() -> None:
    result = on_scratch(
        "triggers-created", USERS, AUDIT.format(column="email"), "ALTER TABLE users DISABLE TRIGGER users_audit;"
    )
    assert (result.status, places(result)) == (Status.FAILED, [("users_audit on users", "00002_b.sql", 7)])


def test_a_before_trigger_that_returns_null_is_a_warning() -> None:
    text = """CREATE FUNCTION eat() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
CREATE TRIGGER eater BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION eat();"""
    result = on_scratch("triggers-created", USERS, text)
    assert (result.status, places(result)) == (Status.WARNING, [("eater on users", "00002_b.sql", 2)])


def test_a_row_is_made_for_foreign_keys_checks_enums_domains_and_arrays() -> None:
    tables = """CREATE TYPE state AS ENUM ('open', 'shut');
CREATE DOMAIN positive AS int CHECK (VALUE > 0);
CREATE TABLE users (id uuid PRIMARY KEY, owner uuid NOT NULL REFERENCES users (id), s state NOT NULL,
  n positive NOT NULL, tags text[] NOT NULL, doc jsonb NOT NULL, at timestamptz NOT NULL, day date NOT NULL,
  amount numeric(8,2) NOT NULL, net inet NOT NULL, code char(3) NOT NULL CHECK (code = 'xyz'), flag bool NOT NULL,
  span tstzrange NOT NULL, email text);"""
    result = on_scratch("triggers-created", tables, AUDIT.format(column="id"))
    assert (result.status, result.summary) == (
        Status.PASSED,
        "1 of 1 triggers present and enabled; fired by a test row on 1 table, 0 errors",
    )


@pytest.mark.postgres15
@pytest.mark.parametrize("check_id", ["applies-to-scratch", "tables-created", "functions-created", "triggers-created"])
def test_the_same_on_postgresql_15(postgres15: object, check_id: str) -> None:
    texts = (USERS, AUDIT.format(column="email"))
    result: Result = on_scratch(check_id, *texts, server="bin:/usr/lib/postgresql/15/bin")
    assert result.status is Status.PASSED, result.summary
