"""A reviewer with a catalog and a linter finds nothing to say about the ten files."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bot.demo.sample.addresses import connect
from bot.demo.sample.mishaps import BLOCKING_INDEX, MIGRATIONS
from bot.demo.sample.runner import run

FINDINGS = {
    "foreign keys without an index": """
        SELECT c.conrelid::regclass::text, c.conname FROM pg_constraint AS c
        WHERE c.contype = 'f' AND NOT EXISTS (
            SELECT FROM pg_index WHERE indrelid = c.conrelid AND indpred IS NULL AND indkey[0] = c.conkey[1])""",
    "constraints that are not validated": "SELECT conname FROM pg_constraint WHERE NOT convalidated",
    "invalid indexes": "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid",
    "two indexes on the same columns": """
        SELECT indrelid::regclass::text FROM pg_index AS i JOIN pg_class AS c ON c.oid = indexrelid
        WHERE relnamespace = 'public'::regnamespace
        GROUP BY indrelid, indkey::text, coalesce(indexprs::text, ''), coalesce(indpred::text, '')
        HAVING count(*) > 1""",
    "tables without a primary key": """
        SELECT relname FROM pg_class AS c WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
        AND NOT EXISTS (SELECT FROM pg_index WHERE indrelid = c.oid AND indisprimary)""",
    "relations without a comment": """
        SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm')
        AND NOT relispartition AND relname <> '_sqlx_migrations' AND obj_description(oid, 'pg_class') IS NULL""",
    "columns without a comment": """
        SELECT relname, attname FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'm') AND NOT relispartition
        AND relname <> '_sqlx_migrations' AND attnum > 0 AND col_description(attrelid, attnum) IS NULL""",
    "functions without a fixed search_path or a comment": """
        SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace
        AND (NOT coalesce(proconfig::text ~ 'search_path=pg_catalog, pg_temp', false)
             OR obj_description(oid, 'pg_proc') IS NULL)""",
    "SECURITY DEFINER that everyone may call": """
        SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosecdef
        AND has_function_privilege('public', oid, 'EXECUTE')""",
    "keys that are no bigint, times without a zone": """
        SELECT relname, attname FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND attnum > 0
        AND (attidentity <> '' AND atttypid <> 'bigint'::regtype OR atttypid = 'timestamp'::regtype)""",
    "soft-deleted tables with a unique index over deleted rows": """
        SELECT indexrelid::regclass::text FROM pg_index JOIN pg_attribute ON attrelid = indrelid
        WHERE attname = 'deleted_at' AND indisunique AND NOT indisprimary
        AND pg_get_expr(indpred, indrelid) IS DISTINCT FROM '(deleted_at IS NULL)'""",
    "materialized views that cannot be refreshed concurrently": """
        SELECT relname FROM pg_class AS c WHERE relkind = 'm' AND NOT EXISTS (
            SELECT FROM pg_index WHERE indrelid = c.oid AND indisunique AND indpred IS NULL AND indexprs IS NULL)""",
    "months without a partition": """
        SELECT m FROM generate_series(date '2026-01-01', date '2028-12-01', interval '1 month') AS m
        WHERE to_regclass('page_events_' || to_char(m, 'YYYY_MM')) IS NULL""",
}


@pytest.fixture(scope="module")
def catalog(databases):
    with connect(databases.migrator_urls["development"], "test") as connection:
        yield connection


@pytest.mark.parametrize("what", FINDINGS)
def test_nothing_is_found(catalog, what: str) -> None:
    assert catalog.execute(FINDINGS[what].encode()).fetchall() == []


def squawk(*files: Path) -> list[tuple[str, str]]:
    """Rule and file of each warning, with the rules off that a runner with its own time-outs has no use for."""
    off = "prefer-robust-stmts,require-lock-timeout,require-statement-timeout"
    command = [str(Path(sys.executable).with_name("squawk")), "--reporter", "json", "--assume-in-transaction"]
    done = subprocess.run(
        [*command, "--pg-version", "15.0", "--exclude", off, *map(str, files)],
        capture_output=True,
        text=True,
        check=False,
    )
    return [(found["rule_name"], Path(found["file"]).name) for found in json.loads(done.stdout)]


def test_the_linter_only_minds_indexes_of_views_made_in_the_same_file() -> None:
    new_views = {"00007_create_product_popularity.up.sql", "00010_create_daily_revenue.up.sql"}
    found = squawk(*sorted(MIGRATIONS.glob("*.up.sql")))
    assert {rule for rule, _ in found} <= {"require-concurrent-index-creation"}
    assert {file for _, file in found} <= new_views


def test_the_linter_minds_the_faulty_index() -> None:
    found = squawk(BLOCKING_INDEX.folder / BLOCKING_INDEX.file)
    assert found == [("require-concurrent-index-creation", BLOCKING_INDEX.file)]


def test_the_pending_files_rewrite_nothing(database) -> None:
    told: list[str] = []
    with connect(database.url, "test") as connection:
        run(connection, MIGRATIONS, 7)
        connection.add_notice_handler(lambda notice: told.append(notice.message_primary or ""))
        connection.execute("SET client_min_messages = debug1")
        run(connection, MIGRATIONS)
    assert any("building index" in message for message in told), "the server told us nothing"
    assert [message for message in told if message.startswith(("rewriting table", "verifying table"))] == []
