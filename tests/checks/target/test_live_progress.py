"""What goes on in a database now, seen while it goes on."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg

from checks.base import Status
from checks.targetdb import live
from checks.targetdb.live import LINE, LiveProgress, read_live
from checks.targetdb.session import Target
from tests.checks.check_samples import migrations
from tests.checks.history_samples import sqlx_history
from tests.checks.target.estate import ask, build, messages
from tests.postgres import TestDatabase

FILES = migrations("ALTER TABLE orders ADD note text;", "DROP TABLE users;")


def look(database: TestDatabase) -> LiveProgress:
    target = Target(database.address)
    try:
        with target.session("live") as session:
            return read_live(session)
    finally:
        target.close()


def eventually(database: TestDatabase, holds: Callable[[LiveProgress], bool]) -> LiveProgress:
    """The first look for which it holds, within ten seconds."""
    for _ in range(200):
        if holds(found := look(database)):
            return found
        time.sleep(0.05)
    raise AssertionError(found)


@contextmanager
def waiting_for(database: TestDatabase, statement: str) -> Iterator[psycopg.Connection]:
    """A session `deploy` that holds ACCESS EXCLUSIVE on orders, and a session `shop` whose statement waits for it."""
    with database.connect() as holder, database.connect() as waiter:
        holder.execute("SET application_name = 'deploy'; BEGIN; LOCK TABLE orders IN ACCESS EXCLUSIVE MODE")
        waiter.execute("SET application_name = 'shop'")
        thread = threading.Thread(target=waiter.execute, args=[statement.encode()], daemon=True)
        thread.start()
        yield holder
        holder.execute("ROLLBACK")
        thread.join(10)


def test_a_quiet_database_has_nothing_to_say(database: TestDatabase) -> None:
    build(database)
    found = look(database)
    assert (found.lines(), found.blockers, found.transactions) == ([], (), ())


def test_who_waits_for_whom_and_what_to_type(database: TestDatabase) -> None:
    build(database)
    with waiting_for(database, "SELECT count(*) FROM orders") as holder:
        found = eventually(database, lambda live: bool(live.blocked))
        result = ask("blocking", database)
        pid = holder.info.backend_pid
    assert found.blockers == (pid,)
    assert f"AccessShareLock on orders, blocked by pid {pid}" in found.lines()[0]
    assert "(shop) waits" in found.lines()[0]
    assert found.cancel == (f"SELECT pg_terminate_backend({pid})",)  # it is idle in its transaction
    assert result.status is Status.WARNING
    assert result.hint == f"SELECT pg_terminate_backend({pid})"


def test_progress_of_an_index_build(database: TestDatabase) -> None:
    build(database)
    with database.connect() as old, database.connect() as builder:
        old.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        old.execute("SELECT count(*) FROM users")
        statement = "CREATE INDEX CONCURRENTLY orders_total ON orders (total)"
        thread = threading.Thread(target=builder.execute, args=[statement], daemon=True)
        thread.start()
        found = eventually(database, lambda live: bool(live.running))
        result = ask("migration-progress", database, migrations=FILES)
        old.execute("ROLLBACK")
        thread.join(20)
    assert found.running[0].line.startswith("CREATE INDEX CONCURRENTLY orders_total")
    assert "waiting for" in found.running[0].phase
    assert "CREATE INDEX CONCURRENTLY orders_total" in result.summary


def test_progress_counts_what_is_applied(database: TestDatabase) -> None:
    build(database)
    sqlx_history(database, FILES.ups[:1])
    result = ask("migration-progress", database, migrations=FILES)
    assert result.status is Status.PASSED
    assert result.summary == "1 of 2 applied; no long command reports progress; nobody waits for a lock"
    assert look(database).lines() == ["1 row in the history table"]


def test_progress_without_the_grant_still_shows_the_rest(database: TestDatabase) -> None:
    build(database)
    sqlx_history(database, FILES.ups[:1])
    database.execute(f"REVOKE SELECT ON _sqlx_migrations FROM {database.monitor_role}")
    assert look(database).history_rows is None
    result = ask("migration-progress", database, migrations=FILES)
    assert result.summary.startswith("production: the role may not read table _sqlx_migrations; no long command")


def test_a_transaction_left_open_is_a_conflict_before_the_migration(database: TestDatabase) -> None:
    build(database)
    assert ask("lock-conflicts", database, migrations=FILES).status is Status.PASSED
    with database.connect() as left:
        left.execute("SET application_name = 'report'; BEGIN; SELECT count(*) FROM users")
        result = ask("lock-conflicts", database, migrations=FILES, options={"transaction_seconds": 0})
        pid = left.info.backend_pid
    assert result.status is Status.WARNING
    assert messages(result)[0].startswith(
        f"pid {pid} (report) idle in transaction holds AccessShareLock on users since"
    )
    assert result.hint == f"SELECT pg_terminate_backend({pid})"


def test_what_others_look_for_is_not_shown(database: TestDatabase) -> None:
    """The statement of another session holds values of rows, also where it is cut in the middle of one."""
    build(database)
    with database.connect() as left:
        left.execute("BEGIN")
        for value in ("planted41", f"{'x' * 70}planted41"):
            left.execute(f"SELECT count(*) FROM users WHERE email = '{value}'".encode())
            [found] = look(database).transactions
            assert found.query.startswith("SELECT count(*) FROM users WHERE email = ")
            assert "planted" not in str(found) and "xxx" not in str(found)


def test_every_line_fits(database: TestDatabase) -> None:
    name = "a_table_with_a_very_long_name_that_goes_on_and_on_to_the_limit_63"
    database.execute(f"CREATE TABLE {name[:63]} (id int); CREATE TABLE orders (id int)")
    statement = f"SELECT count(*) FROM orders, {name[:63]} WHERE {' AND '.join(['true'] * 60)}"
    with waiting_for(database, statement):
        found = eventually(database, lambda live: bool(live.blocked))
    assert found.lines()
    assert all(len(line) <= LINE and "\n" not in line for line in found.lines())


def test_progress_views_exist_in_every_version(database: TestDatabase) -> None:
    with database.connect() as connection:
        for query in (*live.PROGRESS.values(), live.COPY):
            assert connection.execute(query.encode()).fetchall() == []
