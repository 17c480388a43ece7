"""The restore drill: an archive of pg_dump is restored into a scratch database and compared."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from checks.base import DatabaseAddress, Inputs, Status
from tests.checks.probes.dumping import SHOP, dump, restore
from tests.checks.probes.probe_samples import findings, program
from tests.postgres import POSTGRES_15, TestDatabase


@pytest.fixture
def shop(database: TestDatabase) -> TestDatabase:
    database.execute(SHOP)
    return database


def against(database: TestDatabase) -> Inputs:
    return Inputs(scratch_server="embedded", target=database.address)


def scratch_databases(database: TestDatabase) -> int:
    """The embedded scratch server of this process is the tests' own."""
    with psycopg.connect(database.admin) as connection:
        row = connection.execute("SELECT count(*) FROM pg_database WHERE datname LIKE 'gonogo\\_%'").fetchone()
    return int(row[0]) if row else -1


def test_a_dump_that_restores(shop: TestDatabase, tmp_path: Path) -> None:
    made = int(dump(shop, tmp_path / "shop.dump", age=3600).stat().st_mtime)
    result = restore(tmp_path, against(shop))
    assert result.inputs_hash.startswith(f"{datetime.fromtimestamp(made, UTC):%Y-%m-%dT%H:%M:%SZ}/")
    assert result.status is Status.PASSED, result.summary
    summary = r"shop.dump, 1 h old, restored into scratch in [\d.]+ m?s: 4 tables, 2,210 rows, users 1,200"
    assert re.fullmatch(summary, result.summary)
    assert scratch_databases(shop) == 0


@pytest.mark.parametrize("form", ["tar", "directory"])
def test_other_forms(shop: TestDatabase, tmp_path: Path, form: str) -> None:
    dump(shop, tmp_path / "shop.dump", f"--format={form}")
    assert restore(tmp_path).status is Status.PASSED


def test_roles_of_policies_are_made_on_our_own_server(shop: TestDatabase, tmp_path: Path) -> None:
    role = f"{shop.name}_app"
    shop.execute(
        f"CREATE ROLE {role}; ALTER TABLE users ENABLE ROW LEVEL SECURITY;"
        f"CREATE POLICY own ON users TO {role} USING (true); GRANT SELECT ON users TO {role};"
    )
    dump(shop, tmp_path / "shop.dump")
    shop.execute(f"DROP OWNED BY {role}; DROP ROLE {role}")
    assert restore(tmp_path).status is Status.PASSED


def test_rows_that_are_missing(shop: TestDatabase, tmp_path: Path) -> None:
    dump(shop, tmp_path / "shop.dump", "--exclude-table-data=orders")
    result = restore(tmp_path, against(shop))
    assert (result.status, findings(result)) == (Status.FAILED, [("orders", "has 0 rows, about 1,000 in use")])
    assert result.summary.endswith("orders has 0 rows, about 1,000 in use")


def test_a_table_that_is_missing_and_one_that_shrank(shop: TestDatabase, tmp_path: Path) -> None:
    dump(shop, tmp_path / "shop.dump")
    shop.execute(
        "CREATE TABLE payments (id int); INSERT INTO users SELECT n, '' FROM generate_series(2000, 9000) n; ANALYZE"
    )
    result = restore(tmp_path, against(shop))
    assert result.status is Status.WARNING
    assert sorted(findings(result)) == [("payments", "is not in it"), ("users", "has 1,200 rows, about 8,201 in use")]


def test_an_archive_that_was_cut(shop: TestDatabase, tmp_path: Path) -> None:
    """Its listing is whole: only a restore shows it."""
    path = dump(shop, tmp_path / "shop.dump", "--compress=0")
    content = path.read_bytes()
    path.write_bytes(content[: len(content) - 12000])
    result = restore(tmp_path)
    assert result.status is Status.FAILED, result.summary
    assert result.summary.startswith("the newest dump does not restore: ")
    assert scratch_databases(shop) == 0


