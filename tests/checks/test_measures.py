"""One convention for sizes and durations: the function itself, and two checks about one table."""

from __future__ import annotations

import re

import pytest

from checks.base import Inputs
from checks.measures import duration, size
from tests.checks.check_samples import USERS, migrations, run_one
from tests.postgres import TestDatabase

GIGABYTE = 1024**3


@pytest.mark.parametrize(
    ("count", "shown"),
    [
        (0, "0 bytes"),
        (512, "512 bytes"),
        (1024, "1 kB"),
        (8192, "8 kB"),
        (1536, "1.5 kB"),
        (3.1 * 1024**2, "3.1 MB"),
        (41 * GIGABYTE, "41 GB"),
        (2000 * GIGABYTE, "2 TB"),
        (-8192, "-8 kB"),
    ],
)
def test_a_size_is_in_the_units_of_postgresql(count: float, shown: str) -> None:
    assert size(count) == shown


def test_postgresql_says_the_same_where_it_has_as_many_digits(database: TestDatabase) -> None:
    counts = [512, 41 * 1024, 41 * 1024**2, 41 * GIGABYTE, 41 * 1024 * GIGABYTE]
    with database.connect() as connection:
        theirs = [connection.execute("SELECT pg_size_pretty(%s::bigint)", [count]).fetchone() for count in counts]
    assert [(size(count),) for count in counts] == theirs


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (-3, "0 s"),
        (0, "0 s"),
        (0.0002, "0 s"),
        (0.35, "350 ms"),
        (0.9999, "1 s"),
        (1.24, "1.2 s"),
        (9.97, "10 s"),
        (119, "119 s"),
        (120, "2 min"),
        (3599, "59 min"),
        (3600, "1 h"),
        (5400, "1 h 30 min"),
        (30 * 3600 + 1800, "30 h"),
        (52 * 3600, "2 d 4 h"),
        (72 * 3600, "3 d"),
        (12.5 * 86400, "12 d"),
    ],
)
def test_a_duration_has_at_most_two_units(seconds: float, shown: str) -> None:
    assert duration(seconds) == shown


def test_two_checks_give_one_table_one_size(database: TestDatabase) -> None:
    database.execute(USERS)
    database.execute(f"UPDATE pg_class SET relpages = {41 * GIGABYTE // 8192} WHERE relname = 'users'")
    rewrite = "ALTER TABLE users ALTER COLUMN id TYPE numeric;"
    files = migrations(USERS, rewrite, applied_through="00001")
    inputs = Inputs(migrations=files, scratch_server="embedded", target=database.address)
    by_risk, by_disk = run_one("statement-risk", inputs).summary, run_one("disk-use", inputs).summary
    assert re.findall(r"users \(?(41 GB)", by_risk + by_disk) == ["41 GB", "41 GB"], (by_risk, by_disk)
