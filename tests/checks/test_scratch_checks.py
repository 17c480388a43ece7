"""The checks over a throw-away database: each finds its broken case with file, line and object, and passes its twin."""

from __future__ import annotations

import pytest

from checks.base import CannotRun, Inputs, Result, Status
from tests.checks.check_samples import migrations, on_scratch, places, run_one

USERS = "CREATE TABLE users (\n  id bigint PRIMARY KEY,\n  email text NOT NULL\n);"
AUDIT = """CREATE TABLE audit (id bigint GENERATED ALWAYS AS IDENTITY, what text NOT NULL);
CREATE FUNCTION write_audit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO audit (what) VALUES (NEW.{column}::text);
  RETURN NEW;
END $$;
CREATE TRIGGER users_audit AFTER INSERT ON users FOR EACH ROW EXECUTE FUNCTION write_audit();"""


def test_a_scratch_database_is_made_and_named_by_its_version() -> None:
    result = on_scratch("scratch-database", USERS)
    assert result.status is Status.PASSED
    assert result.summary == "scratch database on PostgreSQL 18.6"


def test_all_files_apply() -> None:
    result = on_scratch("applies-to-scratch", USERS, "CREATE INDEX users_email ON users (email);")
    assert result.status is Status.PASSED
    assert result.summary.startswith("2 of 2 applied in ")
    assert result.summary.endswith("2 statements, PostgreSQL 18.6")


def test_an_error_names_file_line_state_and_statement() -> None:
    result = on_scratch(
        "applies-to-scratch", USERS, "-- orders\n\nCREATE TABLE orders (\n  owner bigint REFERENCES user (id)\n);"
    )
    assert result.status is Status.FAILED
    assert places(result)[0][1:] == ("00002_b.sql", 4)
    assert "42601" in result.summary


def test_the_line_is_where_the_server_points_within_a_long_statement() -> None:
    result = on_scratch(
        "applies-to-scratch", USERS, "-- a view\nCREATE VIEW v AS\n  SELECT id,\n  emial\n  FROM users;"
    )
    assert places(result) == [("CREATE VIEW v AS SELECT id, emial FROM users", "00002_b.sql", 4)]
    assert result.findings[0].message == '42703 column "emial" does not exist'


def test_a_missing_extension_is_named_and_is_no_failure() -> None:
    result = on_scratch("applies-to-scratch", "CREATE EXTENSION pgcrypto;")
    assert result.status is Status.COULD_NOT_RUN
    assert "lacks extension pgcrypto, which 00001_a.sql:1 needs" in result.summary


def test_a_role_that_files_only_mention_is_there() -> None:
    result = on_scratch(
        "applies-to-scratch", USERS, "GRANT SELECT ON users TO reporting; ALTER TABLE users OWNER TO reporting;"
    )
    assert result.status is Status.PASSED


def test_roles_that_files_create_are_gone_afterwards() -> None:
    for _ in range(2):
        assert (
            on_scratch("applies-to-scratch", "CREATE ROLE app_writer; CREATE USER app_login;").status is Status.PASSED
        )


def test_the_login_is_no_superuser() -> None:
    result = on_scratch("applies-to-scratch", "ALTER SYSTEM SET work_mem = '1GB';")
    assert result.status is Status.FAILED


def test_a_password_in_a_statement_is_not_shown() -> None:
    result = on_scratch("applies-to-scratch", "CREATE ROLE x PASSWORD 'geheim42' SUPERUSER;")
    assert result.status is not Status.PASSED
    assert "geheim42" not in repr(result)


def test_sqlx_runs_a_file_in_a_transaction_unless_its_first_line_says_otherwise() -> None:
    index = "CREATE INDEX CONCURRENTLY users_email ON users (email);"
    inside = on_scratch("applies-to-scratch", USERS, index)
    assert (inside.status, places(inside)[0][1:]) == (Status.FAILED, ("00002_b.sql", 1))
    assert "25001" in inside.summary
    assert on_scratch("applies-to-scratch", USERS, f"-- no-transaction\n{index}").status is Status.PASSED


def test_several_statements_without_a_transaction_are_still_one_for_the_server() -> None:
    texts = (
        "-- no-transaction\nCREATE INDEX CONCURRENTLY a ON users (email);\nCREATE INDEX CONCURRENTLY b ON users (id);"
    )
    result = on_scratch("applies-to-scratch", USERS, texts)
    assert "25001" in result.summary


def test_golang_migrate_sends_a_lone_statement_without_a_transaction() -> None:
    index = "CREATE INDEX CONCURRENTLY users_email ON users (email);"
    assert on_scratch("applies-to-scratch", USERS, index, tool="golang-migrate").status is Status.PASSED
    both = on_scratch("applies-to-scratch", USERS, f"{index}\nSELECT 1;", tool="golang-migrate")
    assert "25001" in both.summary