def test_an_error_while_restoring(shop: TestDatabase, tmp_path: Path) -> None:
    """A check that rows of the archive do not fulfil, since it looks at another table."""
    shop.execute(
        "CREATE FUNCTION known(bigint) RETURNS boolean LANGUAGE sql AS"
        " 'SELECT EXISTS (SELECT FROM public.users WHERE id = $1)';"
        "CREATE TABLE aa (user_id bigint CHECK (known(user_id))); INSERT INTO aa VALUES (1)"
    )
    dump(shop, tmp_path / "shop.dump")
    result = restore(tmp_path)
    assert result.status is Status.FAILED
    assert 'violates check constraint "aa_user_id_check"' in result.summary


@pytest.mark.postgres15
def test_an_extension_that_the_scratch_server_lacks(database15: TestDatabase, tmp_path: Path) -> None:
    database15.execute("CREATE EXTENSION pgcrypto; CREATE TABLE t (id uuid DEFAULT gen_random_uuid())")
    dump(database15, tmp_path / "shop.dump")
    result = restore(tmp_path)
    assert result.status is Status.COULD_NOT_RUN
    assert result.summary.startswith("the scratch server has no pgcrypto, so shop.dump cannot be restored there")


@pytest.mark.postgres15
def test_into_postgres_15(database15: TestDatabase, tmp_path: Path) -> None:
    """With the older pg_restore of that server, and with a newer one that sets what 15 does not know."""
    database15.execute(SHOP)
    dump(database15, tmp_path / "shop.dump")
    inputs = Inputs(scratch_server=f"bin:{POSTGRES_15}", target=database15.address)
    assert restore(tmp_path, inputs).status is Status.PASSED
    from checks.scratchdb.cluster import embedded_bin_dir

    newer = restore(tmp_path, inputs, pg_restore=str(embedded_bin_dir() / "pg_restore"))
    assert newer.status is Status.PASSED, newer.summary


def test_no_scratch_server_and_one_that_is_an_environments_own(shop: TestDatabase, tmp_path: Path) -> None:
    dump(shop, tmp_path / "shop.dump")
    assert restore(tmp_path, Inputs()).summary == "no scratch server is configured"
    own = Inputs(scratch_server=shop.admin, forbidden_scratch=(DatabaseAddress("production", shop.admin),))
    refused = restore(tmp_path, own)
    assert (refused.status, "is the server of production" in refused.summary) == (Status.COULD_NOT_RUN, True)


def test_sql_cannot_be_restored_by_pg_restore(shop: TestDatabase, tmp_path: Path) -> None:
    dump(shop, tmp_path / "shop.dump", "--format=plain")
    result = restore(tmp_path)
    assert (result.status, result.hint) == (Status.COULD_NOT_RUN, "dump with --format=custom")


def test_one_that_takes_too_long(shop: TestDatabase, tmp_path: Path) -> None:
    dump(shop, tmp_path / "shop.dump")
    slow = wrapped(shop, tmp_path, 'case "$*" in *--dbname*) sleep 600;; esac')
    result = restore(tmp_path, timeout=2, pg_restore=slow)
    assert (result.status, result.summary) == (Status.COULD_NOT_RUN, "not restored after 2 s")
    assert scratch_databases(shop) == 0


def wrapped(database: TestDatabase, folder: Path, before: str) -> str:
    """The real pg_restore, with something that happens before it."""
    return str(program(folder, "pg_restore", f'#!/bin/sh\n{before}\nexec {database.server.bin_dir}/pg_restore "$@"\n'))


def test_the_password_of_the_scratch_server_is_in_no_argument(shop: TestDatabase, tmp_path: Path) -> None:
    dump(shop, tmp_path / "shop.dump")
    noting = wrapped(shop, tmp_path, 'echo "$@" >> called; env >> environment')
    assert restore(tmp_path, pg_restore=noting).status is Status.PASSED
    password = re.findall(r"^PGPASSWORD=(.+)$", (tmp_path / "environment").read_text(), re.MULTILINE)[-1]
    assert password not in (tmp_path / "called").read_text()
