"""Each tool's history on a real PostgreSQL: what is applied, and what is wrong with it."""

from __future__ import annotations

import hashlib
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.base import Inputs, MigrationFile, MigrationSet, Result, Status
from checks.history.by_files import FLYWAY as READER
from checks.history.reading import applied_versions, compare, read_history
from checks.history.tools import READERS, table_ddl, tables_of
from checks.migrations import read_pairs
from tests.checks.check_samples import run_one
from tests.checks.history.history_tables import (
    ALEMBIC,
    DJANGO,
    FLYWAY,
    GOOSE,
    PRISMA,
    RAILS,
    alembic_files,
    as_applied,
    django_files,
    flyway_files,
    flyway_row,
    make,
    rails_files,
)
from tests.checks.layouts.layout_samples import pairs_of
from tests.postgres import TestDatabase

TWO = flyway_files(V1__a="CREATE TABLE a (id int);\n", V2__b="CREATE TABLE b (id int);\n")
CHAIN = alembic_files(aa1=None, bb2="aa1", cc3="bb2")


def completed(database: TestDatabase, files: MigrationSet) -> Result:
    return run_one("migrations-completed", Inputs(migrations=files, target=database.address))


def pending(database: TestDatabase, files: MigrationSet) -> list[str]:
    return [file.version for file in compare(read_history(database.address), files).pending]


def test_flyway_complete(database: TestDatabase) -> None:
    make(database, FLYWAY, *as_applied(TWO))
    result = completed(database, TWO)
    assert result.status is Status.PASSED
    assert result.summary == "flyway_schema_history: 2 of 2 applied, 1–2, none dirty, checksums equal"


def test_flyway_changed_file(database: TestDatabase) -> None:
    make(database, FLYWAY, *as_applied(TWO))
    changed = flyway_files(V1__a="CREATE TABLE a (id bigint);\n", V2__b="CREATE TABLE b (id int);\n")
    result = completed(database, changed)
    assert (result.status, result.findings[0].file) == (Status.FAILED, "V1__a.sql")


def test_flyway_does_not_mind_line_ends_and_a_byte_order_mark(database: TestDatabase) -> None:
    make(database, FLYWAY, *as_applied(TWO))
    windows = flyway_files(V1__a="\ufeffCREATE TABLE a (id int);\r\n", V2__b="CREATE TABLE b (id int);\r\n")
    assert completed(database, windows).status is Status.PASSED


def test_flyway_failed_row(database: TestDatabase) -> None:
    rows = as_applied(TWO)
    make(database, FLYWAY, rows[0], flyway_row(2, "2", "V2__b.sql", "", success=False))
    result = completed(database, TWO)
    assert result.status is Status.FAILED
    assert result.findings[0].message == "2 d failed"


def test_flyway_undone_and_deleted_versions_are_pending_again(database: TestDatabase) -> None:
    gone = [flyway_row(3, "2", "U2__b.sql", "", "UNDO_SQL"), flyway_row(4, "1", "V1__a.sql", "", "DELETE")]
    make(database, FLYWAY, *as_applied(TWO), *gone)
    assert pending(database, TWO) == ["1", "2"]


def test_flyway_baseline_covers_what_is_older(database: TestDatabase) -> None:
    make(database, FLYWAY, flyway_row(1, "1", "<< Flyway Baseline >>", "", "BASELINE"))
    assert pending(database, TWO) == ["2"]
    assert applied_versions(read_history(database.address), TWO) == ("1",)


def test_flyway_repeatables_count_by_their_last_run(database: TestDatabase) -> None:
    files = flyway_files(V1__a="SELECT 1;", R__views="CREATE OR REPLACE VIEW v AS SELECT 1;")
    old = flyway_files(V1__a="SELECT 1;", R__views="CREATE OR REPLACE VIEW v AS SELECT 2;")
    make(database, FLYWAY, *as_applied(old))
    assert [f.name for _, f in compare(read_history(database.address), files).changed] == ["R__views.sql"]
    database.execute(f"INSERT INTO {flyway_row(9, '', 'R__views.sql', READER.checksum(files.ups[-1]))}")
    assert compare(read_history(database.address), files).changed == ()


@given(st.lists(st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), max_size=9), max_size=9))
def test_flyway_checksum_is_that_of_the_lines(lines: list[str]) -> None:
    whole = [MigrationFile("1", "V1__a.sql", end.join(lines).encode()) for end in ("\n", "\r\n", "\r")]
    crc = zlib.crc32("".join(lines).removeprefix("\ufeff").encode())
    signed = int.from_bytes(crc.to_bytes(4, "big"), "big", signed=True)
    assert {READER.checksum(file) for file in whole} == {str(signed)}


