"""What a materialized view keeps, beside what its definition gives now."""

from __future__ import annotations

import pytest

from checks.base import Status
from tests.checks.target.estate import ask, build
from tests.postgres import TestDatabase

ID = "materialized-views-accurate"
OPTIONS = {"views": ["daily_sales"], "allow_row_reads": True}


@pytest.fixture
def estate(database: TestDatabase) -> TestDatabase:
    build(database)
    database.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {database.monitor_role}")
    return database


def test_a_fresh_view_has_the_rows_of_its_definition(estate: TestDatabase) -> None:
    result = ask(ID, estate, options=OPTIONS)
    assert (result.status, result.summary) == (Status.EVIDENCE, "daily_sales: 1 row as its definition gives them now")


def test_rows_that_differ_are_counted_on_both_sides(estate: TestDatabase) -> None:
    estate.execute(
        "UPDATE orders SET total = 1 WHERE id = 1; INSERT INTO orders (user_id, status, total, at)"
        " VALUES (1, 'new', 5, now() - interval '40 days')"
    )
    result = ask(ID, estate, options=OPTIONS)
    assert result.summary == "daily_sales: 0 of 1 row no longer so, 1 new or changed"
    estate.execute("UPDATE orders SET total = 100 WHERE id = 2")
    again = ask(ID, estate, options=OPTIONS)
    assert again.summary == "daily_sales: 1 of 1 row no longer so, 2 new or changed"
    assert again.hint == "REFRESH MATERIALIZED VIEW CONCURRENTLY public.daily_sales; -- then ask again"


@pytest.mark.parametrize(
    ("options", "summary"),
    [
        ({"views": ["daily_sales"]}, "reading rows of production is not allowed"),
        ({"views": ["orders"], "allow_row_reads": True}, "production has no materialized view orders"),
        ({"views": ["'; DROP TABLE users; --"], "allow_row_reads": True}, None),
        ({**OPTIONS, "max_cost": 1}, "making daily_sales anew would cost"),
    ],
)
def test_what_keeps_it_from_running_is_a_sentence(
    options: dict[str, object], summary: str | None, estate: TestDatabase
) -> None:
    result = ask(ID, estate, options=options)
    assert result.status is Status.COULD_NOT_RUN
    assert summary is None or result.summary.startswith(summary)
    assert "itself failed" not in result.summary


def test_without_the_right_to_read_it_says_which_grant(database: TestDatabase) -> None:
    build(database)
    result = ask(ID, database, options=OPTIONS)
    assert (result.status, result.hint) == (Status.COULD_NOT_RUN, f"grant SELECT on it to {database.monitor_role}")


def test_it_does_not_wait_for_a_migration(estate: TestDatabase) -> None:
    with estate.connect() as holder, holder.transaction(force_rollback=True):
        holder.execute("LOCK TABLE orders IN ACCESS EXCLUSIVE MODE")
        result = ask(ID, estate, options=OPTIONS)
    assert (result.status, "ACCESS EXCLUSIVE" in result.summary) == (Status.COULD_NOT_RUN, True)
