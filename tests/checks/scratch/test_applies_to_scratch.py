"""Files applied as each tool applies them; an error has its file, line, SQLSTATE and statement."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checks.base import CannotRun, Inputs, ScratchLimits, Status
from checks.catalogue import CATALOGUE
from checks.risk.observer import seen_after
from checks.runner import run_checks
from checks.scratch import CHECKS as SCRATCH
from checks.scratchdb.apply import apply_files
from checks.scratchdb.database import open_scratch
from tests.checks.check_samples import USERS, migrations, on_scratch, places, run_one


def test_a_scratch_database_is_made_and_named_by_its_version() -> None:
    result = on_scratch("scratch-database", USERS)
    assert result.status is Status.PASSED
    assert result.summary == "scratch database on PostgreSQL 18.6"


def test_all_files_apply() -> None:
    result = on_scratch("applies-to-scratch", USERS, "CREATE INDEX users_email ON users (email);")
    assert result.status is Status.PASSED
    assert result.summary.startswith("2 of 2 applied in ")
    assert result.summary.endswith("2 pending statements, PostgreSQL 18.6")


@pytest.mark.parametrize(
    ("tool", "text"),
    [
        ("sqlx", "DELETE FROM _sqlx_migrations WHERE version = 3; ALTER TABLE _sqlx_migrations OWNER TO CURRENT_USER;"),
        (
            "golang-migrate",
            "COMMENT ON TABLE schema_migrations IS 'kept by migrate'; SELECT dirty FROM schema_migrations;",
        ),
        ("flyway", "CREATE VIEW done AS SELECT version FROM flyway_schema_history WHERE success;"),
    ],
)
def test_the_tool_s_own_table_is_there_before_the_files(tool: str, text: str) -> None:
    files = migrations(USERS, text, tool=tool)
    inputs = Inputs(migrations=files, scratch_server="embedded")
    wanted = [CATALOGUE[one] for one in ("applies-to-scratch", "primary-keys", "comments", "tables-created")]
    first, keys, comments, made = (result for _, result in run_checks(wanted, inputs))
    assert first.status is Status.PASSED, first.summary
    assert {"_sqlx_migrations", "schema_migrations", "flyway_schema_history"}.isdisjoint(
        finding.object for result in (keys, comments) for finding in result.findings
    )
    assert made.summary.startswith("1 of 1 tables present")


def test_a_history_table_of_another_name_is_made_by_that_name() -> None:
    files = migrations(USERS, "DELETE FROM history_of_shop;")
    inputs = Inputs(migrations=files, scratch_server="embedded", options={"history_table": "history_of_shop"})
    assert run_one("applies-to-scratch", inputs).status is Status.PASSED
    assert "42P01" in run_one("applies-to-scratch", replace(inputs, options={})).summary


def test_applied_files_go_in_whole_and_an_error_still_has_its_line() -> None:
    texts = (USERS, "CREATE TABLE a (id int);\nCREATE TABLE b (id int);", "CREATE TABLE c (id int);")
    inputs = Inputs(migrations=migrations(*texts, applied_through="00002"), scratch_server="embedded")
    whole = run_one("applies-to-scratch", inputs)
    assert whole.summary.startswith("3 of 3 applied in ") and "1 pending statement, " in whole.summary
    broken = replace(inputs, migrations=migrations(USERS, f"{texts[1]}\nDROP TABLE nowhere;", applied_through="00002"))
    result = run_one("applies-to-scratch", broken)
    assert (result.status, places(result)) == (Status.FAILED, [("DROP TABLE nowhere", "00002_b.sql", 3)])


@pytest.mark.parametrize(
    "text",
    [
        "CREATE TABLE a (id int); COMMIT; LOCK TABLE users; DROP TABLE a;",
        "-- no-transaction\nCREATE INDEX CONCURRENTLY ON users (email);",
        "LOCK TABLE users; SET LOCAL lock_timeout = '1s'; ALTER TABLE users ADD a int;",
        "SET search_path = pg_catalog; SET client_min_messages = error;",
        "BEGIN; CREATE TABLE a (id int);",
        "ALTER TYPE mood ADD VALUE 'new';",
    ],
)
def test_an_applied_file_that_is_no_one_transaction_is_applied_as_the_tool_does(text: str) -> None:
    files = migrations(f"{USERS} CREATE TYPE mood AS ENUM ();", text, "ALTER TABLE users ADD late int DEFAULT 5;")
    inputs = Inputs(
        migrations=replace(files, tool="golang-migrate", applied_through="00002"), scratch_server="embedded"
    )
    result = run_one("applies-to-scratch", inputs)
    assert result.status is Status.PASSED, result.summary
    assert "1 pending statement" in result.summary


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


@pytest.mark.parametrize(
    ("text", "lacks"),
    [
        ('CREATE EXTENSION "uuid-ossp"; CREATE TABLE a (id uuid DEFAULT uuid_generate_v4());', "extension uuid-ossp"),
        ("CREATE TABLE a (name text COLLATE de_phonebook);", "collation de_phonebook"),
    ],
)
def test_every_check_that_hangs_on_what_the_server_lacks_could_not_run_for_that_one_reason(
    text: str, lacks: str
) -> None:
    inputs = Inputs(migrations=migrations(text, USERS), scratch_server="embedded")
    wanted = [check for check in SCRATCH if check.id != "scratch-database"]
    results = {check.id: result for check, result in run_checks(wanted, inputs)}
    told = {result.summary for result in results.values() if result.status is Status.COULD_NOT_RUN}
    assert len(told) == 1 and f"the scratch server lacks {lacks}, which 00001_a.sql:1 needs" in told.pop()
    others = {check for check, result in results.items() if result.status is not Status.COULD_NOT_RUN}
    assert {results[check].status for check in others} <= {Status.NOT_APPLICABLE}
    assert others.isdisjoint({"tables-created", "applies-to-scratch", "primary-keys", "statement-risk"})


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
    result = on_scratch("applies-to-scratch", "SET session_replication_role = replica;")
    assert result.status is Status.FAILED
    assert "42501" in result.summary


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


def test_without_a_scratch_server_nothing_passes() -> None:
    result = on_scratch("tables-created", USERS, server="")
    assert (result.status, result.summary) == (Status.COULD_NOT_RUN, "no scratch server is configured")


def test_python_migrations_are_not_applicable() -> None:
    from checks.migrations import read_pairs

    files = read_pairs([("ae10_x.py", b"revision = 'ae10'\ndown_revision = None\n")])
    result = run_one("applies-to-scratch", Inputs(migrations=files, scratch_server="embedded"))
    assert (result.status, result.summary) == (Status.NOT_APPLICABLE, "alembic migrations are programs, not SQL files")


def test_each_statement_is_looked_at_inside_its_transaction() -> None:
    files = migrations(
        "CREATE TABLE users (id int);", "ALTER TABLE users ADD email text;\nALTER TABLE users ALTER id TYPE bigint;"
    )
    with (
        open_scratch("embedded", limits=ScratchLimits()) as server,
        server.database(files.files) as database,
        database.connect() as connection,
    ):
        applied = apply_files(connection, files.ups, "sqlx", seen_after)
    _, adding, changing = applied.statements
    assert adding.seen is not None
    assert {(one.name, one.mode) for one in adding.seen.relations} == {(("public", "users"), "AccessExclusiveLock")}
    assert 'rewriting table "users"' not in adding.notices
    assert 'rewriting table "users"' in changing.notices
    assert applied.of(files.ups[1]) == (adding, changing)


def test_require_applied_tells_where_the_files_stop() -> None:
    from checks.contexts import FilesContext
    from checks.scratchdb.context import ScratchContext

    files = migrations(USERS, "SELECT 1/0;")
    context = ScratchContext(FilesContext(files), Inputs(migrations=files, scratch_server="embedded"))
    with pytest.raises(CannotRun, match=r"the files do not apply: 00002_b.sql:1: division by zero"):
        context.require_applied()
    context.close()
