"""What is compared with the time before go passes with its numbers, and warns with the number that deviates."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime

import psycopg
import pytest

from checks.base import DatabaseAddress, Status
from checks.scratchdb.server import start_server
from checks.scratchdb.sweep import PREFIX, owned_folder
from checks.targetdb.baseline import take
from tests.checks.target.estate import ask, ask_address, build, messages
from tests.checks.target.test_target_health import settle
from tests.postgres import TestDatabase


def commits(database: TestDatabase, count: int) -> None:
    with database.connect() as connection:
        for _ in range(count):
            connection.execute("SELECT 1")
        connection.execute("SELECT pg_stat_force_next_flush()")


def test_metrics_are_those_of_before_or_the_one_that_is_not_is_named(database: TestDatabase) -> None:
    build(database)
    baseline = take(database.address)
    few = ask("performance", database, baseline=baseline)
    assert (few.status, few.summary.endswith("too few commits to tell")) == (Status.EVIDENCE, True)
    commits(database, 120)
    good = ask("performance", database, baseline=baseline)
    assert (good.status, "0 deadlocks" in good.summary) == (Status.PASSED, True), good
    with database.connect() as connection:
        connection.execute("SET work_mem = '64kB'")
        connection.execute("SELECT n FROM generate_series(1, 2000000) AS n ORDER BY -n OFFSET 1999999")
    settle(database)
    bad = ask("performance", database, baseline=baseline)
    assert bad.status is Status.WARNING, bad
    assert [text for text in messages(bad) if text.startswith("temporary bytes a commit: ")]


def test_connections_that_grew_since_go_are_a_warning(database: TestDatabase) -> None:
    baseline = take(database.address)
    assert ask("connections", database, baseline=baseline).status is Status.PASSED
    with contextlib.ExitStack() as pool:
        for _ in range(baseline["connections"]["used"] + 20):
            pool.enter_context(database.connect())
        result = ask("connections", database, baseline=baseline)
    assert (result.status, messages(result)[0].startswith("connections ×")) == (Status.WARNING, True), result


def test_an_index_that_is_new_or_was_read_is_missed_when_nobody_reads_it(database: TestDatabase) -> None:
    build(database)
    database.execute("CREATE INDEX orders_total ON orders (total); ANALYZE orders")
    reads = "; ".join(["SET enable_seqscan = off"] + ["SELECT FROM orders WHERE total = 7"] * 120)
    database.execute(reads)
    settle(database)
    baseline = take(database.address)
    database.execute("SET enable_seqscan = off; SELECT FROM orders WHERE total = 7")
    settle(database)
    good = ask("index-usage", database, baseline=baseline)
    assert (good.status, good.summary.startswith("0 of 1 index never read since go")) == (Status.PASSED, True), good
    baseline = take(database.address)
    database.execute("CREATE INDEX orders_at ON orders (at)")
    new = ask("index-usage", database, baseline=baseline)
    assert (new.status, messages(new)) == (Status.WARNING, ["the new index orders_at on orders is not read"])
    database.execute("DROP INDEX orders_at; " + "; ".join(["SELECT FROM orders WHERE user_id + 0 = 1"] * 60))
    settle(database)
    lost = ask("index-usage", database, baseline=baseline)
    told = "index orders_total was read before go and is not since; orders was read from end to end 6"
    assert (lost.status, messages(lost)[0].startswith(told)) == (Status.WARNING, True), lost


def test_changes_that_the_audit_log_has_pass_and_no_change_says_nothing(database: TestDatabase) -> None:
    build(database)
    baseline = take(database.address)
    assert ask("audit-log", database, baseline=baseline).status is Status.EVIDENCE
    database.execute("UPDATE orders SET total = 1")
    settle(database)
    result = ask("audit-log", database, baseline=baseline)
    assert (result.status, result.summary.startswith("audit_log +500 rows in ")) == (Status.PASSED, True)


def test_views_that_were_written_since_a_recent_go_are_fresh(database: TestDatabase) -> None:
    build(database)
    baseline, since = take(database.address), datetime.now(UTC).isoformat()
    stale = ask("materialized-views-fresh", database, baseline=baseline, since=since)
    assert (stale.status, stale.summary.startswith("0 of 1 materialized view written")) == (Status.EVIDENCE, True)
    database.execute("REFRESH MATERIALIZED VIEW daily_sales")
    settle(database)
    assert ask("materialized-views-fresh", database, baseline=baseline, since=since).status is Status.PASSED
    long_ago = {**baseline, "taken_at": "2026-01-01T00:00:00Z"}
    assert ask("materialized-views-fresh", database, baseline=long_ago, since=since).status is Status.EVIDENCE


@pytest.mark.parametrize(("gigabytes", "status"), [(50, Status.PASSED), (0.001, Status.WARNING)])
def test_disk_use_is_judged_where_the_size_of_the_volume_is_known(
    database: TestDatabase, gigabytes: float, status: Status
) -> None:
    assert ask("disk-use", database).status is Status.EVIDENCE
    result = ask("disk-use", database, options={"gigabytes": gigabytes})
    assert (result.status, "limit 80 %" in result.summary) == (status, True)


def test_no_standby_is_wanted_and_none_is_there(database: TestDatabase) -> None:
    result = ask("replication", database, options={"replicas": 0})
    told = "production has no standby, as replicas = 0 under [checks.replication] says"
    assert (result.status, result.summary) == (Status.NOT_APPLICABLE, told)


@pytest.fixture
def recorded() -> Iterator[DatabaseAddress]:
    """A database whose statements are recorded, in a folder that the server's account can reach."""
    folder, owner = owned_folder(PREFIX)
    settings = {"shared_preload_libraries": "pg_stat_statements", "fsync": "off"}
    server = start_server(folder, settings=settings, remove=True)
    yield DatabaseAddress("production", server.conninfo)
    server.stop()
    owner.close()


def test_a_statement_that_got_slower_is_found_and_what_runs_once_is_not(recorded: DatabaseAddress) -> None:
    with psycopg.connect(recorded.conninfo, autocommit=True) as admin:
        admin.execute("CREATE EXTENSION pg_stat_statements; CREATE ROLE shop LOGIN SUPERUSER")
        admin.execute("CREATE TABLE naps AS SELECT 0.0 AS seconds; ALTER TABLE naps OWNER TO shop")
        nap = "SET ROLE shop; " + "; ".join(["SELECT pg_sleep(seconds) FROM naps"] * 6)
        admin.execute(nap.encode())
        baseline = take(recorded)
        admin.execute("SELECT pg_sleep(0.06) AS once")
        admin.execute(nap.encode())
        good = ask_address("slow-queries", recorded, baseline=baseline)
        admin.execute("UPDATE naps SET seconds = 0.12")
        admin.execute(nap.encode())
        bad = ask_address("slow-queries", recorded, baseline=baseline)
    assert (good.status, "none 2 times slower than before go" in good.summary) == (Status.PASSED, True), good
    assert bad.status is Status.WARNING, bad
    assert "ms, was 0 ms, 12 calls: SELECT pg_sleep(seconds) FROM naps" in messages(bad)[0]
