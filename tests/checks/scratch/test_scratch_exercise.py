"""Checks that use the schema: rows put in, refreshed, routed to partitions, taken down and up again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checks.base import Inputs, Status
from checks.catalogue import CATALOGUE
from checks.migrations import read_pairs
from checks.runner import run_checks
from tests.checks.check_samples import places
from tests.checks.scratch.scratch_samples import USERS, on, on_pairs

MATVIEW = "CREATE MATERIALIZED VIEW totals AS SELECT email, count(*) AS n FROM users GROUP BY email;"


def test_a_view_that_cannot_be_refreshed_concurrently_is_found(server: str) -> None:
    result = on(server, "matview-refresh", USERS, f"\n{MATVIEW}", through="00001")
    assert (result.status, places(result)) == (Status.WARNING, [("totals", "00002_b.sql", 2)])
    assert "55000" in result.summary
    twin = on(server, "matview-refresh", USERS, f"{MATVIEW} CREATE UNIQUE INDEX ON totals (email);", through="00001")
    assert twin.summary.startswith("1 materialized view: 1 of 1 refreshed, 1 also CONCURRENTLY, in ")
    old = on("embedded", "matview-refresh", USERS + MATVIEW, "CREATE TABLE t (id int);", through="00001")
    assert old.status is Status.PASSED


def test_a_refresh_that_fails_with_rows_in_it_is_found() -> None:
    view = "CREATE MATERIALIZED VIEW m AS SELECT 1 / (count(*) - 1) AS n FROM users; CREATE UNIQUE INDEX ON m (n);"
    result = on("embedded", "matview-refresh", USERS, view)
    assert (result.status, places(result)) == (Status.WARNING, [("m", "00002_b.sql", 1)])
    assert "fails with a test row: 22012" in result.summary


def test_a_refresh_that_fails_anyway_is_a_failure() -> None:
    text = f"""{USERS} CREATE TABLE one (n int); INSERT INTO one VALUES (1);
CREATE MATERIALIZED VIEW m AS SELECT 1 / n AS x FROM one;
UPDATE one SET n = 0;"""
    result = on("embedded", "matview-refresh", text)
    assert (result.status, places(result)) == (Status.FAILED, [("m", "00001_a.sql", 6)])


LOG = "CREATE TABLE log (at timestamptz NOT NULL, n int) PARTITION BY RANGE (at);"
PART = "\nCREATE TABLE {} PARTITION OF log FOR VALUES FROM ({}) TO ({});"
WIDE = LOG + PART.format("past", "MINVALUE", "'2026-01-01'") + PART.format("y", "'2026-01-01'", "'2200-01-01'")


def test_a_gap_between_partitions_is_found(server: str) -> None:
    text = LOG + PART.format("a", "'2020-01-01'", "'2021-01-01'") + PART.format("b", "'2021-02-01'", "'2300-01-01'")
    result = on(server, "partition-rows", text)
    assert (result.status, places(result)[0]) == (Status.FAILED, ("log", "00001_a.sql", 1))
    assert "gap 2021-01-01" in result.summary
    assert "a row of it is refused" in result.summary
    caught = on(server, "partition-rows", text + "CREATE TABLE rest PARTITION OF log DEFAULT;")
    assert (caught.status, "lands in the default partition" in caught.summary) == (Status.WARNING, True)


def test_partitions_without_gap_take_a_row_each(server: str) -> None:
    months = """DO $$ BEGIN FOR n IN 0 .. 1300 BY 100 LOOP
  EXECUTE format('CREATE TABLE log_%s PARTITION OF log FOR VALUES FROM (%L) TO (%L)', n,
    date '2000-01-01' + make_interval(years => n), date '2000-01-01' + make_interval(years => n + 100));