def test_golang_migrate_files_may_begin_and_commit_themselves() -> None:
    text = "BEGIN;\nCREATE TABLE a (id int);\nCOMMIT;\nBEGIN;\nCREATE TABLE b (id int);\nCOMMIT;"
    assert on_scratch("tables-created", text, tool="golang-migrate").summary == "2 of 2 tables present"


def test_flyway_refuses_to_mix() -> None:
    index = "CREATE INDEX CONCURRENTLY users_email ON users (email);"
    assert on_scratch("applies-to-scratch", USERS, index, tool="flyway").status is Status.PASSED
    mixed = on_scratch("applies-to-scratch", USERS, f"SELECT 1;\n{index}", tool="flyway")
    assert "Flyway refuses" in mixed.summary


def test_psql_commands_are_errors_with_their_line() -> None:
    result = on_scratch("applies-to-scratch", f"{USERS}\n\\i more.sql\n")
    assert places(result)[0][1:] == ("00001_a.sql", 5)


def test_copy_from_stdin_is_told_in_words() -> None:
    result = on_scratch("applies-to-scratch", USERS, "COPY users FROM STDIN;")
    assert result.status is Status.FAILED
    assert "COPY FROM STDIN needs psql" in result.summary


def test_deferred_constraints_speak_up_at_the_commit() -> None:
    text = "CREATE TABLE t (id int REFERENCES users (id) DEFERRABLE INITIALLY DEFERRED);\nINSERT INTO t VALUES (9);"
    result = on_scratch("applies-to-scratch", "CREATE TABLE users (id int PRIMARY KEY);", text)
    assert "23503" in result.summary


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
    text = "CREATE TABLE p (d date) PARTITION BY RANGE (d);\nCREATE TABLE p1 PARTITION OF p FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');"
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


def test_a_materialized_view_without_data_is_a_warning() -> None:
    view = "\nCREATE MATERIALIZED VIEW totals AS SELECT count(*) FROM users"
    result = on_scratch("materialized-views-created", USERS, f"{view} WITH NO DATA;")
    assert (result.status, places(result)) == (Status.WARNING, [("totals", "00002_b.sql", 2)])
    twin = on_scratch("materialized-views-created", USERS, f"{view};")
    assert (twin.status, twin.summary) == (Status.PASSED, "1 materialized view present, populated")


def test_no_materialized_view_is_not_applicable() -> None:
    assert on_scratch("materialized-views-created", USERS).status is Status.NOT_APPLICABLE


def test_a_function_whose_body_names_a_missing_column_is_found_by_calling_it() -> None:
    body = "CREATE FUNCTION count_users() RETURNS bigint LANGUAGE plpgsql AS $$ BEGIN RETURN (SELECT count({}) FROM users); END $$;"
    result = on_scratch("functions-created", USERS, "\n" + body.format("emial"))
    assert (result.status, places(result)) == (Status.FAILED, [("count_users()", "00002_b.sql", 2)])
    twin = on_scratch("functions-created", USERS, body.format("email"))
    assert twin.summary == "1 of 1 functions present, 1 one without arguments called, 0 errors"


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
CREATE TABLE users (id uuid PRIMARY KEY, owner uuid NOT NULL REFERENCES users (id), s state NOT NULL, n positive NOT NULL,
  tags text[] NOT NULL, doc jsonb NOT NULL, at timestamptz NOT NULL, day date NOT NULL, amount numeric(8,2) NOT NULL,
  net inet NOT NULL, code char(3) NOT NULL CHECK (code = 'xyz'), flag bool NOT NULL, span tstzrange NOT NULL, email text);"""
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


def test_without_a_scratch_server_nothing_passes() -> None:
    result = on_scratch("tables-created", USERS, server="")
    assert (result.status, result.summary) == (Status.COULD_NOT_RUN, "no scratch server is configured")


def test_python_migrations_are_not_applicable() -> None:
    from checks.migrations import read_pairs

    files = read_pairs([("ae10_x.py", b"revision = 'ae10'\ndown_revision = None\n")])
    result = run_one("applies-to-scratch", Inputs(migrations=files, scratch_server="embedded"))
    assert (result.status, result.summary) == (Status.NOT_APPLICABLE, "alembic migrations are programs, not SQL files")


def test_require_applied_tells_where_the_files_stop() -> None:
    from checks.contexts import FilesContext
    from checks.scratch_context import ScratchContext

    files = migrations(USERS, "SELECT 1/0;")
    context = ScratchContext(FilesContext(files), Inputs(migrations=files, scratch_server="embedded"))
    with pytest.raises(CannotRun, match=r"the files do not apply: 00002_b.sql:1: division by zero"):
        context.require_applied()
    context.close()
