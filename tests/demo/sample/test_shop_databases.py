"""The sample databases as their three logins find them, and what is left of them afterwards."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from bot.demo.sample import mishaps
from bot.demo.sample.addresses import Unreachable, connect, from_file
from bot.demo.sample.databases import Environment, SampleDatabases
from checks.scratchdb.sweep import sweep

CHILD = """
import json, sys, time
from pathlib import Path
from bot.demo.sample.databases import Environment, SampleDatabases
databases = SampleDatabases.start(Path(sys.argv[1]), environments=[Environment("production", 7, 50)])
directory = str(databases.servers["production"].server.directory)
print(json.dumps([databases.addresses["production"], directory]), flush=True)
time.sleep(600)
"""


def value(url: str, query: str) -> object:
    with connect(url, "test") as connection:
        row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return row[0]


def test_each_environment_has_its_past_and_a_server_of_its_own(databases) -> None:
    assert databases.applied_versions("development") == tuple(range(1, 11))
    assert databases.applied_versions("staging") == databases.applied_versions("production") == tuple(range(1, 8))
    identities = {
        value(url, "SELECT system_identifier FROM pg_control_system()") for url in databases.addresses.values()
    }
    assert len(identities) == 3
    assert list(databases.addresses) == ["development", "staging", "production"]
    assert databases.variables()["STAGING_DATABASE_URL"] == databases.addresses["staging"]


def test_the_shop_is_full_of_believable_rows(databases) -> None:
    for name, products in (("staging", 90), ("production", 91)):
        url = databases.migrator_urls[name]
        assert value(url, "SELECT count(*) FROM orders") == 4000
        assert value(url, "SELECT count(*) FROM products") == products
        assert value(url, "SELECT count(*) FROM audit_log WHERE actor = 'app' AND table_name = 'orders'") == 4000
        assert value(url, "SELECT count(*) FROM page_events_default") == 0
        assert value(url, "SELECT count(*) FROM orders WHERE placed_at > now()") == 0
        assert value(url, "SELECT count(*) FROM orders WHERE status IN ('pending', 'paid')") > 100
    wrong_totals = """
        SELECT count(*) FROM orders AS o WHERE total_cents <> (
            SELECT sum(quantity * unit_price_cents) FROM order_items WHERE order_id = o.id)"""
    assert value(databases.migrator_urls["production"], wrong_totals) == 0


def test_the_rows_are_the_same_every_time(databases) -> None:
    digest = """
        SELECT md5(string_agg(concat_ws(',', o.id, order_number, user_id, status, total_cents, i.product_id), ';'
                              ORDER BY o.id, i.product_id))
        FROM orders AS o JOIN order_items AS i ON i.order_id = o.id"""
    assert len({value(databases.migrator_urls[name], digest) for name in ("staging", "production")}) == 1


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM orders",
        "SELECT * FROM active_users",
        "DELETE FROM _sqlx_migrations",
        "UPDATE _sqlx_migrations SET success = false",
        "CREATE TABLE mine (id bigint)",
        "CREATE TEMP TABLE mine (id bigint)",
        "INSERT INTO page_events (path) VALUES ('/')",
    ],
)
def test_gonogo_can_neither_read_rows_nor_write(databases, statement: str) -> None:
    with (
        connect(databases.addresses["production"], "test") as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(statement.encode())


def test_gonogo_reads_history_and_statistics_and_is_no_superuser(databases) -> None:
    url = databases.addresses["production"]
    assert value(url, "SELECT count(*) FROM _sqlx_migrations WHERE success") == 7
    assert value(url, "SELECT pg_has_role('pg_monitor', 'MEMBER')") is True
    assert value(url, "SELECT rolsuper OR rolcreaterole OR rolcreatedb FROM pg_roles WHERE rolname = 'gonogo'") is False
    assert value(url, "SELECT rolconnlimit FROM pg_roles WHERE rolname = 'gonogo'") == 5


def test_the_application_cannot_rewrite_history(databases) -> None:
    with connect(from_file(databases.addresses_file, "production", "app"), "test") as connection:
        for statement in (b"DELETE FROM audit_log", b"DELETE FROM _sqlx_migrations", b"DROP TABLE orders"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)


def test_addresses_lie_in_a_file_of_the_owner_and_nowhere_else(databases) -> None:
    assert databases.addresses_file.stat().st_mode & 0o777 == 0o600
    known = json.loads(databases.addresses_file.read_text())
    assert known["production"]["gonogo"] == databases.addresses["production"]
    assert len({password for roles in databases.passwords.values() for password in roles.values()}) == 9
    assert not any(p in repr(databases) for roles in databases.passwords.values() for p in roles.values())


def test_a_stopped_database_answers_again_with_its_data(databases) -> None:
    databases.stop_database("development")
    assert not databases.running("development")
    with pytest.raises(Unreachable, match="is the server up"):
        databases.applied_versions("development")
    databases.start_database("development")
    assert databases.applied_versions("development") == tuple(range(1, 11))


def test_a_locked_table_stays_locked_until_it_is_released(databases) -> None:
    query = "SET lock_timeout = '50ms'; SELECT count(*) FROM orders"
    lock = mishaps.lock_table(databases.migrator_urls["staging"])
    with connect(from_file(databases.addresses_file, "staging", "app"), "test") as connection:
        with pytest.raises(psycopg.errors.LockNotAvailable):
            connection.execute(query)
        blocker = "SELECT application_name, state FROM pg_stat_activity WHERE pid = %s"
        with connect(databases.addresses["staging"], "test") as watcher:
            assert watcher.execute(blocker, [lock.connection.info.backend_pid]).fetchone() == (
                "night-report",
                "idle in transaction",
            )
        lock.release()
        lock.release()
        connection.execute(query)


def test_a_dropped_index_can_be_brought_back(databases) -> None:
    url = databases.migrator_urls["staging"]
    definition = "SELECT pg_get_indexdef(to_regclass('orders_user_id_placed_at_idx'))"
    before = value(url, definition)
    mend = mishaps.drop_index(url)
    assert value(url, definition) is None
    mishaps.execute(url, mend)
    assert value(url, definition) == before


def test_an_invalid_index_is_left_and_can_be_mended(databases) -> None:
    url = databases.migrator_urls["staging"]
    invalid = "SELECT count(*) FROM pg_index WHERE NOT indisvalid"
    mend = mishaps.leave_invalid_index(url)
    assert value(url, invalid) == 1
    mishaps.execute(url, mend)
    assert value(url, invalid) == 0


def test_stop_leaves_nothing(tmp_path: Path) -> None:
    databases = SampleDatabases.start(tmp_path, environments=[Environment("production", 7, 50)])
    directory = databases.servers["production"].server.directory
    assert directory.exists()
    databases.stop()
    databases.stop()
    assert not directory.exists()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_does_not_apply_leaves_no_server(tmp_path: Path) -> None:
    (tmp_path / "1_x.up.sql").write_text("SELECT nothing;")
    before = _our_servers()
    with pytest.raises(Exception, match=r'1_x.up.sql:1: column "nothing" does not exist'):
        SampleDatabases.start(tmp_path, source=tmp_path, environments=[Environment("production", 7, 50)])
    assert _our_servers() == before


def test_servers_end_with_a_killed_parent_and_the_next_start_sweeps(tmp_path: Path) -> None:
    child = subprocess.Popen([sys.executable, "-P", "-c", CHILD, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    url, directory = json.loads(child.stdout.readline())
    postmaster = int((Path(directory) / "data" / "postmaster.pid").read_text().splitlines()[0])
    assert value(url, "SELECT count(*) FROM _sqlx_migrations") == 7
    assert Path(directory) not in sweep()
    child.send_signal(signal.SIGKILL)
    child.wait()
    child.stdout.close()
    while _alive(postmaster):
        time.sleep(0.05)
    sweep()
    assert not Path(directory).exists()


def _our_servers() -> set[str]:
    found = subprocess.run(["ps", "-eo", "pid,ppid,args"], capture_output=True, text=True, check=True).stdout
    supervisors = [
        line.split()[0] for line in found.splitlines() if f" {os.getpid()} " in line and "_supervisor" in line
    ]
    return set(supervisors)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
