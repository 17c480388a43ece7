"""For each check of a database's health: a broken case that is found and named, and a correct twin that is not."""

from __future__ import annotations

import contextlib
import json
import threading

import psycopg
import pytest

from checks.base import Status
from checks.target.queries import plan_of
from checks.targetdb.baseline import take
from checks.targetdb.session import Target
from tests.checks.target.estate import ask, build, messages
from tests.postgres import TestDatabase

GOOD = (Status.PASSED, Status.EVIDENCE)
TWINS = [
    (
        "foreign-keys-enforced",
        "ALTER TABLE orders DISABLE TRIGGER ALL",
        Status.FAILED,
        "orders_user_id_fkey on orders is switched off by disabled triggers",
    ),
    (
        "foreign-keys-enforced",
        "ALTER TABLE audit_log_0 ADD CONSTRAINT f FOREIGN KEY (id) REFERENCES users NOT VALID",
        Status.WARNING,
        "f on audit_log_0 is NOT VALID",
    ),
    (
        "check-constraints-valid",
        "ALTER TABLE orders ADD CONSTRAINT sane CHECK (total < 100) NOT VALID",
        Status.WARNING,
        "sane on orders is NOT VALID",
    ),
    (
        "unique-indexes-valid",
        "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'users_email'::regclass",
        Status.FAILED,
        "unique index users_email on users is invalid: duplicates may be there",
    ),
    (
        "triggers-enabled",
        "ALTER TABLE orders DISABLE TRIGGER orders_audit",
        Status.FAILED,
        "trigger orders_audit on orders is switched off",
    ),
    (
        "soft-delete-views",
        "CREATE VIEW people AS SELECT id, email FROM users",
        Status.WARNING,
        "view people shows deleted rows of users: it does not look at deleted_at",
    ),
    (
        "soft-delete-views",
        "CREATE UNIQUE INDEX one_email ON users (email)",
        Status.WARNING,
        "unique index one_email counts deleted rows of users",
    ),
    (
        "partition-coverage",
        "DROP TABLE audit_log_1",
        Status.FAILED,
        "audit_log has no partition for now",
    ),
    (
        "partition-coverage",
        "DROP TABLE audit_log_6, audit_log_5, audit_log_4, audit_log_3",
        Status.WARNING,
        "covered to",
    ),
    ("partition-coverage", "DROP TABLE audit_log_4", Status.WARNING, "audit_log: gap "),
    (
        "partition-usage",
        "CREATE TABLE audit_log_rest PARTITION OF audit_log DEFAULT; "
        "INSERT INTO audit_log (at, what) SELECT '1999-01-01', 'x' FROM generate_series(1, 9)",
        Status.WARNING,
        "audit_log_rest holds about 9 rows, for which there is no partition",
    ),
    (
        "old-partitions",
        "CREATE TABLE audit_log_old PARTITION OF audit_log FOR VALUES FROM ('2001-01-01') TO ('2001-02-01')",
        Status.WARNING,
        "audit_log_old ended 2001-02-01",
    ),
    (
        "materialized-views-populated",
        "REFRESH MATERIALIZED VIEW daily_sales WITH NO DATA",
        Status.FAILED,
        "daily_sales was never filled: reading it fails",
    ),
    (
        "materialized-views-populated",
        "DROP INDEX daily_sales_day",
        Status.WARNING,
        "daily_sales has no unique index over whole columns: a refresh locks readers out",
    ),
    (
        "key-overflow",
        "CREATE TABLE hits (id serial PRIMARY KEY); SELECT setval('hits_id_seq', 2000000000)",
        Status.FAILED,
        "hits.id has used 93 % of integer",
    ),
    (
        "key-overflow",
        "CREATE SEQUENCE s; CREATE TABLE hits (id int DEFAULT nextval('s')); SELECT setval('s', 1700000000)",
        Status.WARNING,
        "hits.id has used 79 % of integer",
    ),
    (
        "security-hardening",
        "CREATE FUNCTION f() RETURNS int SECURITY DEFINER LANGUAGE sql AS 'SELECT 1'",
        Status.WARNING,
        "f() is SECURITY DEFINER without a safe search_path",
    ),
    (
        "security-hardening",
        "GRANT CREATE ON SCHEMA public TO PUBLIC",
        Status.FAILED,
        "everybody may create in schema public",
    ),
    ("security-hardening", "GRANT SELECT ON users TO PUBLIC", Status.WARNING, "users is open to PUBLIC"),
    (
        "security-hardening",
        "CREATE POLICY own ON users USING (true)",
        Status.FAILED,
        "users has policies, but row security is off",
    ),
    (
        "vacuum-state",
        "UPDATE orders SET total = total + 1; UPDATE orders SET total = total + 1; UPDATE orders SET total = total + 1",
        Status.WARNING,
        "orders has 1500 dead rows beside 500",
    ),
]


def settle(database: TestDatabase) -> None:
    """Counters of a session are in the views once it has ended; tests do not wait for that by the clock."""
    database.execute("SELECT pg_stat_force_next_flush()")


@pytest.mark.parametrize(
    ("check_id", "change", "status", "message"), TWINS, ids=[f"{t[0]}: {t[3][:40]}" for t in TWINS]
)
def test_a_broken_case_is_found_and_its_twin_is_not(
    database: TestDatabase, check_id: str, change: str, status: Status, message: str
) -> None:
    build(database)
    before = ask(check_id, database)
    assert not [text for text in messages(before) if message in text]
    if check_id != "security-hardening":
        assert before.status in GOOD, before
    database.execute(change)
    database.execute(f"GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO {database.monitor_role}")
    settle(database)
    after = ask(check_id, database)
    assert [text for text in messages(after) if message in text], after
    assert after.status is status or check_id == "security-hardening"


