"""Sessions on a target: read-only, short, patient with nobody's locks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from checks.base import CannotRun, Check, DatabaseAddress, Inputs, Need, Status, passed
from checks.runner import run_checks
from checks.targetdb import session as sessions
from checks.targetdb.session import Target, database_key
from tests.checks.proxy import Proxy
from tests.postgres import TestDatabase


@contextmanager
def opened(address: DatabaseAddress) -> Iterator[Target]:
    target = Target(address)
    yield target
    target.close()


def test_a_session_is_read_only_and_named(database: TestDatabase) -> None:
    with opened(DatabaseAddress("production", database.admin)) as target:
        with target.session("my-check") as session:
            assert session.value("SELECT current_setting('application_name')") == "gonogo/my-check"
            assert session.value("SELECT current_setting('lock_timeout')") == "200ms"
            assert session.value("SELECT current_setting('statement_timeout')") == "5s"
        with pytest.raises(CannotRun, match="production answered with error 25006"), target.session() as session:
            session.rows("CREATE TABLE t (id int)")


def test_the_statement_time_out_is_never_more_than_fifteen_seconds(database: TestDatabase) -> None:
    with opened(database.address) as target, target.session("slow", statement_timeout=600) as session:
        assert session.value("SELECT current_setting('statement_timeout')") == "15s"


def test_one_connection_serves_many_sessions(database: TestDatabase) -> None:
    with opened(database.address) as target:
        pids = set()
        for _ in range(3):
            with target.session() as session:
                pids.add(session.value("SELECT pg_backend_pid()"))
    assert len(pids) == 1


def test_a_lock_of_a_migration_makes_a_check_busy_and_not_wait(database: TestDatabase) -> None:
    database.execute("CREATE TABLE orders (id int)")
    with database.connect() as migration, migration.transaction(), opened(database.address) as target:
        migration.execute("LOCK TABLE orders IN ACCESS EXCLUSIVE MODE")
        with (
            pytest.raises(CannotRun, match="production is busy: a lock was not free at once"),
            target.session() as session,
        ):
            session.rows("SELECT pg_relation_size('public.orders')")


def test_a_slow_query_is_stopped_by_the_server(database: TestDatabase) -> None:
    with (
        opened(database.address) as target,
        pytest.raises(CannotRun, match="a query was stopped at its time limit"),
        target.session(statement_timeout=0.1) as session,
    ):
        session.rows("SELECT pg_sleep(20)")


def test_the_client_stops_what_the_server_lets_run(database: TestDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "TRANSACTION_TIMEOUT", 0.3)
    with (
        opened(database.address) as target,
        pytest.raises(CannotRun),
        target.session(statement_timeout=15) as session,
    ):
        session.rows("SELECT pg_sleep(12)")
    with database.connect() as connection:
        query = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(12)' AND state = 'active'"
        assert connection.execute(query).fetchone() == (0,)


def test_a_dead_line_ends_at_the_deadline(database: TestDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    """The proxy stops passing bytes on, as a network does that drops packets: no cancel gets through either."""
    monkeypatch.setattr(sessions, "TRANSACTION_TIMEOUT", 0.3)
    monkeypatch.setattr(sessions, "CANCEL_GRACE", 0.3)
    with Proxy(database.server.port) as proxy, opened(proxy.address(database)) as target:
        with pytest.raises(CannotRun, match="the connection to production was lost"), target.session() as session:
            session.value("SELECT 1")
            proxy.frozen.set()
            session.value("SELECT 1")
        proxy.frozen.clear()
        with target.session() as session:
            assert session.value("SELECT 1") == 1


def test_a_pooler_that_refuses_options_gets_a_session_with_the_same_limits(database: TestDatabase) -> None:
    with Proxy(database.server.port, refuse_options=True) as proxy, opened(proxy.address(database)) as target:
        with target.session("x") as session:
            assert session.value("SELECT current_setting('lock_timeout')") == "200ms"
            assert session.value("SELECT current_setting('transaction_read_only')") == "on"
        assert proxy.refused == 1


def test_a_connection_closed_meanwhile_is_replaced(database: TestDatabase) -> None:
    with opened(database.address) as target:
        with target.session() as session:
            pid = session.value("SELECT pg_backend_pid()")
        database.execute(f"SELECT pg_terminate_backend({pid})")
        with target.session() as session:
            assert session.value("SELECT 1") == 1


def test_the_database_key_is_the_same_by_any_name(database: TestDatabase) -> None:
    keys = set()
    for host in ("127.0.0.1", "localhost"):
        address = DatabaseAddress("x", database.monitor.replace("127.0.0.1", host))
        with opened(address) as target, target.session() as session:
            keys.add(database_key(session))
    [key] = keys
    assert key.endswith(f"/{database.name}")


def test_an_unreachable_target_is_asked_once_a_run(database: TestDatabase) -> None:
    with Proxy(database.server.port) as proxy:
        address = proxy.address(database)
        proxy.close_at_once = True
        checks = [
            Check(f"c{n}", "", Need.TARGET, lambda context: passed(str(context.value("SELECT 1")))) for n in range(3)
        ]
        results = [result for _, result in run_checks(checks, Inputs(target=address))]
        assert {result.status for result in results} == {Status.COULD_NOT_RUN}
        assert proxy.connections <= 2  # libpq itself tries again without TLS
