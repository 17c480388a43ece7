"""IF NOT EXISTS over an object that is another one: PostgreSQL says nothing, the check names both."""

from __future__ import annotations

import pytest

from checks.base import DatabaseAddress, Status
from tests.checks.check_samples import places
from tests.checks.scratch.scratch_samples import USERS, on
from tests.postgres import TestDatabase

ID = "if-not-exists"
FIRST = f"""{USERS} CREATE INDEX u ON users (email); CREATE TABLE notes (id int, body text, "my note" int);
CREATE MATERIALIZED VIEW m AS SELECT body FROM notes;"""


HAVE = "u is there on users USING btree (email), not "
OTHERS = {
    "CREATE INDEX IF NOT EXISTS u ON notes (body);": HAVE + "on notes USING btree (body)",
    "CREATE INDEX IF NOT EXISTS u ON users (id);": HAVE + "on users USING btree (id)",
    "CREATE UNIQUE INDEX IF NOT EXISTS u ON users (email);": HAVE + "unique on users USING btree (email)",
    "CREATE INDEX IF NOT EXISTS u ON users (email) WHERE id > 5;": HAVE + "on users USING btree (email) WHERE (id > 5)",
    "CREATE INDEX IF NOT EXISTS notes ON users (id);": "notes is there as a table",
    "CREATE TABLE IF NOT EXISTS notes (id int, title text);": "notes is there without title text",
    "CREATE TABLE IF NOT EXISTS notes (id bigint);": "notes is there with id integer, not bigint",
    "CREATE TABLE IF NOT EXISTS u (id bigint);": "u is there as an index",
    "CREATE MATERIALIZED VIEW IF NOT EXISTS m AS SELECT id FROM users;": "m is there with another query",
    "CREATE MATERIALIZED VIEW IF NOT EXISTS notes AS SELECT 1 AS id;": "notes is there as a table",
}
ALONE = "-- no-transaction\nCREATE INDEX CONCURRENTLY IF NOT EXISTS u ON users (lower(email));"


def test_another_object_of_that_name_is_found(server: str) -> None:
    result = on(server, ID, FIRST, "\n".join(OTHERS), ALONE, through="00001")
    assert result.status is Status.FAILED
    found = [(f.file, f.line, f.message.partition(": ")[2]) for f in result.findings]
    assert found == [
        *(("00002_b.sql", line, told) for line, told in enumerate(OTHERS.values(), 1)),
        ("00003_c.sql", 2, HAVE + "on users USING btree (lower(email))"),
    ]


def test_both_in_one_set_are_found_where_the_second_stands() -> None:
    result = on("embedded", ID, FIRST + "\nCREATE INDEX IF NOT EXISTS u ON notes (body);")
    assert places(result) == [("u", "00001_a.sql", 7)]


SAME = """CREATE INDEX IF NOT EXISTS u ON public.users USING btree (email);
CREATE MATERIALIZED VIEW IF NOT EXISTS m AS SELECT notes.body FROM public.notes;
CREATE INDEX IF NOT EXISTS another ON notes (body);
CREATE TABLE IF NOT EXISTS notes (id int, "my note" int); CREATE TABLE IF NOT EXISTS t (id int PRIMARY KEY);
CREATE TABLE IF NOT EXISTS users (id bigint, CONSTRAINT users_pkey PRIMARY KEY (id));"""


@pytest.mark.parametrize(
    "text",
    [
        SAME,
        "DROP INDEX u; CREATE INDEX IF NOT EXISTS u ON notes (body);",
        "CREATE INDEX IF NOT EXISTS u ON users (email); DROP INDEX u; CREATE INDEX u ON notes (body);"
        "CREATE TABLE IF NOT EXISTS notes (id int, t text); ALTER TABLE notes ADD COLUMN IF NOT EXISTS t text;",
        "CREATE TABLE IF NOT EXISTS notes (id int); ALTER TABLE notes ALTER id TYPE bigint;",
    ],
)
def test_what_is_the_same_or_not_there_is_silent(text: str) -> None:
    assert on("embedded", ID, FIRST, text, through="00001").status is Status.PASSED


def test_a_target_that_does_not_answer_is_no_pass() -> None:
    nowhere = DatabaseAddress("production", "postgresql://nobody@127.0.0.1:1/none")
    text = "CREATE INDEX IF NOT EXISTS another ON notes (body);"
    result = on("embedded", ID, FIRST, text, through="00001", target=nowhere)
    assert (result.status, result.summary) == (
        Status.EVIDENCE,
        "1 statement with IF NOT EXISTS, none passes over another object; nothing answers at the address of production",
    )


def test_what_cannot_be_tried_is_no_pass() -> None:
    text = "CREATE INDEX IF NOT EXISTS u ON users (email); ALTER TABLE users DROP COLUMN email;"
    result = on("embedded", ID, FIRST, text, through="00001")
    told = "0 statements with IF NOT EXISTS, none passes over another object; 1 could not be tried"
    assert (result.status, result.summary.startswith(told)) == (Status.EVIDENCE, True), result


def test_files_without_it_ask_nothing() -> None:
    assert on("embedded", ID, FIRST, "CREATE TABLE t (id int);", through="00001").status is Status.NOT_APPLICABLE


def test_a_target_that_has_all_of_it_already_is_silent(database: TestDatabase) -> None:
    whole = "CREATE TABLE IF NOT EXISTS t (id int, n int); ALTER TABLE t ALTER id TYPE bigint; ALTER TABLE t DROP n;"
    database.execute(f"{FIRST} {whole}")
    assert on("embedded", ID, FIRST, whole, through="00001", target=database.address).status is Status.PASSED


def test_what_the_target_has_under_that_name_is_compared(database: TestDatabase) -> None:
    wanted = "CREATE INDEX IF NOT EXISTS late ON users (email); CREATE TABLE IF NOT EXISTS extra (id int, t text);"
    database.execute(FIRST)
    clean = on("embedded", ID, FIRST, wanted, through="00001", target=database.address)
    assert (clean.status, clean.summary) == (
        Status.PASSED,
        "2 statements with IF NOT EXISTS, none passes over another object",
    )
    database.execute("CREATE INDEX late ON notes (id); CREATE TABLE extra (id int)")
    result = on("embedded", ID, FIRST, wanted, through="00001", target=database.address)
    assert [(f.message, f.severity) for f in result.findings] == [
        (
            "IF NOT EXISTS will make nothing of late: on production late is there on notes USING btree (id), "
            "not on users USING btree (email)",
            "error",
        ),
        ("IF NOT EXISTS will make nothing of extra: on production extra is there without t text", "error"),
    ]
    assert places(result) == [("late", "00002_b.sql", 1), ("extra", "00002_b.sql", 1)]
    dropped = on(
        "embedded", ID, FIRST, f"DROP INDEX IF EXISTS late; {wanted}", through="00001", target=database.address
    )
    assert [finding.object for finding in dropped.findings] == ["extra"]
