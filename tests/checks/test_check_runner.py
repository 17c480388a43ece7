"""The runner: order, shared contexts, exceptions, time-outs, and what a result was made from."""

from __future__ import annotations

import hashlib
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from checks.base import (
    Check,
    DatabaseAddress,
    Finding,
    Inputs,
    MigrationSet,
    Need,
    Result,
    Status,
    failed,
    hash_findings,
    passed,
)
from checks.catalogue import CATALOGUE
from checks.contexts import FilesContext
from checks.findings import exit_code, result_as_json
from checks.migrations import fingerprint
from checks.risk.facts import StatementRisk
from checks.runner import TIME_LIMITS, run_checks
from tests.checks.check_samples import migrations
from tests.postgres import TestDatabase

FILES = migrations("CREATE TABLE a (id int);", "CREATE INDEX a_id ON a (id);")


def check(check_id: str, run: Any, needs: Need = Need.FILES) -> Check[Any]:
    return Check(check_id, check_id, needs, run)


def explode(context: object) -> Result:
    raise RuntimeError("postgresql://u:SECRETpw@host/db")


def test_an_exception_stops_no_other_check_and_shows_no_secret(caplog: pytest.LogCaptureFixture) -> None:
    checks = [check("bad", explode), check("good", lambda context: passed("fine"))]
    results = [result for _, result in run_checks(checks, Inputs(migrations=FILES))]
    assert [result.status for result in results] == [Status.COULD_NOT_RUN, Status.PASSED]
    assert results[0].summary == "the check itself failed (RuntimeError); its trace is in the log"
    assert "in explode" in caplog.text
    assert "SECRETpw" not in repr(results) + caplog.text


def test_a_time_out_is_told_and_the_next_check_runs() -> None:
    checks = [check("slow", lambda context: time.sleep(30)), check("good", lambda context: passed("fine"))]
    results = list(run_checks(checks, Inputs(migrations=FILES), time_limits={Need.FILES: 0.2}))
    assert results[0][1].summary == "not finished after 200 ms"
    assert results[1][1].status is Status.PASSED


def test_a_query_on_the_target_ends_with_its_check(database: TestDatabase) -> None:
    checks = [
        check("slow", lambda context: passed(str(context.rows("SELECT pg_sleep(4.5)"))), Need.TARGET),
        check("good", lambda context: passed(str(context.value("SELECT 42"))), Need.TARGET),
    ]
    results = list(run_checks(checks, Inputs(target=database.address), time_limits={Need.TARGET: 0.5}))
    assert [result.status for _, result in results] == [Status.COULD_NOT_RUN, Status.PASSED]
    with database.connect() as connection:
        query = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%%pg_sleep(4.5)'"
        assert connection.execute(query).fetchone() == (0,)


@pytest.mark.parametrize(
    ("needs", "sentence"),
    [
        (Need.FILES, "no migration files are configured"),
        (Need.SCRATCH, "no migration files are configured"),
        (Need.TARGET, "no database is configured for production"),
        (Need.PAIR, "no second database to compare with"),
        (Need.COMMAND, "no probe x is configured"),
        (Need.OWN, "only a running deployment knows this"),
    ],
)
def test_what_is_missing_is_told_and_never_a_pass(needs: Need, sentence: str) -> None:
    x = check("x", lambda context: passed(getattr(context, "spec", context).id), needs)
    [(_, result)] = run_checks([x], Inputs(options={"environment": "production"}))
    assert (result.status, result.summary) == (Status.COULD_NOT_RUN, sentence)
    assert result.hint


def test_files_are_read_once_for_all_checks() -> None:
    seen = []
    checks = [check(str(n), lambda context: (seen.append(context), passed(""))[1]) for n in range(3)]
    list(run_checks(checks, Inputs(migrations=FILES)))
    assert len({id(context) for context in seen}) == 1


def test_one_scratch_database_serves_a_run_and_is_dropped(postgres: Any) -> None:
    import psycopg

    names = []
    checks = [check(str(n), lambda c: (names.append(c.database.name), passed(""))[1], Need.SCRATCH) for n in range(2)]
    list(run_checks(checks, Inputs(migrations=FILES, scratch_server="embedded")))
    assert len(set(names)) == 1
    with psycopg.connect(postgres.conninfo) as connection:
        found = connection.execute("SELECT count(*) FROM pg_database WHERE datname = %s", [names[0]]).fetchone()
        roles = connection.execute("SELECT count(*) FROM pg_roles WHERE rolname = %s", [names[0]]).fetchone()
    assert (found, roles) == ((0,), (0,))


