"""Addresses of databases: every form is read, what is wrong is told, and none ever shows."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from checks.base import DatabaseAddress, Inputs, Status
from checks.targetdb import session as sessions
from checks.targetdb.conninfo import CannotConnect, parse
from tests.checks.check_samples import run_one
from tests.postgres import MONITOR_PASSWORD, TestDatabase

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


def test_env_and_service_addresses(database: TestDatabase, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PRODUCTION_URL", database.monitor)
    assert (
        run_one("can-connect", Inputs(target=DatabaseAddress("production", "env:PRODUCTION_URL"))).status
        is Status.PASSED
    )
    monkeypatch.delenv("PRODUCTION_URL")
    result = run_one("can-connect", Inputs(target=DatabaseAddress("production", "env:PRODUCTION_URL")))
    assert result.status is Status.COULD_NOT_RUN
    assert result.summary == "no address for production: the environment variable PRODUCTION_URL is not set"


def test_a_service_of_the_service_file(database: TestDatabase, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "services.conf"
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


def test_a_refusal_has_no_trace_of_the_cause() -> None:
    with pytest.raises(CannotConnect) as caught:
        sessions.connect(DatabaseAddress("production", f"postgresql://u:{SECRET}@127.0.0.1:1/db"))
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