def test_alembic_head_stands_for_its_ancestors(database: TestDatabase) -> None:
    make(database, ALEMBIC, "alembic_version VALUES ('bb2')")
    assert pending(database, CHAIN) == ["cc3"]
    assert set(applied_versions(read_history(database.address), CHAIN)) == {"aa1", "bb2"}
    database.execute("UPDATE alembic_version SET version_num = 'cc3'")
    assert completed(database, CHAIN).status is Status.PASSED


def test_alembic_revision_without_a_file(database: TestDatabase) -> None:
    make(database, ALEMBIC, "alembic_version VALUES ('zz9')")
    result = completed(database, CHAIN)
    assert result.status is Status.FAILED
    assert "alembic_version has zz9, for which there is no file here" in [f.message for f in result.findings]


def test_alembic_branches_are_followed(database: TestDatabase) -> None:
    files = alembic_files(aa1=None, left1="aa1", right1="aa1")
    make(database, ALEMBIC, "alembic_version VALUES ('right1')")
    assert pending(database, files) == ["left1"]
    assert compare(read_history(database.address), files).out_of_order == ()


def test_django_rows_of_other_apps_do_not_matter(database: TestDatabase) -> None:
    files = django_files("shop/migrations/0001_initial.py", "shop/migrations/0002_total.py")
    rows = [f"django_migrations (app, name, applied) VALUES ('{a}', '{n}', '2026-11-22 14:00+00')" for a, n in (
        ("auth", "0001_initial"), ("shop", "0001_initial"))]  # fmt: skip
    make(database, DJANGO, *rows)
    found = compare(read_history(database.address), files)
    assert [file.version for file in found.pending] == ["shop.0002_total"]
    assert found.unknown == ()
    database.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('shop', '0002_total', now())")
    assert completed(database, files).status is Status.PASSED


def test_django_files_of_one_app_alone(database: TestDatabase) -> None:
    rows = [f"django_migrations (app, name, applied) VALUES ('{a}', '{n}', now())" for a, n in (
        ("auth", "0001_initial"), ("shop", "0001_initial"), ("shop", "0002_total"))]  # fmt: skip
    make(database, DJANGO, *rows)
    assert pending(database, django_files("0001_initial.py", "0002_total.py", "0003_more.py")) == ["0003_more"]


def test_django_an_older_file_of_another_app_is_not_late(database: TestDatabase) -> None:
    make(database, DJANGO, "django_migrations (app, name, applied) VALUES ('shop', '0002_b', now())")
    files = django_files("shop/migrations/0001_a.py", "shop/migrations/0002_b.py", "auth/migrations/0001_initial.py")
    late = compare(read_history(database.address), files).out_of_order
    assert [file.version for file in late] == ["shop.0001_a"]


def test_rails(database: TestDatabase) -> None:
    files = rails_files("20261101000000", "20261102000000")
    make(database, RAILS, "schema_migrations VALUES ('20261102000000')")
    history = read_history(database.address)
    assert (history.tool, pending(database, files)) == ("rails", ["20261101000000"])
    assert [file.version for file in compare(history, files).out_of_order] == ["20261101000000"]
    database.execute("INSERT INTO schema_migrations VALUES ('20261101000000')")
    assert completed(database, files).status is Status.PASSED


def test_goose_newest_row_of_a_version_counts(database: TestDatabase) -> None:
    acts = [(0, True), (1, True), (2, True), (2, False)]
    make(database, GOOSE, *[f"goose_db_version (version_id, is_applied) VALUES ({v}, {a})" for v, a in acts])
    history = read_history(database.address)
    assert (history.tool, [row.version for row in history.rows]) == ("goose", ["1"])


def test_prisma_states(database: TestDatabase) -> None:
    columns = "_prisma_migrations (id, checksum, migration_name, finished_at, rolled_back_at) VALUES"
    make(
        database,
        PRISMA,
        f"{columns} ('1', 'x', '1_init', now(), NULL)",
        f"{columns} ('2', 'x', '2_b', NULL, now())",
        f"{columns} ('3', 'x', '3_c', NULL, NULL)",
    )
    history = read_history(database.address)
    assert [(row.version, str(row.state)) for row in history.rows] == [("1", "ok"), ("3", "dirty")]


