"""Comparison of two databases that differ by one index, against two `pg_dump -s` and a diff, and migra."""

from __future__ import annotations

import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from checks.base import DatabaseAddress
from checks.scratchdb.server import shared_server
from checks.targetdb.compare import compare_databases
from checks.targetdb.session import Target
from tests.postgres import POSTGRES_15, TestDatabase, make_database

SIZES = (100, 1000, 5000)
ROUNDS = 3
# A table as applications have them: eight columns, four indexes, a foreign key, two checks.
TABLE = """
CREATE TABLE customers_{n} (id bigserial PRIMARY KEY, email text NOT NULL UNIQUE, name varchar(80) DEFAULT '',
  parent_id bigint REFERENCES customers_{parent}, total numeric(10, 2) CHECK (total >= 0),
  state varchar(10) CHECK (state IN ('new', 'old')), created timestamptz NOT NULL DEFAULT now(), note text);
CREATE INDEX ON customers_{n} (name, created);
CREATE INDEX ON customers_{n} (created) WHERE total > 5;
"""

Row = tuple[str, float, str]


def run() -> list[Row]:
    rows: list[Row] = []
    with make_database(shared_server()) as left, make_database(shared_server()) as right:
        made = 0
        for tables in SIZES:
            for database in (left, right):
                _grow(database, made, tables)
            right.execute("DROP INDEX IF EXISTS customers_7_name_created_idx")
            made = tables
            rows.extend(_figures(left, right, tables))
    return rows


def _grow(database: TestDatabase, start: int, end: int) -> None:
    for first in range(start, end, 50):
        numbers = range(first, min(first + 50, end))
        database.execute("".join(TABLE.format(n=n, parent=max(n - 1, 0)) for n in numbers))
    database.execute("VACUUM ANALYZE")


def _figures(left: TestDatabase, right: TestDatabase, tables: int) -> list[Row]:
    targets = Target(left.address), Target(DatabaseAddress("staging", right.monitor))

    def compare() -> None:
        assert [f.object for f in compare_databases(*targets).findings] == ["customers_7.customers_7_name_created_idx"]

    ours = _median(compare)
    dumps = _median(lambda: _dump_and_diff(left, right))
    rows = [
        (f"{tables} tables: comparison", ours * 1000, "ms"),
        (f"{tables} tables: pg_dump -s twice at once, and a diff", dumps * 1000, "ms"),
        (f"{tables} tables: comparison / pg_dump (bar 1.25)", ours / dumps, "x"),
    ]
    for target in targets:
        target.close()
    return rows + _migra(left, right, tables, ours)


def _median(work: Callable[[], None]) -> float:
    took = []
    for _ in range(ROUNDS):
        started = time.monotonic()
        work()
        took.append(time.monotonic() - started)
    return statistics.median(took)


def _dump_and_diff(left: TestDatabase, right: TestDatabase) -> None:
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder, name) for name in ("left.sql", "right.sql")]
        commands = [
            [_pg_dump(), "-s", "-d", database.admin, "-f", str(file)]
            for database, file in zip((left, right), files, strict=True)
        ]
        processes = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for command in commands]
        errors = [process.communicate()[1] for process in processes]
        if any(process.returncode for process in processes):
            raise RuntimeError(f"pg_dump failed: {errors[0] or errors[1]}")
        subprocess.run(["diff", *map(str, files)], capture_output=True, check=False)


def _pg_dump() -> str:
    """The wheel's, which is of the server's version; Debian's 15 refuses a newer server."""
    own = shared_server().bin_dir / "pg_dump"
    return str(own) if own.exists() else shutil.which("pg_dump") or str(POSTGRES_15 / "pg_dump")


def _migra(left: TestDatabase, right: TestDatabase, tables: int, ours: float) -> list[Row]:
    migra = shutil.which("migra")
    if migra is None:
        if tables == SIZES[0]:
            print("  no migra on PATH, so there is nothing to compare with: pipx install migra")
        return []
    started = time.monotonic()
    done = subprocess.run([migra, "--unsafe", left.admin, right.admin], capture_output=True, text=True, check=False)
    took = time.monotonic() - started
    # It ends with 2 when it found a difference, and prints the statement.
    if done.returncode != 2 or "customers_7_name_created_idx" not in done.stdout:
        print(f"  migra did not find the index: exit {done.returncode}, {done.stderr.strip()[-200:]}")
        return []
    return [
        (f"{tables} tables: migra", took * 1000, "ms"),
        (f"{tables} tables: migra / comparison (bar 4)", took / ours, "x"),
    ]