END LOOP; END $$;"""
    result = on(server, "partition-rows", LOG + months)
    assert (result.status, result.summary) == (
        Status.PASSED,
        "log: 14 partitions, a row in each of 14, 4 of 4 periods from now on covered",
    )


def test_a_table_without_partitions_for_now_and_later_is_found() -> None:
    text = LOG + PART.format("old", "'2020-01-01'", "'2020-02-01'")
    result = on("embedded", "partition-rows", text)
    assert result.status is Status.WARNING
    assert "log: the period of now has no partition, later rows go to none" in result.summary
    enough = on("embedded", "partition-rows", LOG + PART.format("y", "MINVALUE", "MAXVALUE"))
    assert enough.status is Status.PASSED


def test_periods_ahead_are_a_setting() -> None:
    text = LOG + PART.format("y", "'2026-01-01'", "'2226-01-01'")
    assert on("embedded", "partition-rows", text).status is Status.WARNING
    assert on("embedded", "partition-rows", text, options={"partition-rows": {"ahead": 0}}).status is Status.PASSED


def test_lists_and_hashes_have_to_be_complete(server: str) -> None:
    enum = "CREATE TYPE land AS ENUM ('de', 'fr', 'it''s');\nCREATE TABLE l (c land NOT NULL) PARTITION BY LIST (c);"
    lists = enum + "\nCREATE TABLE l1 PARTITION OF l FOR VALUES IN ('de', 'it''s');"
    result = on(server, "partition-rows", lists)
    assert (result.status, places(result)) == (Status.FAILED, [("l", "00001_a.sql", 2)])
    assert "no partition for fr" in result.summary
    assert on(server, "partition-rows", lists + "CREATE TABLE l2 PARTITION OF l FOR VALUES IN ('fr');").status is (
        Status.PASSED
    )
    hashes = "CREATE TABLE h (i int) PARTITION BY HASH (i);"
    hashes += "CREATE TABLE h0 PARTITION OF h FOR VALUES WITH (modulus 2, remainder 0);"
    assert "cover 1/2 of all rows" in on(server, "partition-rows", hashes).summary
    whole = hashes + "CREATE TABLE h1 PARTITION OF h FOR VALUES WITH (modulus 2, remainder 1);"
    assert on(server, "partition-rows", whole).status is Status.PASSED


def test_a_partition_that_refuses_its_rows_is_found() -> None:
    trigger = """CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  RAISE check_violation USING MESSAGE = 'no'; END $$;