def test_an_index_that_became_invalid_since_go_is_a_failure_and_an_old_one_a_warning(database: TestDatabase) -> None:
    build(database)
    assert ask("invalid-indexes", database).status is Status.PASSED
    good = take(database.address)
    database.execute("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'orders_user_id'::regclass")
    result = ask("invalid-indexes", database, baseline=good)
    assert (result.status, result.findings[0].object) == (Status.FAILED, "orders_user_id")
    assert result.hint.startswith("DROP INDEX CONCURRENTLY public.orders_user_id;")
    assert ask("invalid-indexes", database, baseline=take(database.address)).status is Status.WARNING


def test_a_baseline_is_plain_json_and_gives_differences(database: TestDatabase) -> None:
    build(database)
    baseline = json.loads(json.dumps(take(database.address)))
    database.execute("INSERT INTO orders (user_id, status, total) SELECT 1, 'new', 1 FROM generate_series(1, 20000)")
    database.execute("CREATE TABLE fresh AS SELECT n FROM generate_series(1, 9) AS n")
    database.execute("VACUUM orders")
    settle(database)
    growth = ask("table-growth", database, baseline=baseline)
    assert growth.status is Status.PASSED
    assert "new: fresh" in growth.summary
    assert growth.summary.startswith("orders +1."), growth
    assert "MB" in growth.summary
    audit = ask("audit-log", database, baseline=baseline)
    assert audit.summary.startswith("audit_log +20000 rows in ")
    assert "changes: orders 20000" in audit.summary
    limited = ask("table-growth", database, baseline=baseline, options={"megabytes_a_day": 1})
    assert limited.status is Status.WARNING
    assert messages(limited)[0].startswith("orders grows by 1.")


def test_a_table_that_grows_too_fast_is_told_beside_others_that_shrank_more(database: TestDatabase) -> None:
    build(database)
    baseline = json.loads(json.dumps(take(database.address)))
    shrunk = [name for name in baseline["tables"] if not name.endswith("orders")][:3]
    assert len(shrunk) == 3
    for name in shrunk:
        baseline["tables"][name]["bytes"] = 10**9
    database.execute("INSERT INTO orders (user_id, status, total) SELECT 1, 'new', 1 FROM generate_series(1, 20000)")
    database.execute("VACUUM orders")
    settle(database)
    growth = ask("table-growth", database, baseline=baseline, options={"megabytes_a_day": 1})
    assert growth.status is Status.WARNING
    assert [message[:17] for message in messages(growth)] == ["orders grows by 1"]


def test_changes_without_audit_rows_are_a_warning(database: TestDatabase) -> None:
    build(database)
    baseline = take(database.address)
    database.execute(
        "CREATE OR REPLACE FUNCTION write_audit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;"
        "UPDATE orders SET total = 1"
    )
    settle(database)
    result = ask("audit-log", database, baseline=baseline)
    assert result.status is Status.WARNING
    assert messages(result) == ["500 changes in audited tables, no audit row"]


def test_a_deadlock_since_go_is_seen(database: TestDatabase) -> None:
    build(database)
    baseline = take(database.address)
    assert ask("error-signs", database, baseline=baseline).status is Status.PASSED
    with database.connect() as one, database.connect() as two:
        for connection, first in ((one, 1), (two, 2)):
            connection.execute("SET deadlock_timeout = '100ms'; BEGIN")
            connection.execute(f"UPDATE users SET email = email WHERE id = {first}")
        thread = threading.Thread(target=_ignore_deadlock, args=[two, 1], daemon=True)
        thread.start()
        try:
            one.execute("UPDATE users SET email = email WHERE id = 2")
        except psycopg.errors.DeadlockDetected:
            one.execute("ROLLBACK")
        thread.join(10)
        one.execute("ROLLBACK")
        two.execute("ROLLBACK")
    settle(database)
    result = ask("error-signs", database, baseline=baseline)
    assert (result.status, messages(result)) == (Status.WARNING, ["1 deadlock since the baseline"])


def test_a_look_of_ours_is_no_rollback_of_the_application(database: TestDatabase) -> None:
    build(database)
    baseline = take(database.address)
    for check_id in ("can-connect", "invalid-indexes", "wraparound", "cache-hits", "resource-limits"):
        ask(check_id, database, baseline=baseline)
    settle(database)
    assert " 0 of " in ask("error-signs", database, baseline=baseline).summary


def test_what_a_query_of_the_team_sets_does_not_outlive_its_session(database: TestDatabase) -> None:
    target = Target(database.address)
    with target.session() as session:
        plan_of(session, "SELECT 1")
        session.value("SELECT set_config('gonogo.left', 'behind', false)")
    with target.session() as session:
        assert not session.value("SELECT current_setting('gonogo.left', true)")
    target.close()


def _ignore_deadlock(connection: psycopg.Connection, user: int) -> None:
    with contextlib.suppress(psycopg.errors.DeadlockDetected):
        connection.execute(f"UPDATE users SET email = email WHERE id = {user}".encode())


def test_checks_of_differences_say_when_there_is_no_baseline(database: TestDatabase) -> None:
    for check_id in ("cache-hits", "error-signs", "performance", "table-growth"):
        result = ask(check_id, database)
        assert (result.status, result.summary) == (
            Status.COULD_NOT_RUN,
            "no baseline of production: it is taken before go",
        )


def test_connections_count_and_idle_transactions(database: TestDatabase) -> None:
    assert ask("connections", database).status is Status.PASSED
    assert ask("connections", database, options={"percent": 1}).status is Status.WARNING
