"""For each check of a database's health: a broken case that is found and named, and a correct twin that is not."""

from __future__ import annotations

import contextlib
import json
import threading
from datetime import UTC, datetime

import psycopg
import pytest

from checks.base import DatabaseAddress, Inputs, Status
from checks.baseline import take
from checks.catalogue import CATALOGUE
from checks.runner import run_checks
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
    assert result.hint.startswith("DROP INDEX CONCURRENTLY orders_user_id")
    assert ask("invalid-indexes", database, baseline=take(database.address)).status is Status.WARNING


def test_a_baseline_is_plain_json_and_gives_differences(database: TestDatabase) -> None:
    build(database)
    baseline = json.loads(json.dumps(take(database.address)))
    database.execute("INSERT INTO orders (user_id, status, total) SELECT 1, 'new', 1 FROM generate_series(1, 20000)")
    database.execute("CREATE TABLE fresh AS SELECT n FROM generate_series(1, 9) AS n")
    database.execute("VACUUM orders")
    settle(database)
    growth = ask("table-growth", database, baseline=baseline)
    assert growth.status is Status.EVIDENCE
    assert "new: fresh" in growth.summary
    assert "orders 1." in growth.summary
    assert "MB" in growth.summary
    audit = ask("audit-log", database, baseline=baseline)
    assert audit.summary.startswith("audit_log +20000 rows in ")
    assert "changes: orders 20000" in audit.summary
    limited = ask("table-growth", database, baseline=baseline, options={"megabytes_a_day": 1})
    assert limited.status is Status.WARNING


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
    assert ask("error-signs", database, baseline=baseline).status is Status.EVIDENCE
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


def test_permissions_of_the_migrations_role(database: TestDatabase) -> None:
    build(database)
    role = f"{database.name}_mig"
    database.execute(f"CREATE ROLE {role} LOGIN")
    try:
        asked = {"role": role}
        result = ask("migration-permissions", database, options=asked)
        assert result.status is Status.FAILED
        assert "no CREATE on schema public" in messages(result)
        assert any(text.startswith("not owner of orders") for text in messages(result))
        database.execute(f"GRANT CREATE ON SCHEMA public TO {role}; GRANT postgres TO {role}")
        assert ask("migration-permissions", database, options=asked).status is Status.PASSED
        slow = ask("migration-timeouts", database, options=asked)
        assert slow.status is Status.WARNING
        database.execute(
            f"ALTER ROLE {role} SET lock_timeout = '5s';"
            f"ALTER ROLE {role} SET idle_in_transaction_session_timeout = 60000"
        )
        good = ask("migration-timeouts", database, options=asked)
        assert good.status is Status.PASSED
        assert "lock_timeout 5 s, idle_in_transaction_session_timeout 60 s" in good.summary
    finally:
        database.execute(f"REVOKE ALL ON SCHEMA public FROM {role}; DROP ROLE {role}")


def test_the_owner_of_the_history_is_the_migrations_role(database: TestDatabase) -> None:
    assert ask("migration-timeouts", database).status is Status.COULD_NOT_RUN
    database.execute("CREATE TABLE _sqlx_migrations (version bigint)")
    assert ask("migration-timeouts", database).summary.startswith("role postgres: ")


def queries(database: TestDatabase, check_id: str, *texts: str, **limits: object) -> tuple[Status, str]:
    options = {"critical-queries": {"queries": list(texts), "allow_row_reads": True, **limits}}
    inputs = Inputs(target=DatabaseAddress("production", database.monitor), options=options)
    [(_, result)] = run_checks([CATALOGUE[check_id]], inputs)
    return result.status, result.summary


def test_critical_queries(database: TestDatabase) -> None:
    build(database)
    database.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {database.monitor_role}")
    good = "SELECT * FROM orders WHERE user_id = 3 ORDER BY id;"
    status, summary = queries(database, "critical-queries", good)
    assert status is Status.PASSED
    assert summary.startswith("1 of 1 query run, slowest ")
    assert queries(database, "critical-queries", "SELECT * FROM users WHERE id = -1")[0] is Status.FAILED
    status, summary = queries(database, "critical-queries", good, max_cost=0)
    assert status is Status.WARNING
    assert "was not run, its cost" in summary
    for bad in ("DELETE FROM orders", "SELECT 1; SELECT 2", "SELEC"):
        assert queries(database, "critical-queries", bad)[0] is Status.COULD_NOT_RUN
    assert queries(database, "critical-queries")[0] is Status.NOT_APPLICABLE


