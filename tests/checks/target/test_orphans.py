"""Rows whose parent is gone are counted where a team asks for it, and a hint shows them."""

from __future__ import annotations

import pytest

from checks.base import Result, Status
from tests.checks.target.estate import ask, messages
from tests.postgres import TestDatabase

ID = "foreign-key-orphans"
SHOP = """
CREATE TABLE users (id bigint PRIMARY KEY); INSERT INTO users SELECT generate_series(1, 20);
CREATE TABLE "Order" (id bigint PRIMARY KEY, "User" bigint);
INSERT INTO "Order" SELECT n, n FROM generate_series(1, 23) AS n; INSERT INTO "Order" VALUES (99, NULL);
ALTER TABLE "Order" ADD CONSTRAINT of_user FOREIGN KEY ("User") REFERENCES users NOT VALID;
CREATE TABLE lines (a int, b int); CREATE TABLE pairs (x int, y int, PRIMARY KEY (x, y));
INSERT INTO pairs VALUES (1, 1);
INSERT INTO lines VALUES (1, 1), (1, NULL), (2, 1), (NULL, NULL);
ALTER TABLE lines ADD CONSTRAINT half FOREIGN KEY (a, b) REFERENCES pairs NOT VALID,
  ADD CONSTRAINT whole FOREIGN KEY (a, b) REFERENCES pairs MATCH FULL NOT VALID;
CREATE TABLE quiet (id int REFERENCES users) PARTITION BY LIST (id); CREATE TABLE quiet_1 PARTITION OF quiet DEFAULT;
ALTER TABLE quiet_1 DISABLE TRIGGER ALL; INSERT INTO quiet VALUES (7), (70); ALTER TABLE quiet_1 ENABLE TRIGGER ALL;
"""


@pytest.fixture(params=["database", pytest.param("database15", marks=pytest.mark.postgres15)])
def shop(request: pytest.FixtureRequest) -> TestDatabase:
    found = request.getfixturevalue(request.param)
    assert isinstance(found, TestDatabase)
    found.execute(SHOP)
    found.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {found.monitor_role}")
    return found


def of(database: TestDatabase, *tables: str, **options: object) -> Result:
    return ask(ID, database, options={"tables": list(tables), **options})


def test_rows_without_a_parent_are_counted_and_shown_by_the_hint(shop: TestDatabase) -> None:
    result = of(shop, "Order")
    assert (result.status, messages(result)) == (
        Status.FAILED,
        ['3 rows of "Order" have no row of users (of_user, NOT VALID)'],
    )
    assert result.hint.startswith('SELECT c.* FROM ONLY public."Order"')
    with shop.connect() as connection:
        assert sorted(connection.execute(result.hint.encode()).fetchall()) == [(21, 21), (22, 22), (23, 23)]
    shop.execute('DELETE FROM "Order" WHERE id > 20')
    mended = of(shop, "Order")
    assert (mended.status, mended.summary) == (Status.PASSED, 'of_user on "Order": no row without its row of users')


def test_several_columns_match_simple_and_full_and_one_constraint_by_its_name(shop: TestDatabase) -> None:
    assert messages(of(shop, "lines")) == [
        "1 row of lines has no row of pairs (half, NOT VALID)",
        "2 rows of lines have no row of pairs (whole, NOT VALID)",
    ]
    assert len(messages(of(shop, "half"))) == 1


def test_what_came_in_while_triggers_were_off_is_found_behind_a_valid_constraint(shop: TestDatabase) -> None:
    assert messages(of(shop, "quiet")) == ["1 row of quiet has no row of users (quiet_id_fkey)"]


def test_counting_stops_at_a_limit(shop: TestDatabase) -> None:
    assert messages(of(shop, "Order", limit=2)) == [
        'more than 2 rows of "Order" have no row of users (of_user, NOT VALID)'
    ]


def test_a_table_too_large_is_sampled_and_no_row_found_there_is_no_pass(database: TestDatabase) -> None:
    database.execute("CREATE TABLE users (id bigint PRIMARY KEY); INSERT INTO users VALUES (1)")
    database.execute(
        "CREATE TABLE o (u bigint REFERENCES users); INSERT INTO o SELECT 1 FROM generate_series(1, 60000)"
    )
    database.execute(f"ANALYZE; GRANT SELECT ON o, users TO {database.monitor_role}")
    whole = of(database, "o")
    assert (whole.status, whole.summary) == (Status.PASSED, "o_u_fkey on o: no row without its row of users")
    part = of(database, "o", max_cost=500)
    assert part.status is Status.EVIDENCE
    assert part.summary.startswith("o_u_fkey on o: no row without its row of users in a sample of ")
    none = of(database, "o", max_cost=1)
    assert (none.status, none.summary.endswith("above max_cost 1")) == (Status.COULD_NOT_RUN, True), none


@pytest.mark.parametrize(
    ("tables", "summary"),
    [
        (["nothing"], "production has no foreign key of nothing"),
        (["'; DROP TABLE users; --"], "production has no foreign key of '; DROP TABLE users; --"),
    ],
)
def test_a_name_that_is_not_there_is_said(database: TestDatabase, tables: list[str], summary: str) -> None:
    result = of(database, *tables)
    assert (result.status, result.summary) == (Status.COULD_NOT_RUN, summary)


def test_it_names_the_least_right_and_does_not_wait_for_a_migration(database: TestDatabase) -> None:
    database.execute(SHOP)
    role = database.monitor_role
    closed = of(database, "Order")
    assert (closed.status, closed.hint) == (Status.COULD_NOT_RUN, f'GRANT SELECT ("User") ON public."Order" TO {role}')
    database.execute(f"{closed.hint}; GRANT SELECT (id) ON users TO {role}")
    assert of(database, "Order").status is Status.FAILED
    with database.connect() as holder, holder.transaction(force_rollback=True):
        holder.execute("LOCK TABLE users IN ACCESS EXCLUSIVE MODE")
        result = of(database, "Order")
    assert (result.status, result.summary) == (Status.COULD_NOT_RUN, "users is locked by a running change")


def test_not_enforced_is_counted_too(database: TestDatabase) -> None:
    database.execute(SHOP)
    database.execute('ALTER TABLE "Order" ADD CONSTRAINT loose FOREIGN KEY ("User") REFERENCES users NOT ENFORCED')
    database.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {database.monitor_role}")
    assert messages(of(database, "loose")) == ['3 rows of "Order" have no row of users (loose, NOT ENFORCED)']
