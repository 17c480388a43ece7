"""Sessions on a target: read-only, short, patient with nobody's locks, and silent about addresses."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

from checks import postgres as sessions
from checks.base import CannotRun, Check, DatabaseAddress, Inputs, Need, Status, passed
from checks.conninfo import CannotConnect, parse
from checks.postgres import Target, database_key
from checks.runner import run_checks
from tests.checks.check_samples import run_one
from tests.postgres import MONITOR_PASSWORD, TestDatabase


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


SECRET = "SECRETpw"


@pytest.mark.parametrize(
    "conninfo",
    [
        f"postgresql://u:x@{SECRET}@127.0.0.1/db",
        f"postgresql://u:SEC%ZZ{SECRET}@127.0.0.1/db",
        f"host=127.0.0.1 password=a {SECRET} user=u",
        f"postgresql://u:{SECRET}@[::1/db",
        f"postgresql://u:a/{SECRET}@127.0.0.1:1/db",
        f"postgresql+psycopg://u:{SECRET}@127.0.0.1/db",
        f"postgresql://u:{SECRET}@127.0.0.1:1/db",
        f"postgresql://u:{SECRET}@no-such-host.invalid/db",
        f"host=a@{SECRET} user=u",
        f"{SECRET}",
        f"env:{SECRET}=x",
        f"service={SECRET}",
        "",
    ],
)
def test_no_address_ever_shows(conninfo: str, caplog: pytest.LogCaptureFixture) -> None:
    inputs = Inputs(target=DatabaseAddress("production", conninfo))
    result = run_one("can-connect", inputs)
    assert result.status in (Status.FAILED, Status.COULD_NOT_RUN)
    assert "production" in result.summary
    assert SECRET not in repr(result) + repr(inputs) + caplog.text


def test_a_wrong_password_is_told_in_own_words(database: TestDatabase) -> None:
    address = DatabaseAddress("production", database.server.conninfo_for(database.name, database.monitor_role, "wr@ng"))
    result = run_one("can-connect", Inputs(target=address))
    assert (result.status, result.summary) == (Status.FAILED, "production refuses the password")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ("database", "production: the server has no such database"),
        ("port", "nothing answers at the address of production"),
    ],
)
def test_what_is_wrong_with_an_address_is_told(database: TestDatabase, change: str, sentence: str) -> None:
    port = database.server.port if change == "database" else 1
    conninfo = database.monitor.replace(f":{database.server.port}/", f":{port}/")
    conninfo = conninfo.replace(database.name, "nowhere") if change == "database" else conninfo
    conninfo = conninfo.replace("nowhere_monitor", database.monitor_role)
    result = run_one("can-connect", Inputs(target=DatabaseAddress("production", conninfo)))
    assert (result.status, result.summary) == (Status.FAILED, sentence)


def test_a_login_out_of_connections_is_told(database: TestDatabase) -> None:
    database.execute(f"ALTER ROLE {database.monitor_role} CONNECTION LIMIT 1")
    with psycopg.connect(database.monitor):
        result = run_one("can-connect", Inputs(target=database.address))
    assert result.summary == "production has no connection left for this role"


def test_env_and_service_addresses(database: TestDatabase, monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    monkeypatch.setenv("PRODUCTION_URL", database.monitor)
    assert (
        run_one("can-connect", Inputs(target=DatabaseAddress("production", "env:PRODUCTION_URL"))).status
        is Status.PASSED
    )
    monkeypatch.delenv("PRODUCTION_URL")
    result = run_one("can-connect", Inputs(target=DatabaseAddress("production", "env:PRODUCTION_URL")))
    assert result.status is Status.COULD_NOT_RUN
    assert result.summary == "no address for production: the environment variable PRODUCTION_URL is not set"


def test_a_service_of_the_service_file(
    database: TestDatabase, monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    from pathlib import Path

    file = Path(str(tmp_path)) / "services.conf"
    password = MONITOR_PASSWORD
    lines = ["[shop]", "host=127.0.0.1", f"port={database.server.port}", f"dbname={database.name}"]
    file.write_text("\n".join([*lines, f"user={database.monitor_role}", f"password={password}", ""]))
    monkeypatch.setenv("PGSERVICEFILE", str(file))
    assert run_one("can-connect", Inputs(target=DatabaseAddress("production", "service=shop"))).status is Status.PASSED
    result = run_one("can-connect", Inputs(target=DatabaseAddress("production", "service=nope")))
    assert result.summary == "production: the service is not in the service file"


def test_key_value_with_a_quoted_password(database: TestDatabase) -> None:
    parameters = parse(DatabaseAddress("x", "host=h password='a b@c%' user=u"))
    assert parameters["password"] == "a b@c%"


def test_a_superuser_login_is_a_warning(database: TestDatabase) -> None:
    result = run_one("can-connect", Inputs(target=DatabaseAddress("production", database.admin)))
    assert result.status is Status.WARNING
    twin = run_one("can-connect", Inputs(target=database.address))
    assert twin.status is Status.PASSED
    assert "primary, PostgreSQL 18.6" in twin.summary


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


def test_a_refusal_has_no_trace_of_the_cause() -> None:
    with pytest.raises(CannotConnect) as caught:
        sessions.connect(DatabaseAddress("production", f"postgresql://u:{SECRET}@127.0.0.1:1/db"))
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


class Proxy:
    """Stands before a server: passes bytes on, can freeze, can refuse the start-up parameter `options`."""

    def __init__(self, port: int, refuse_options: bool = False) -> None:
        self.port = port
        self.refuse_options = refuse_options
        self.refused = self.connections = 0
        self.close_at_once = False
        self.frozen = threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))

    def address(self, database: TestDatabase) -> DatabaseAddress:
        own = self.listener.getsockname()[1]
        conninfo = database.monitor.replace(f":{self.port}/", f":{own}/")
        return DatabaseAddress("production", conninfo + "?sslmode=disable&gssencmode=disable")

    def __enter__(self) -> Proxy:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            if self.close_at_once:
                client.close()
            else:
                threading.Thread(target=self._serve, args=[client], daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        startup = client.recv(65536)
        if self.refuse_options and b"\0options\0" in startup:
            self.refused += 1
            fields = b"SFATAL\0VFATAL\0C08P01\0Munsupported startup parameter: options\0\0"
            client.sendall(b"E" + (len(fields) + 4).to_bytes(4, "big") + fields)
            client.close()
            return
        server = socket.create_connection(("127.0.0.1", self.port))
        server.sendall(startup)
        for source, sink in ((client, server), (server, client)):
            threading.Thread(target=self._pass_on, args=[source, sink], daemon=True).start()

    def _pass_on(self, source: socket.socket, sink: socket.socket) -> None:
        try:
            while data := source.recv(65536):
                while self.frozen.is_set():
                    time.sleep(0.01)
                sink.sendall(data)
        except OSError:
            pass
        sink.close()