def test_plans_and_pruning(database: TestDatabase) -> None:
    build(database)
    database.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {database.monitor_role}; ANALYZE")
    status, summary = queries(database, "query-plans", "SELECT * FROM orders WHERE total = 3")
    assert status is Status.EVIDENCE
    assert summary.startswith("q1: Seq Scan on orders, cost ")
    whole = "SELECT * FROM audit_log WHERE what = 'x'"
    assert queries(database, "partition-pruning", whole) == (Status.WARNING, "q1 touches 7 of 7 partitions")
    today = f"SELECT * FROM audit_log WHERE at = '{datetime.now(UTC).isoformat()}'"
    assert queries(database, "partition-pruning", today) == (Status.PASSED, "q1 touches 1 of 7 partitions")


def test_a_named_application_must_have_a_session(database: TestDatabase) -> None:
    assert ask("application-connected", database).status is Status.NOT_APPLICABLE
    wanted = {"applications": ["shop"]}
    assert ask("application-connected", database, options=wanted).status is Status.FAILED
    with database.connect() as shop:
        shop.execute("SET application_name = 'shop'")
        assert ask("application-connected", database, options=wanted).status is Status.PASSED
        assert "shop 1" in ask("application-sessions", database).summary


def test_replicas_that_are_wanted_and_missing(database: TestDatabase) -> None:
    assert ask("replication", database).status is Status.EVIDENCE
    assert messages(ask("replication", database, options={"replicas": 1})) == ["0 of 1 standbys stream"]


def test_slow_queries_say_how_to_get_them(database: TestDatabase) -> None:
    result = ask("slow-queries", database)
    assert result.status is Status.COULD_NOT_RUN
    assert "CREATE EXTENSION pg_stat_statements" in result.hint


def test_an_option_that_is_no_number_is_said(database: TestDatabase) -> None:
    result = ask("wraparound", database, options={"percent": "half"})
    assert (result.status, result.hint) == (Status.COULD_NOT_RUN, "percent = 50")


CRON = """
CREATE SCHEMA cron;
CREATE TABLE cron.job (jobid bigint PRIMARY KEY, schedule text, command text, active boolean);
CREATE TABLE cron.job_run_details (jobid bigint, runid bigint PRIMARY KEY, status text, start_time timestamptz,
  end_time timestamptz);
INSERT INTO cron.job VALUES (1, '*/15 * * * *', 'REFRESH MATERIALIZED VIEW CONCURRENTLY daily_sales', true),
  (2, '@daily', 'CALL partman.run_maintenance_proc()', true);
INSERT INTO cron.job_run_details VALUES
  (1, 1, 'succeeded', now() - interval '7 minutes', now() - interval '7 minutes' + interval '2 seconds'),
  (2, 2, 'succeeded', now() - interval '1 hour', now() - interval '1 hour');
"""


def test_jobs_of_pg_cron(database: TestDatabase) -> None:
    """pg_cron is no part of the wheel: its tables are made as it makes them."""
    build(database)
    jobs = ("refresh-schedule", "partition-job", "materialized-views-fresh")
    assert {ask(name, database).status for name in jobs} == {Status.EVIDENCE}
    role = database.monitor_role
    database.execute(
        f"{CRON} GRANT USAGE ON SCHEMA cron TO {role}; GRANT SELECT ON ALL TABLES IN SCHEMA cron TO {role}"
    )
    assert {ask(name, database).status for name in jobs} == {Status.PASSED}
    assert "daily_sales 7 m old" in ask("materialized-views-fresh", database).summary
    assert ask("materialized-views-fresh", database, options={"minutes": 5}).status is Status.FAILED
    database.execute("UPDATE cron.job_run_details SET status = 'failed'")
    assert {ask(name, database).status for name in jobs} == {Status.FAILED}
