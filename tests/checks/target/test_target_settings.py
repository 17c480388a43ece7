"""Checks that a team sets up: the migrations' role, its queries, its applications, replicas and jobs."""

from __future__ import annotations

from datetime import UTC, datetime

from checks.base import DatabaseAddress, Inputs, Status
from checks.catalogue import CATALOGUE
from checks.runner import run_checks
from tests.checks.target.estate import ask, build, messages
from tests.postgres import TestDatabase


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
    assert ask("application-sessions", database, options=wanted).status is Status.EVIDENCE


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
    assert "daily_sales 6 min old" in ask("materialized-views-fresh", database).summary
    assert ask("materialized-views-fresh", database, options={"minutes": 5}).status is Status.FAILED
    database.execute("UPDATE cron.job_run_details SET status = 'failed'")
    assert {ask(name, database).status for name in jobs} == {Status.FAILED}
