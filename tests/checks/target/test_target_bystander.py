"""No target check waits behind a migration, makes one wait, or writes anything."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

from checks.base import Check, Inputs, Need, Status
from checks.catalogue import CATALOGUE
from checks.runner import run_checks
from checks.targetdb.baseline import take
from checks.targetdb.live import read_live
from checks.targetdb.session import Target
from tests.checks.check_samples import migrations
from tests.checks.history_samples import sqlx_history
from tests.checks.target.estate import build
from tests.postgres import TestDatabase, make_database

FILES = migrations("ALTER TABLE orders ADD note text;", "CREATE INDEX orders_at ON orders (at);")
TARGET_CHECKS = [check for check in CATALOGUE.values() if check.needs in (Need.TARGET, Need.PAIR)]
OPTIONS = {
    "critical-queries": {"queries": ["SELECT * FROM orders WHERE user_id = 3"], "allow_row_reads": True},
    "application-connected": {"applications": ["shop"]},
    "foreign-key-orphans": {"tables": ["orders"]},
    "materialized-views-fresh": {"columns": {"daily_sales": "day"}},
}
# Who of us waits for whom, and who waits for us.
_WAITS = """
SELECT a.application_name, w.application_name FROM pg_stat_activity a
CROSS JOIN LATERAL unnest(pg_blocking_pids(a.pid)) AS b(pid) JOIN pg_stat_activity w ON w.pid = b.pid
WHERE a.application_name LIKE 'gonogo/%' OR w.application_name LIKE 'gonogo/%'
"""


class Watch:
    """Looks every few milliseconds who waits for whom, on a connection of its own."""

    def __init__(self, database: TestDatabase) -> None:
        self.database = database
        self.seen: set[tuple[str, str]] = set()
        self.looks = 0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join(10)

    def _look(self) -> None:
        with self.database.connect() as connection:
            while not self._done.is_set():
                self.seen.update(connection.execute(_WAITS.encode()).fetchall())
                self.looks += 1
                time.sleep(0.005)


@contextmanager
def migration_holds_everything(database: TestDatabase) -> Iterator[None]:
    """ACCESS EXCLUSIVE on every relation of the estate, in an open transaction, and one ALTER that waits for it."""
    with database.connect() as holder, database.connect() as waiter, holder.transaction(force_rollback=True):
        holder.execute("LOCK TABLE users, orders, audit_log IN ACCESS EXCLUSIVE MODE")
        holder.execute("ALTER MATERIALIZED VIEW daily_sales SET (fillfactor = 90)")
        holder.execute("ALTER TABLE users ALTER id RESTART WITH 1000")
        thread = threading.Thread(target=_alter, args=[waiter], daemon=True)
        thread.start()
        yield
        waiter.cancel_safe()
        thread.join(10)


def _alter(connection: psycopg.Connection) -> None:
    with pytest.raises(psycopg.errors.QueryCanceled):
        connection.execute("ALTER TABLE orders ADD COLUMN waiting int")


def inputs_of(database: TestDatabase, other: TestDatabase) -> Inputs:
    return Inputs(
        migrations=FILES,
        target=database.address,
        compare_with=other.address,
        baseline=take(database.address),
        since="2026-11-22T00:00:00Z",
        options=OPTIONS,
    )


def run_all(inputs: Inputs) -> dict[str, tuple[Status, str, float]]:
    outcomes: Iterator[tuple[Check[object], object]] = run_checks(TARGET_CHECKS, inputs)  # type: ignore[assignment]
    return {check.id: (result.status, result.summary, result.took) for check, result in outcomes}  # type: ignore[attr-defined]


def prepared(database: TestDatabase, other: TestDatabase) -> Inputs:
    for one in (database, other):
        build(one)
        one.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {one.monitor_role}")
    sqlx_history(database, FILES.ups[:1])
    return inputs_of(database, other)


def broken(found: dict[str, tuple[Status, str, float]]) -> list[str]:
    """Checks that raised, or did not end in time."""
    words = ("the check itself failed", "not finished after", "answered with error", "connection")
    return [
        f"{id}: {summary}"
        for id, (status, summary, _) in found.items()
        if status is Status.COULD_NOT_RUN and any(word in summary for word in words)
    ]


def test_no_check_waits_behind_access_exclusive_or_makes_others_wait(database: TestDatabase) -> None:
    with make_database(database.server) as other:
        inputs = prepared(database, other)
        with migration_holds_everything(database), Watch(database) as watch:
            found = run_all(inputs)
    assert broken(found) == []
    assert watch.looks > 0
    assert watch.seen == set()
    assert found["blocking"][0] is Status.WARNING
    assert "ACCESS EXCLUSIVE" in found["schema-matches"][1]
    assert "is locked by a running change" in found["partition-coverage"][1]
    could_not = {id for id, (status, _, _) in found.items() if status is Status.COULD_NOT_RUN}
    opens = {
        "foreign-key-orphans",
        "materialized-views-fresh",
        "schema-matches",
        "critical-queries",
        "query-plans",
        "partition-pruning",
    }
    reads_bounds = {"partition-coverage", "partition-usage", "old-partitions", "partition-job"}
    assert could_not <= opens | reads_bounds | {"slow-queries", "sequences-behind"}
    assert "is locked by a running change" in found["sequences-behind"][1]


def test_create_index_concurrently_goes_on_beside_every_check(database: TestDatabase) -> None:
    """An old transaction keeps the build waiting, as it does in real life; then it ends while checks run."""
    with make_database(database.server) as other:
        inputs = prepared(database, other)
        with database.connect() as old, database.connect() as builder, Watch(database) as watch:
            old.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
            old.execute("SELECT count(*) FROM orders")
            build_index = threading.Thread(
                target=builder.execute, args=["CREATE INDEX CONCURRENTLY orders_total ON orders (total)"], daemon=True
            )
            build_index.start()
            found = run_all(inputs)
            progress = live_lines(database)
            old.execute("ROLLBACK")
            build_index.join(20)
            assert not build_index.is_alive()
    assert broken(found) == []
    assert not any(blocker.startswith("gonogo/") for _, blocker in watch.seen)
    assert not any(waiter.startswith("gonogo/") for waiter, _ in watch.seen)
    assert any(line.startswith("CREATE INDEX") for line in progress)
    assert found["invalid-indexes"][0] is Status.PASSED


def live_lines(database: TestDatabase) -> list[str]:
    target = Target(database.address)
    with target.session("live") as session:
        lines = read_live(session).lines()
    target.close()
    return lines


def test_nothing_on_the_target_is_written(database: TestDatabase) -> None:
    """No transaction number was used, so nothing was; asked as a superuser, whom no missing right holds back."""
    query = "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint"
    with make_database(database.server) as other:
        inputs = prepared(database, other)
        with database.connect() as connection:
            before = connection.execute(query).fetchone()
            run_all(inputs)
            assert connection.execute(query).fetchone() == before


@pytest.mark.postgres15
def test_every_check_runs_on_postgresql_15(database15: TestDatabase) -> None:
    with make_database(database15.server) as other:
        found = run_all(prepared(database15, other))
    assert broken(found) == []
    assert found["schema-matches"][0] is Status.PASSED