CREATE TRIGGER no BEFORE INSERT ON y FOR EACH ROW EXECUTE FUNCTION no();"""
    result = on("embedded", "partition-rows", WIDE + trigger)
    assert (result.status, "a row at the start of y is refused" in result.summary) == (Status.FAILED, True)


def test_a_partition_added_by_a_pending_file_is_looked_at() -> None:
    old = LOG + PART.format("a", "'2020-01-01'", "'2300-01-01'") + "CREATE TABLE rest PARTITION OF log DEFAULT;"
    result = on("embedded", "partition-rows", old, PART.format("b", "'2301-01-01'", "'2400-01-01'"), through="00001")
    assert (result.status, places(result)[0]) == (Status.WARNING, ("log", "00002_b.sql", 2))
    other = on("embedded", "partition-rows", old, "CREATE TABLE t (id int);", through="00001")
    assert other.status is Status.NOT_APPLICABLE


UP = {"00001_a.up.sql": USERS, "00001_a.down.sql": "DROP TABLE users;"}
TYPE = "CREATE TYPE mood AS ENUM ('good');\nALTER TABLE users ADD mood mood;"


def test_what_a_down_file_leaves_is_found(server: str) -> None:
    pairs = UP | {"00002_b.up.sql": TYPE, "00002_b.down.sql": "ALTER TABLE users DROP mood;"}
    result = on_pairs(server, "down-up", pairs, "00001")
    assert result.status is Status.FAILED
    assert 'up again: 42710 type "mood" already exists' in result.summary
    twin = on_pairs(
        server, "down-up", pairs | {"00002_b.down.sql": "ALTER TABLE users DROP mood; DROP TYPE mood;"}, "00001"
    )
    assert twin.status is Status.PASSED
    assert twin.summary.startswith("1 down file ran and up again: ")
    assert twin.summary.endswith("objects equal; rows are lost with 1 column")


def test_what_is_left_quietly_is_a_warning() -> None:
    up = "CREATE TABLE IF NOT EXISTS extra (id int PRIMARY KEY); CREATE INDEX IF NOT EXISTS by_email ON users (email);"
    pairs = UP | {"00002_b.up.sql": up, "00002_b.down.sql": "DROP INDEX by_email;"}
    result = on_pairs("embedded", "down-up", pairs, "00001")
    assert (result.status, places(result)[0]) == (Status.WARNING, ("table extra", "00002_b.down.sql", None))


def test_a_down_file_that_fails_is_found_at_its_line() -> None:
    pairs = UP | {"00002_b.up.sql": TYPE, "00002_b.down.sql": "\nDROP TYPE mood;"}
    result = on_pairs("embedded", "down-up", pairs, "00001")
    assert (result.status, places(result)[0][1:]) == (Status.FAILED, ("00002_b.down.sql", 2))


def test_a_down_file_that_drops_too_much_is_found() -> None:
    pairs = UP | {"00002_b.up.sql": "CREATE TABLE t (id int);", "00002_b.down.sql": "DROP TABLE t; DROP TABLE users;"}
    result = on_pairs("embedded", "down-up", pairs, "00001")
    assert result.status is Status.FAILED
    assert any("table users was there before and is gone" in finding.message for finding in result.findings)


def test_what_differs_after_a_down_file_is_told() -> None:
    up = (
        "ALTER TABLE users ALTER email TYPE varchar(90), ALTER email SET DEFAULT 'sesame', ADD seen int;\n"
        "CREATE OR REPLACE VIEW v AS SELECT id, 2 AS two FROM users; ALTER TYPE mood RENAME VALUE 'bad' TO 'sad';"
    )
    down = "ALTER TABLE users DROP seen; ALTER TABLE users ALTER email SET DEFAULT 'open'; DROP VIEW v;"
    pairs = UP | {"00001_a.up.sql": f"{USERS} CREATE VIEW v AS SELECT id FROM users; CREATE TYPE mood AS ENUM ('bad');"}
    result = on_pairs("embedded", "down-up", pairs | {"00002_b.up.sql": up, "00002_b.down.sql": down}, "00001")
    told = {finding.object: finding.message for finding in result.findings}
    assert told["table users"].startswith(
        "table users is not as it was before: it has column email character varying(90)"
    )
    assert "lacks column email text" in told["table users"]
    assert "type mood is not as it was before: it has label sad; lacks label bad" in told.values()
    assert told["view v"] == "view v was there before and is gone"
    assert not any(secret in message for message in told.values() for secret in ("sesame", "open"))


def test_there_is_no_way_back_past_a_file_without_a_down_file() -> None:
    """00001 could never be undone, as 00002 cannot: its wrong down file is not run."""
    pairs = UP | {"00001_a.down.sql": "DROP TABLE nowhere;", "00002_b.up.sql": "CREATE TABLE t (id int);"}
    pairs |= {"00003_c.up.sql": "CREATE TABLE u (id int);", "00003_c.down.sql": "DROP TABLE u;"}
    result = on_pairs("embedded", "down-up", pairs)
    assert (result.status, places(result)) == (Status.WARNING, [("00002", "00002_b.up.sql", None)])


@pytest.mark.parametrize(
    ("up", "down"),
    [
        ("CREATE TABLE t (id int);", "DROP TABLE t;"),
        (
            "-- no-transaction\nCREATE INDEX CONCURRENTLY by_email ON users (email);",
            "-- no-transaction\nDROP INDEX CONCURRENTLY by_email;",
        ),
        ("SET LOCAL search_path = other; CREATE TABLE t (id int);", "DROP TABLE other.t;"),
        ("ALTER TYPE mood ADD VALUE 'new'; CREATE TABLE t (id int);", "DROP TABLE t;"),
    ],
)
def test_down_and_up_again_leave_the_scratch_database_as_it_was(server: str, up: str, down: str) -> None:
    old = f"{USERS} CREATE SCHEMA other; CREATE TYPE mood AS ENUM ('good');"
    up = up.replace("ADD VALUE", "ADD VALUE IF NOT EXISTS")
    pairs = UP | {"00001_a.up.sql": old, "00002_b.up.sql": up, "00002_b.down.sql": down}
    files = replace(read_pairs((n, t.encode()) for n, t in pairs.items()), applied_through="00001")
    wanted = [CATALOGUE[one] for one in ("down-up", "tables-created", "indexes-created")]
    undone, *made = (result for _, result in run_checks(wanted, Inputs(migrations=files, scratch_server=server)))
    assert "1 down file ran and up again" in undone.summary or "type mood is not as it was" in undone.summary
    assert undone.status in (Status.PASSED, Status.WARNING)
    assert {result.status for result in made} <= {Status.PASSED, Status.NOT_APPLICABLE}


def test_one_missing_among_down_files_is_found() -> None:
    result = on_pairs("embedded", "down-up", UP | {"00002_b.up.sql": "CREATE TABLE t (id int);"})
    assert (result.status, places(result)) == (Status.WARNING, [("00002", "00002_b.up.sql", None)])
    assert on("embedded", "down-up", USERS).status is Status.NOT_APPLICABLE


def test_grants_that_are_taken_back_are_as_before() -> None:
    """After a REVOKE the catalog spells out what nothing at all meant before: the owner's own rights."""
    made = "CREATE SCHEMA s; CREATE TABLE t (id int); CREATE SEQUENCE n; CREATE FUNCTION f() RETURNS int RETURN 1;"
    on_each = ("TABLE t", "SEQUENCE n", "FUNCTION f()", "SCHEMA s")
    grants = " ".join(f"GRANT ALL ON {each} TO app_reader;" for each in on_each)
    revokes = " ".join(f"REVOKE ALL ON {each} FROM app_reader;" for each in on_each)
    files = {"1_a.up.sql": made, "1_a.down.sql": "-- None.", "2_b.up.sql": grants, "2_b.down.sql": revokes}
    result = on_pairs("embedded", "down-up", files, through="1")
    assert result.status is Status.PASSED, result.summary
    left = on_pairs("embedded", "down-up", files | {"2_b.down.sql": "SELECT 1;"}, through="1")
    assert {place[0] for place in places(left)} == {"table t", "sequence n", "function f()", "schema s"}