def test_a_history_table_that_is_locked_is_not_waited_for(database: TestDatabase) -> None:
    make(database, FLYWAY, *as_applied(TWO))
    with database.connect() as runner, runner.transaction():
        runner.execute("LOCK TABLE flyway_schema_history IN ACCESS EXCLUSIVE MODE")
        result = completed(database, TWO)
    assert result.status is Status.COULD_NOT_RUN
    assert result.summary.startswith("flyway_schema_history is locked by pid ")


@pytest.mark.parametrize("tool", [reader.tool for reader in READERS])
def test_the_table_that_a_tool_makes_is_known_for_its_own(database: TestDatabase, tool: str) -> None:
    database.execute(f"{table_ddl(tool)}; GRANT SELECT ON ALL TABLES IN SCHEMA public TO {database.monitor_role}")
    history = read_history(database.address)
    assert (history.tool, history.rows) == (tool, ())
    assert history.table in tables_of("auto")


HISTORIES = {
    "goose": "INSERT INTO goose_db_version (version_id, is_applied) VALUES (1, true), (2, true), (3, true), (3, false)",
    "dbmate": "INSERT INTO schema_migrations (version) VALUES ('20261101000000'), ('20261102000000')",
    "diesel": "INSERT INTO __diesel_schema_migrations (version) VALUES ('20261101000000'), ('20261102000000')",
    "golang-migrate": "INSERT INTO schema_migrations VALUES (20261102000000, false)",
}


@pytest.mark.parametrize("tool", HISTORIES)
def test_what_a_tool_recorded_of_its_files_is_applied(database: TestDatabase, tool: str) -> None:
    files = read_pairs(pairs_of(tool))
    make(database, table_ddl(tool))
    database.execute(HISTORIES[tool])
    history = read_history(database.address)
    assert (history.tool, [file.version for file in compare(history, files).pending]) == (tool, [files.ups[-1].version])
    assert compare(history, files).unknown == ()


def test_prisma_tells_a_changed_file_and_one_that_failed(database: TestDatabase) -> None:
    files = read_pairs(pairs_of("prisma"))
    make(database, table_ddl("prisma"))
    sums = [hashlib.sha256(file.content).hexdigest() for file in files.ups]
    rows = [
        f"('a', '{sums[0]}', now(), '20261101000000_users', NULL, NULL)",
        f"('b', '{sums[1]}', NULL, '20261102000000_orders', 'ERROR: relation', now())",
        f"('c', '{sums[2]}', now(), '20261102000000_orders', NULL, NULL)",
        f"('d', '{sums[2]}', NULL, '20261103000000_orders_user', 'ERROR: lock timeout', NULL)",
    ]
    columns = "(id, checksum, finished_at, migration_name, logs, rolled_back_at)"
    database.execute(f"INSERT INTO _prisma_migrations {columns} VALUES {', '.join(rows)}")
    found = compare(read_history(database.address), files)
    assert [file.version for file in found.applied] == ["20261101000000", "20261102000000"]
    assert [file.name for _, file in found.changed] == ["20261102000000_orders/migration.sql"]
    assert [row.name for row in found.failed] == ["orders_user"]


LIQUIBASE_ROW = "INSERT INTO databasechangelog (id, author, filename, dateexecuted, orderexecuted, exectype) VALUES"


def test_liquibase_has_a_file_when_it_has_all_of_its_changesets(database: TestDatabase) -> None:
    """Changesets of another database do not count; the paths are as the master of a project names them."""
    files = read_pairs(pairs_of("liquibase"))
    make(database, table_ddl("liquibase"))
    database.execute(f"{LIQUIBASE_ROW} ('1', 'dana', 'db/sql/001_users.sql', now(), 1, 'EXECUTED')")
    database.execute(f"{LIQUIBASE_ROW} ('orders', 'dana', 'db/sql/002_orders.sql', now(), 2, 'EXECUTED')")
    assert pending(database, files) == ["002"]
    database.execute(f"{LIQUIBASE_ROW} ('orders-user', 'omar', 'db/sql/002_orders.sql', now(), 3, 'MARK_RAN')")
    assert completed(database, files).status is Status.PASSED
    database.execute(f"{LIQUIBASE_ROW} ('9', 'zoe', 'db/sql/009_more.sql', now(), 4, 'EXECUTED')")
    assert [row.name for row in compare(read_history(database.address), files).unknown] == ["9::zoe"]
    database.execute("UPDATE databasechangelog SET exectype = 'FAILED' WHERE id = 'orders'")
    assert [row.version for row in compare(read_history(database.address), files).failed] == ["002"]
