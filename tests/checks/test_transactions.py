"""What may run in a transaction: the rule of `tool_transactions` against PostgreSQL 18, statement by statement."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from checks.base import Inputs, Status
from checks.scratchdb.server import Server
from checks.sql.statements import split
from checks.sql.transactions import cannot_be_in_transaction
from tests.checks.check_samples import migrations, run_one
from tests.postgres import TestDatabase, make_database

_PARTS = """CREATE TABLE concurrently_used (id int PRIMARY KEY, day date);
CREATE INDEX used_day ON concurrently_used (day);
CREATE TABLE events (day date NOT NULL) PARTITION BY RANGE (day);
CREATE TABLE events_2026 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');"""
_SHOP = f"""{_PARTS}
CREATE MATERIALIZED VIEW days AS SELECT DISTINCT day FROM concurrently_used;
CREATE UNIQUE INDEX ON days (day);
CREATE TYPE mood AS ENUM ('good');
CREATE SUBSCRIPTION idle CONNECTION 'host=nowhere.invalid' PUBLICATION p WITH (connect = false);
CREATE SUBSCRIPTION feed CONNECTION 'host=nowhere.invalid' PUBLICATION p, r WITH (connect = false);
ALTER SUBSCRIPTION feed ENABLE;"""
_GONE = "ALTER SUBSCRIPTION {0} DISABLE; ALTER SUBSCRIPTION {0} SET (slot_name = NONE); DROP SUBSCRIPTION {0};"

REFUSED = """
VACUUM
VACUUM (ANALYZE) concurrently_used
VACUUM FULL concurrently_used
CREATE DATABASE other
DROP DATABASE IF EXISTS other
ALTER DATABASE template1 SET TABLESPACE pg_default
CREATE TABLESPACE fast LOCATION '/nowhere'
DROP TABLESPACE IF EXISTS fast
ALTER SYSTEM SET work_mem = '8MB'
DISCARD ALL
CLUSTER
CLUSTER (VERBOSE)
CREATE INDEX CONCURRENTLY i ON concurrently_used (day)
DROP INDEX CONCURRENTLY used_day
REINDEX TABLE CONCURRENTLY concurrently_used
REINDEX (CONCURRENTLY) INDEX used_day
REINDEX SCHEMA public
REINDEX SYSTEM
REINDEX DATABASE
ALTER TABLE events DETACH PARTITION events_2026 CONCURRENTLY
COMMIT PREPARED 'x'
ROLLBACK PREPARED 'x'
CREATE SUBSCRIPTION s CONNECTION 'host=nowhere.invalid' PUBLICATION p
CREATE SUBSCRIPTION s CONNECTION 'host=nowhere.invalid' PUBLICATION p WITH (create_slot = on, enabled = false)
ALTER SUBSCRIPTION feed REFRESH PUBLICATION
ALTER SUBSCRIPTION feed SET PUBLICATION q
ALTER SUBSCRIPTION feed ADD PUBLICATION q
ALTER SUBSCRIPTION feed DROP PUBLICATION p WITH (refresh)
ALTER SUBSCRIPTION idle SET (failover = true)
ALTER SUBSCRIPTION idle SET (two_phase = false)
"""
ALLOWED = """
SELECT 1
ANALYZE concurrently_used
DISCARD PLANS
CLUSTER concurrently_used USING used_day
CREATE INDEX i ON concurrently_used (day)
DROP INDEX used_day
DROP TABLE concurrently_used CASCADE
REINDEX TABLE concurrently_used
REINDEX (CONCURRENTLY off) TABLE concurrently_used
REINDEX (CONCURRENTLY 0, VERBOSE) INDEX used_day
ALTER TABLE events DETACH PARTITION events_2026
REFRESH MATERIALIZED VIEW CONCURRENTLY days
ALTER TYPE mood ADD VALUE 'bad'
ALTER DATABASE template1 WITH CONNECTION LIMIT 50
CREATE SUBSCRIPTION s CONNECTION 'host=nowhere.invalid' PUBLICATION p WITH (connect = false)
ALTER SUBSCRIPTION feed SET PUBLICATION q WITH (refresh = false)
ALTER SUBSCRIPTION idle SET (synchronous_commit = off)
"""
# What the server refuses for what the database has: no file tells, so that the rule lets it pass.
UNTOLD = """
DROP SUBSCRIPTION feed
REINDEX TABLE events
"""


def _lines(text: str) -> list[str]:
    return text.strip().split("\n")


@pytest.fixture(scope="module")
def shop(postgres: Server) -> Iterator[TestDatabase]:
    with make_database(postgres) as made:
        made.execute(_SHOP)
        yield made
        made.execute(_GONE.format("idle") + _GONE.format("feed"))


def _state(shop: TestDatabase, statement: str) -> str | None:
    """The SQLSTATE of the statement in a transaction block that is rolled back; None where it runs."""
    with psycopg.connect(shop.admin) as connection:
        try:
            connection.execute("SET LOCAL statement_timeout = '20s'")
            connection.execute(statement.encode())
        except psycopg.Error as fault:
            return fault.sqlstate
        finally:
            connection.rollback()
    return None


@pytest.mark.parametrize(("text", "state"), [(REFUSED, "25001"), (UNTOLD, "25001"), (ALLOWED, None)])
def test_postgresql_18_refuses_what_the_table_says(shop: TestDatabase, text: str, state: str | None) -> None:
    assert {line: found for line in _lines(text) if (found := _state(shop, line)) != state} == {}


@pytest.mark.parametrize(("text", "refused"), [(REFUSED, True), (UNTOLD, False), (ALLOWED, False)])
def test_the_rule_says_what_the_table_says(text: str, refused: bool) -> None:
    statements = [split(migrations(line).ups[0])[0] for line in _lines(text)]
    assert [s.text for s in statements if cannot_be_in_transaction(s) != refused] == []


@pytest.mark.parametrize("tool", ["sqlx", "golang-migrate", "flyway"])
@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE events DETACH PARTITION events_2026 CONCURRENTLY;",
        "CREATE INDEX i ON concurrently_used (day);",
        "REINDEX TABLE concurrently_used;",
        "REINDEX TABLE CONCURRENTLY concurrently_used;",
        "DISCARD ALL;",
        "DISCARD PLANS;",
        "SELECT 1; DISCARD ALL;",
    ],
)
def test_what_the_files_say_is_what_scratch_finds(tool: str, statement: str) -> None:
    inputs = Inputs(migrations=migrations(_PARTS, statement, tool=tool), scratch_server="embedded")
    by_files, by_scratch = (run_one(check, inputs) for check in ("concurrently", "applies-to-scratch"))
    assert (by_files.status is Status.FAILED) is (by_scratch.status is Status.FAILED), (by_files, by_scratch)
    mixed = "Flyway refuses" in by_scratch.summary
    assert (by_scratch.status is Status.FAILED) is (mixed or "25001" in by_scratch.summary), by_scratch
