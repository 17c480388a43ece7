"""What goes wrong between us and a target: one sentence each, and the other checks go on."""

from __future__ import annotations

import threading
import time
from urllib.parse import quote

import pytest

from checks.base import DatabaseAddress, Inputs, Need, Status
from checks.catalogue import CATALOGUE
from checks.runner import run_checks
from tests.checks.check_samples import migrations
from tests.checks.history_samples import sqlx_history
from tests.checks.proxy import Proxy
from tests.checks.target.estate import ask, build
from tests.postgres import TestDatabase

CHECKS = [check for check in CATALOGUE.values() if check.needs is Need.TARGET]


def run_all(address: DatabaseAddress) -> list[tuple[str, Status, str, str]]:
    inputs = Inputs(target=address, migrations=migrations("SELECT 1;"))
    return [(check.id, result.status, result.summary, result.hint) for check, result in run_checks(CHECKS, inputs)]


def test_a_database_that_goes_midway_stops_no_other_check(database: TestDatabase) -> None:
    """Our session is ended again and again while the checks run; each ends in a verdict or one sentence."""
    build(database)
    done = threading.Event()

    def cut() -> None:
        ours = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'gonogo%'"
        with database.connect() as connection:
            while not done.wait(0.02):
                connection.execute(f"{ours} AND datname = '{database.name}'".encode())

    thread = threading.Thread(target=cut, daemon=True)
    thread.start()
    found = run_all(database.address)
    done.set()
    thread.join(10)
    assert len(found) == len(CHECKS)
    assert not [row for row in found if "the check itself failed" in row[2]]
    assert not [row for row in found if "Traceback" in row[2]]


@pytest.mark.parametrize("password", ["wr@ng", "p%4x", "with space", "sl/ash"])
def test_a_wrong_password_is_said_and_never_shown(database: TestDatabase, password: str) -> None:
    server = database.server
    conninfo = (
        f"postgresql://{database.monitor_role}:{quote(password, safe='')}@127.0.0.1:{server.port}/{database.name}"
    )
    found = run_all(DatabaseAddress("production", conninfo))
    assert {status for _, status, _, _ in found} <= {Status.COULD_NOT_RUN, Status.FAILED, Status.NOT_APPLICABLE}
    assert any("refuses the password" in summary for _, _, summary, _ in found)
    assert not [row for row in found if password in " ".join(map(str, row))]


def test_a_role_without_pg_monitor_is_told_what_to_grant(database: TestDatabase) -> None:
    build(database)
    sqlx_history(database, migrations("SELECT 1;").ups)
    role = database.monitor_role
    database.execute(f"REVOKE pg_monitor FROM {role}; REVOKE SELECT ON _sqlx_migrations FROM {role}")
    found = {name: (status, summary, hint) for name, status, summary, hint in run_all(database.address)}
    database.execute(f"GRANT pg_monitor TO {role}")
    assert found["migrations-pending"][2] == f"GRANT SELECT ON public._sqlx_migrations TO {role}"
    assert found["disk-use"][2] == f"grant EXECUTE on it to {role}"
    assert found["invalid-indexes"][0] is Status.PASSED
    assert not [name for name, row in found.items() if "the check itself failed" in row[1]]


def test_sequences_that_may_not_be_read_name_the_grant(database: TestDatabase) -> None:
    build(database)
    database.execute(f"REVOKE SELECT ON ALL SEQUENCES IN SCHEMA public FROM {database.monitor_role}")
    result = ask("key-overflow", database)
    wanted = f"GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO {database.monitor_role}"
    assert (result.status, result.hint) == (Status.COULD_NOT_RUN, wanted)


def test_a_pooler_that_refuses_options_serves_every_check(database: TestDatabase) -> None:
    build(database)
    with Proxy(database.server.port, refuse_options=True) as proxy:
        found = run_all(proxy.address(database))
        assert proxy.refused >= 1
    assert not [row for row in found if "start-up options" in row[2] or "the check itself failed" in row[2]]
    assert {row[0]: row[1] for row in found}["invalid-indexes"] is Status.PASSED


def test_a_line_that_freezes_costs_one_check_at_most(database: TestDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    from checks.targetdb import session as sessions

    monkeypatch.setattr(sessions, "TRANSACTION_TIMEOUT", 0.4)
    monkeypatch.setattr(sessions, "CANCEL_GRACE", 0.2)
    build(database)
    wanted = [CATALOGUE[name] for name in ("invalid-indexes", "wraparound", "tls")]
    with Proxy(database.server.port) as proxy:
        run = run_checks(wanted, Inputs(target=proxy.address(database)))
        assert next(run)[1].status is Status.PASSED
        proxy.frozen.set()
        threading.Thread(target=lambda: (time.sleep(1.5), proxy.frozen.clear()), daemon=True).start()
        results = [result for _, result in run]
    assert not [result for result in results if "the check itself failed" in result.summary]
    assert results[-1].summary.startswith("ssl ")