def test_stopping_early_drops_the_database_too(postgres: Any) -> None:
    import psycopg

    run = run_checks(
        [CATALOGUE["applies-to-scratch"], CATALOGUE["tables-created"]],
        Inputs(migrations=FILES, scratch_server="embedded"),
    )
    next(run)
    run.close()  # type: ignore[attr-defined]
    with psycopg.connect(postgres.conninfo) as connection:
        query = "SELECT count(*) FROM pg_database WHERE datname LIKE 'gonogo_%%'"
        assert connection.execute(query).fetchone() == (0,)


def test_progress_is_told_before_each() -> None:
    told: list[tuple[str, int, int]] = []
    checks = [check("a", lambda context: passed("")), check("b", lambda context: passed(""))]
    list(run_checks(checks, Inputs(migrations=FILES), lambda c, n, total: told.append((c.id, n, total))))
    assert told == [("a", 1, 2), ("b", 2, 2)]


def test_inputs_hash_of_files_and_scratch_is_of_fingerprint_major_and_version() -> None:
    wanted = [CATALOGUE["syntax"], CATALOGUE["tables-created"]]
    results = [result for _, result in run_checks(wanted, Inputs(migrations=FILES, scratch_server="embedded"))]
    expected = hashlib.sha256(f"{fingerprint(FILES.files)}\n18\n1".encode()).hexdigest()
    assert [result.inputs_hash for result in results] == [expected, expected]
    assert all(result.took >= 0 for result in results)


def test_inputs_hash_of_a_target_is_of_its_findings(database: TestDatabase) -> None:
    finding = Finding("12 rows", "orders")
    x = check("x", lambda context: failed("12 rows", [finding]), Need.TARGET)
    [(_, result)] = run_checks([x], Inputs(target=database.address))
    assert result.inputs_hash == hash_findings([Finding("13 rows", "orders")])


def test_two_targets_make_a_pair(database: TestDatabase) -> None:
    other = DatabaseAddress("staging", database.admin)
    both = "SELECT current_user::text"
    x = check("x", lambda pair: passed(f"{pair.target.value(both)} {pair.other.value(both)}"), Need.PAIR)
    [(_, result)] = run_checks([x], Inputs(target=database.address, compare_with=other))
    assert result.summary == f"{database.monitor_role} postgres"


def test_json_and_exit_codes() -> None:
    finding = Finding("gone", "orders", "00001_a.sql", 3, "make it", "error")
    x = check("x", lambda context: failed("1 gone", [finding], "make it"))
    outcomes = list(run_checks([x], Inputs(migrations=FILES)))
    shown = result_as_json(*outcomes[0])
    assert {key: shown[key] for key in ("check", "status", "summary", "hint")} == {
        "check": "x",
        "status": "failed",
        "summary": "1 gone",
        "hint": "make it",
    }
    assert shown["findings"] == [
        {
            "object": "orders",
            "file": "00001_a.sql",
            "line": 3,
            "message": "gone",
            "hint": "make it",
            "severity": "error",
        }
    ]
    could_not, fine = Result(Status.COULD_NOT_RUN, ""), Result(Status.WARNING, "")
    assert [exit_code(r) for r in ([fine], [fine, could_not], [could_not, outcomes[0][1]])] == [0, 2, 1]


def test_every_check_says_what_it_decides_costs_and_how_to_mend() -> None:
    for check_id, found in CATALOGUE.items():
        assert check_id == found.id == check_id.lower().replace("_", "-")
        assert all((found.title, found.decides, found.cost, found.fix)), check_id
        assert found.needs in TIME_LIMITS or found.needs is Need.SCRATCH


def test_what_one_run_observes_holds_up_no_other() -> None:
    """Its files may take minutes to apply."""
    begun, goes_on = threading.Event(), threading.Event()

    def slow() -> dict[tuple[str, int], StatementRisk | None]:
        begun.set()
        goes_on.wait(60)
        return {}

    one, other = (FilesContext(MigrationSet(()), observe=observe) for observe in (slow, dict))
    waiting = threading.Thread(target=lambda: one.observed)
    waiting.start()
    try:
        assert begun.wait(30)
        with ThreadPoolExecutor(1) as pool:
            asked = pool.submit(lambda: other.observed)
            try:
                assert asked.result(20) == {}
            finally:
                goes_on.set()
    finally:
        goes_on.set()
        waiting.join(30)
