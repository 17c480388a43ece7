"""What online-safety knows from other files and from the settings, and what it says where it cannot know."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checks.base import Inputs, Result, Status
from tests.checks.check_samples import migrations, places, run_one

TABLES = "CREATE TABLE orders (id bigint PRIMARY KEY, total int, note varchar(10));"
GUARD = "SET lock_timeout = '5s';"
ADD = "ALTER TABLE orders ADD n int;"


def lint(*texts: str, applied: int = 1, tool: str = "sqlx", **options: object) -> Result:
    """Over files of which the first `applied` are there already."""
    files = migrations(*texts, tool=tool)
    files = replace(files, applied_through=files.ups[applied - 1].version)
    return run_one("online-safety", Inputs(migrations=files, options={"online-safety": options}))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("ALTER note TYPE text", "no file tells the present one (changing-column-type)"),
        ("ADD n int DEFAULT next_number()", "if the function of its default is VOLATILE (adding-field-with-default)"),
        ("ALTER made TYPE timestamptz", "unless the session's TimeZone is UTC (changing-column-type)"),
    ],
)
def test_what_the_files_do_not_tell_is_a_warning(change: str, words: str) -> None:
    text = "CREATE TABLE copies AS SELECT 1 AS note;\nALTER TABLE copies ADD made timestamp;"
    result = lint(text, f"{GUARD}\nALTER TABLE copies {change};")
    assert (result.status, places(result)) == (Status.WARNING, [("copies", "00002_b.sql", 2)])
    assert words in result.summary


@pytest.mark.parametrize(
    "between",
    [
        "ALTER TABLE orders ALTER note TYPE varchar(20);",
        "ALTER TABLE orders RENAME note TO remark;\nALTER TABLE orders RENAME remark TO note;",
        "ALTER TABLE orders DROP note;\nALTER TABLE orders ADD note varchar(20);",
        'CREATE TABLE "Orders" (note int);',
        "SELEC 1;",
    ],
)
@pytest.mark.parametrize("applied", [1, 2])
def test_the_present_type_is_that_of_the_last_file_that_changed_it(between: str, applied: int) -> None:
    change = f"{GUARD}\nALTER TABLE orders ALTER note TYPE varchar(20);"
    if between.startswith("SELEC "):
        applied = 2  # nobody can judge a pending file that does not parse
    elif applied == 1:
        between = f"{GUARD}\n{between}"
    result = lint(TABLES, between, change, applied=applied)
    assert result.status is not Status.COULD_NOT_RUN
    assert "changing-column-type" not in str(result.findings)


def test_a_new_name_makes_no_new_table() -> None:
    text = f"{GUARD}\nALTER TABLE orders RENAME TO sales;\nALTER TABLE sales ADD CHECK (total > 0);"
    result = lint(TABLES, text)
    assert ("sales", "00002_b.sql", 3) in places(result)


def test_a_lock_timeout_is_missed_once_a_run() -> None:
    result = lint(TABLES, f"{ADD}\nDROP TABLE orders;", "SELECT 1;", "ALTER TABLE orders ADD m int;")
    assert (result.status, places(result)) == (Status.WARNING, [("orders", "00002_b.sql", 1)])
    assert "; so do 1 more statement of the file and 1 more file (lock-timeout)" in result.summary
    assert "SET lock_timeout" in result.hint


@pytest.mark.parametrize(
    ("texts", "tool", "is_missed"),
    [
        ((f"SET lock_timeout = '5s';\n{ADD}",), "sqlx", False),
        (("SET lock_timeout = '5s';", ADD), "sqlx", False),
        (("SET LOCAL lock_timeout = '5s';", ADD), "sqlx", True),
        ((f"SET LOCAL lock_timeout = '5s';\n{ADD}",), "sqlx", False),
        ((f"-- no-transaction\nSET LOCAL lock_timeout = '5s';\n{ADD}",), "golang-migrate", False),
        ((f"SET lock_timeout = 0;\n{ADD}",), "sqlx", True),
        (("SET lock_timeout = '5s';", f"RESET lock_timeout;\n{ADD}"), "sqlx", True),
        (("SET lock_timeout = '5s';", f"RESET ALL;\n{ADD}"), "sqlx", True),
        ((f"{ADD}\nSET lock_timeout = '5s';",), "sqlx", True),
    ],
)
def test_settings_of_the_session_count(texts: tuple[str, ...], tool: str, is_missed: bool) -> None:
    assert ("(lock-timeout)" in lint(TABLES, *texts, tool=tool).summary) is is_missed


def test_a_team_says_that_its_runner_sets_lock_timeout() -> None:
    assert lint(TABLES, ADD, lock_timeout="set by the runner").status is Status.PASSED
    assert lint(TABLES, ADD, off=["lock-timeout"]).status is Status.PASSED
    assert lint(TABLES, ADD, lock_timeout=5).status is Status.COULD_NOT_RUN


def test_the_hint_for_a_partitioned_table_is_one_that_postgresql_takes() -> None:
    result = lint("CREATE TABLE events (day date, n int) PARTITION BY RANGE (day);", "CREATE INDEX ON events (n);")
    assert result.hint.startswith("CREATE INDEX … ON ONLY it")


@pytest.mark.parametrize(
    ("comment", "status"),
    [
        ("-- squawk-ignore constraint-missing-not-valid", Status.PASSED),
        ("-- squawk-ignore adding-required-field, constraint-missing-not-valid", Status.PASSED),
        ("-- squawk-ignore adding-required-field", Status.FAILED),
        ("-- squawk-ignore constraint-missing-not-valid\nSELECT 1;", Status.FAILED),
        ("-- squawk-ignore-file constraint-missing-not-valid\nSELECT 1;", Status.PASSED),
    ],
)
def test_squawk_s_comments_work_for_rules_that_we_read_ourselves(comment: str, status: Status) -> None:
    assert lint(TABLES, f"{GUARD}\n{comment}\nALTER TABLE orders ADD CHECK (total > 0);").status is status


def test_a_table_that_is_parted_takes_in_the_old_one() -> None:
    text = f"""{GUARD}
CREATE TABLE events (id bigint NOT NULL, total int, note varchar(10)) PARTITION BY RANGE (id);
ALTER TABLE events ATTACH PARTITION orders FOR VALUES FROM (1) TO (1000);"""
    assert places(lint(TABLES, text)) == [("orders", "00002_b.sql", 3)]
    bounds = "ALTER TABLE orders ADD CHECK (id >= 1 AND id < 1000);"
    assert lint(TABLES, bounds, text, applied=2).status is Status.PASSED