def test_roles_do_not_stand_in_the_way_of_up_and_down() -> None:
    pairs = {
        "00001_a.up.sql": f"CREATE ROLE clerk;\n{USERS}\nGRANT SELECT ON users TO clerk;",
        "00001_a.down.sql": "DROP TABLE users;\nDROP ROLE clerk;",
    }
    assert on_pairs("embedded", "down-up", pairs).status is Status.PASSED


EATER = """CREATE FUNCTION eat() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {} END $$;
CREATE TRIGGER eater BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION eat();"""


def test_a_trigger_that_eats_updates_is_found(server: str) -> None:
    result = on(server, "triggers-created", USERS, EATER.format("RETURN NULL;"))
    assert (result.status, places(result)) == (Status.WARNING, [("eater on users", "00002_b.sql", 2)])
    assert on(server, "triggers-created", USERS, EATER.format("RETURN NEW;")).status is Status.PASSED


def test_triggers_see_the_rows_that_foreign_keys_point_to() -> None:
    text = """CREATE TABLE notes (id bigint PRIMARY KEY, user_id bigint NOT NULL REFERENCES users (id));
CREATE FUNCTION look() RETURNS trigger LANGUAGE plpgsql AS $$ DECLARE found_email text; BEGIN
  SELECT email INTO STRICT found_email FROM users WHERE id = NEW.user_id;
  RETURN NEW;
END $$;
CREATE TRIGGER looker BEFORE INSERT ON notes FOR EACH ROW EXECUTE FUNCTION look();"""
    result = on("embedded", "triggers-created", USERS, text)
    assert result.summary == "1 of 1 triggers present and enabled; fired by a test row on 1 table, 0 errors"
