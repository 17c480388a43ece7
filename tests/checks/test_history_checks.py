"""What a target's history says of the files, read as a login with pg_monitor and SELECT on that one table."""

from __future__ import annotations

import dataclasses

import pytest

from checks.base import CannotRun, Inputs, MigrationSet, Result, Status
from checks.history.reading import RowState, applied_versions, compare, read_history
from tests.checks.check_samples import migrations, places, run_one
from tests.checks.history_samples import golang_history, sqlx_history
from tests.postgres import TestDatabase

FILES = migrations("CREATE TABLE a (id int);", "CREATE TABLE b (id int);\n", "CREATE TABLE c (id int);")
BEFORE, AFTER = "2026-11-22T14:00:00.000Z", "2026-11-22T15:00:00.000Z"


def ask(check_id: str, database: TestDatabase, files: MigrationSet = FILES, since: str = "") -> Result:
    return run_one(check_id, Inputs(migrations=files, target=database.address, since=since))


def test_completed_passes_when_every_file_is_in_the_history(database: TestDatabase) -> None:
    sqlx_history(database, FILES.ups)
    result = ask("migrations-completed", database)
    assert result.status is Status.PASSED
    assert result.summary == "_sqlx_migrations: 3 of 3 applied, 00001–00003, none dirty, checksums equal"


def test_completed_names_the_pending_file(database: TestDatabase) -> None:
    sqlx_history(database, FILES.ups[:2])
    result = ask("migrations-completed", database)
    assert (result.status, places(result)) == (Status.FAILED, [("00003", "00003_c.sql", None)])
    assert result.summary == "_sqlx_migrations: 2 of 3 applied; pending: 00003"


def test_completed_names_a_changed_file(database: TestDatabase) -> None:
    other = dataclasses.replace(FILES.ups[1], content=b"CREATE TABLE b (id bigint);\n")
    sqlx_history(database, [FILES.ups[0], other, FILES.ups[2]])
    result = ask("migrations-completed", database)
    assert (result.status, places(result)) == (Status.FAILED, [("00002", "00002_b.sql", None)])
    assert result.findings[0].message == "00002_b.sql was changed after it was applied"


def test_a_file_whose_line_ends_changed_is_told_apart(database: TestDatabase) -> None:
    windows = dataclasses.replace(FILES.ups[1], content=b"CREATE TABLE b (id int);\r\n")
    sqlx_history(database, [FILES.ups[0], windows, FILES.ups[2]])
    finding = ask("migrations-completed", database).findings[0]
    assert finding.message == "00002_b.sql was changed after it was applied (only its line ends)"
    assert "eol=lf" in finding.hint


def test_completed_names_a_dirty_version(database: TestDatabase) -> None:
    sqlx_history(database, FILES.ups)
    database.execute("UPDATE _sqlx_migrations SET success = false WHERE version = 3")
    result = ask("migrations-completed", database)
    assert result.status is Status.FAILED
    assert result.findings[0].message == "3 c is dirty: it failed half-way, or runs now"


def test_a_version_without_a_file_is_a_warning(database: TestDatabase) -> None:
    sqlx_history(database, FILES.ups)
    result = ask("migrations-completed", database, dataclasses.replace(FILES, files=FILES.files[:2]))
    assert (result.status, places(result)) == (Status.WARNING, [("3", "", None)])


def test_without_a_history_everything_is_pending(database: TestDatabase) -> None:
    result = ask("migrations-pending", database)
    assert result.status is Status.EVIDENCE
    assert result.summary == "3 pending: 00001–00003; last applied: none (no history table yet)"


def test_pending_shows_what_is_next(database: TestDatabase) -> None:
    sqlx_history(database, FILES.ups[:1])
    assert (
        ask("migrations-pending", database).summary == "2 pending: 00002–00003; last applied: 00001 (_sqlx_migrations)"
    )


def test_pending_warns_of_a_file_that_comes_too_late(database: TestDatabase) -> None:
    sqlx_history(database, [FILES.ups[0], FILES.ups[2]])
    result = ask("migrations-pending", database)
    assert (result.status, places(result)) == (Status.WARNING, [("00002", "00002_b.sql", None)])


def test_pending_fails_for_a_dirty_history(database: TestDatabase) -> None:
    golang_history(database, 2, dirty=True)
    files = migrations("SELECT 1;", "SELECT 2;", "SELECT 3;", tool="golang-migrate")
    result = ask("migrations-pending", database, files)
    assert result.status is Status.FAILED
    assert "migrate force" in result.hint


def test_golang_migrate_counts_everything_up_to_its_one_row(database: TestDatabase) -> None:
    golang_history(database, 2)
    files = migrations("SELECT 1;", "SELECT 2;", "SELECT 3;", tool="golang-migrate")
    history = read_history(database.address)
    assert (history.tool, history.table) == ("golang-migrate", "schema_migrations")
    assert applied_versions(history, files) == ("1", "2")
    assert [file.version for file in compare(history, files).pending] == ["3"]


