"""Where a run applies the files to scratch, online-safety and statement-risk say one thing: what was observed."""

from __future__ import annotations

import pytest

from checks.base import NOTE, Check, Inputs, Result, Status
from checks.catalogue import CATALOGUE
from checks.runner import run_checks
from tests.checks.check_samples import migrations, places
from tests.checks.scratch.scratch_samples import on
from tests.postgres import TestDatabase

TABLES = """CREATE TABLE orders (id bigint PRIMARY KEY, total bigint, note varchar(10));
CREATE TABLE copies AS SELECT * FROM orders;
CREATE DOMAIN unused AS int;"""
GUARD = "SET lock_timeout = '5s';"


def run(server: str, text: str, *ids: str) -> dict[str, Result]:
    wanted: list[Check[object]] = [CATALOGUE[name] for name in ids]
    files = migrations(TABLES, f"{GUARD}\n{text}", applied_through="00001")
    return {check.id: result for check, result in run_checks(wanted, Inputs(migrations=files, scratch_server=server))}


def alone(server: str, text: str) -> Result:
    return run(server, text, "online-safety")["online-safety"]


def beside(server: str, text: str) -> Result:
    return run(server, text, "online-safety", "statement-risk")["online-safety"]


HARMLESS = [
    ("ALTER TABLE copies ALTER note TYPE text;", "changing-column-type"),
    ("ALTER DOMAIN unused ADD CHECK (VALUE > 0);", "ban-alter-domain-with-add-constraint"),
    ("ALTER TABLE orders ADD n int DEFAULT length('a'::text || bit_length('b'));", "adding-field-with-default"),
]


@pytest.mark.parametrize(("text", "rule"), HARMLESS)
def test_what_scratch_saw_to_be_harmless_is_a_note(server: str, text: str, rule: str) -> None:
    assert f"({rule})" in alone(server, text).summary
    result = beside(server, f"SELECT 1;\n{text}")
    assert result.status is Status.PASSED, result.summary
    [note] = result.findings
    assert (note.severity, note.line, rule in note.message) == (NOTE, 3, True)


SEEN = [
    (
        "DO $$ BEGIN EXECUTE 'ALTER TABLE orders ALTER total TYPE text'; END $$;",
        "ACCESS EXCLUSIVE on orders",
        "rewrites",
    ),
    ("ALTER TABLE orders ADD n int;\nUPDATE copies SET total = 0 WHERE id > 0;", "still holds", "changes rows of"),
]


@pytest.mark.parametrize(("text", "lock", "work"), SEEN)
def test_what_scratch_saw_and_no_rule_tells_is_added(server: str, text: str, lock: str, work: str) -> None:
    assert alone(server, text).status is Status.PASSED
    result = beside(server, text)
    assert result.status in (Status.FAILED, Status.WARNING)
    assert lock in result.summary
    assert work in result.summary
    assert "(seen in scratch)" in result.summary


def test_both_name_the_same_statement(server: str) -> None:
    text = "ALTER TABLE orders ADD CHECK (total > 0);"
    found = run(server, text, "online-safety", "statement-risk")
    assert [places(result) for result in found.values()] == [[("orders", "00002_b.sql", 2)]] * 2


def test_without_scratch_the_files_decide() -> None:
    text, gone = HARMLESS[0][0], "host=127.0.0.1 port=1 dbname=none"
    found = run(gone, text, "online-safety", "statement-risk")
    assert found["statement-risk"].status is Status.COULD_NOT_RUN
    assert found["online-safety"].summary == alone("", text).summary


def test_a_file_that_does_not_apply_is_judged_as_far_as_it_ran(server: str) -> None:
    text = f"{HARMLESS[0][0]}\nALTER TABLE orders ADD CHECK (total > 0);\nSELECT 1 / 0;"
    result = beside(server, text)
    assert (result.status, places(result)) == (Status.FAILED, [("orders", "00002_b.sql", 3)])


def test_locks_on_one_table_are_added_up_over_the_range(database: TestDatabase) -> None:
    texts = [f"{GUARD}\nALTER TABLE orders ADD n{number} int CHECK (n{number} > 0);" for number in range(3)]
    result = on("embedded", "statement-risk", TABLES, *texts, through="00001")
    sums = [finding.message for finding in result.findings if " is " in finding.message]
    assert sums == [
        "orders (size unknown) is locked ACCESS EXCLUSIVE in 3 files: 00002, 00003, 00004",
        "orders (size unknown) is read or rewritten 3 times while others wait: 00002:2, 00003:2, 00004:2",
    ]
    text = f"{GUARD}\nALTER TABLE orders ADD n int;\nALTER TABLE orders ADD m int;"
    result = on("embedded", "statement-risk", TABLES, text, through="00001")
    assert "orders is locked ACCESS EXCLUSIVE by lines 2, 3 of 00002 to its end" in str(result.findings)
    database.execute(f"{TABLES} UPDATE pg_class SET relpages = 1000000 WHERE relname = 'orders'")
    calm = [f"{GUARD}\nALTER TABLE orders ADD m{number} int;" for number in range(2)]
    result = on("embedded", "statement-risk", TABLES, *calm, through="00001", target=database.address)
    assert result.status is Status.WARNING
    assert "orders (7.6 GB) is locked ACCESS EXCLUSIVE in 2 files: 00002, 00003" in result.summary


def test_a_runner_that_sets_lock_timeout_is_told_in_the_settings(database: TestDatabase) -> None:
    text = f"{GUARD}\nALTER TABLE orders ADD n int;\nALTER TABLE orders ADD m int;"
    result = on("embedded", "statement-risk", TABLES, text, through="00001")
    assert "orders is locked ACCESS EXCLUSIVE by lines 2, 3 of 00002 to its end" in str(result.findings)
    database.execute(f"{TABLES} UPDATE pg_class SET relpages = 1000000 WHERE relname = 'orders'")
    text, options = "ALTER TABLE orders ADD m int;", {"online-safety": {"lock_timeout": "set by the runner"}}
    bare = on("embedded", "statement-risk", TABLES, text, through="00001", target=database.address)
    told = on("embedded", "statement-risk", TABLES, text, through="00001", target=database.address, options=options)
    assert (bare.status, told.status) == (Status.WARNING, Status.PASSED)