def test_a_dirty_row_of_golang_migrate_is_not_applied_but_what_was_before_is(database: TestDatabase) -> None:
    golang_history(database, 2, dirty=True)
    files = migrations("SELECT 1;", "SELECT 2;", tool="golang-migrate")
    assert applied_versions(read_history(database.address), files) == ("1",)


def test_a_missing_grant_says_which(database: TestDatabase) -> None:
    sqlx_history(database, FILES.ups)
    database.execute(f"REVOKE SELECT ON _sqlx_migrations FROM {database.monitor_role}")
    result = ask("migrations-completed", database)
    assert result.status is Status.COULD_NOT_RUN
    assert result.summary == "production: the role may not read table _sqlx_migrations"
    assert result.hint == f"GRANT SELECT ON public._sqlx_migrations TO {database.monitor_role}"


def test_runner_ran_sees_rows_newer_than_go(database: TestDatabase) -> None:
    sqlx_history(database, FILES.ups)
    result = ask("runner-ran", database, since=BEFORE)
    assert result.status is Status.PASSED
    assert result.summary == "3 rows in _sqlx_migrations since 14:00:00 UTC: 00001–00003"


def test_runner_ran_waits_while_there_are_none(database: TestDatabase) -> None:
    sqlx_history(database, FILES.ups)
    result = ask("runner-ran", database, since=AFTER)
    assert result.status is Status.WARNING
    assert result.summary.startswith("no row in _sqlx_migrations since 15:00:00 UTC")


def test_runner_ran_needs_a_go(database: TestDatabase) -> None:
    sqlx_history(database, FILES.ups)
    assert ask("runner-ran", database).status is Status.COULD_NOT_RUN


def test_runner_ran_without_times_looks_how_far_the_history_is(database: TestDatabase) -> None:
    golang_history(database, 3)
    files = migrations("SELECT 1;", "SELECT 2;", "SELECT 3;", tool="golang-migrate", applied_through="1")
    result = ask("runner-ran", database, files, since=AFTER)
    assert result.summary == "schema_migrations went on to 3: 2–3 (the tool keeps no times)"
    database.execute("UPDATE schema_migrations SET version = 1")
    assert ask("runner-ran", database, files, since=AFTER).status is Status.WARNING


def test_rows_are_one_shape(database: TestDatabase) -> None:
    sqlx_history(database, FILES.ups[:1])
    [row] = read_history(database.address, "sqlx").rows
    assert (row.version, row.name, row.applied_at, row.state) == ("1", "a", "2026-11-22T14:10:00.000Z", RowState.OK)
    assert len(row.checksum) == 96


def test_two_histories_are_a_question(database: TestDatabase) -> None:
    sqlx_history(database, FILES.ups)
    golang_history(database, 1)
    with pytest.raises(
        CannotRun, match=r"2 histories: _sqlx_migrations \(sqlx\), schema_migrations \(golang-migrate\)"
    ):
        read_history(database.address)
    assert read_history(database.address, "sqlx").tool == "sqlx"


def test_rails_table_of_the_same_name_is_not_taken_for_golang_migrate(database: TestDatabase) -> None:
    database.execute("CREATE TABLE schema_migrations (version varchar PRIMARY KEY)")
    database.execute(f"GRANT SELECT ON schema_migrations TO {database.monitor_role}")
    assert read_history(database.address).tool == "dbmate"
    assert read_history(database.address, "rails").tool == "rails"
    database.execute("CREATE TABLE ar_internal_metadata (key varchar PRIMARY KEY)")
    assert read_history(database.address).tool == "rails"


def test_psql_keeps_no_history(database: TestDatabase) -> None:
    files = dataclasses.replace(FILES, tool="psql")
    result = ask("migrations-completed", database, files)
    assert result.status is Status.COULD_NOT_RUN
    assert result.summary == "psql keeps no history: the database does not tell which files ran"


def test_another_tools_table_is_named_where_the_files_own_is_not_there(database: TestDatabase) -> None:
    golang_history(database, 3)
    assert read_history(database.address, "sqlx").tool == "golang-migrate"
    assert ask("migrations-completed", database).summary.startswith("schema_migrations: 3 of 3 applied")


def test_a_history_in_another_schema_is_found(database: TestDatabase) -> None:
    sqlx_history(database, FILES.ups)
    role = database.monitor_role
    database.execute(
        f"CREATE SCHEMA ops; GRANT USAGE ON SCHEMA ops TO {role}; ALTER TABLE _sqlx_migrations SET SCHEMA ops"
    )
    assert read_history(database.address).table == "ops._sqlx_migrations"
