"""The scratch run against the bare files sent by psycopg, each in a process with a warm server of its own, in turns.

The figure is the median over the rounds of the ratio within a round, so that a busy machine slows both sides. Ten files
are the shop's, all pending, applied and watched alone, and with every scratch check. Of the many, ten are pending. A
cold start is that of a process which was given nothing yet but its imports.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from checks.base import Check, Inputs, MigrationSet, Status
from checks.migrations import read_directory
from checks.runner import run_checks
from checks.scratch import CHECKS
from checks.scratch.database import applies_to_scratch
from checks.scratch.maintenance import statement_risk
from checks.scratchdb.server import shared_server
from tests.postgres import POSTGRES_15

ROUNDS = 7
SHOP = Path(__file__).parents[2] / "bot" / "demo" / "sample" / "migrations"
MANY, PENDING = 800, 10
TABLE = """-- Adds what is kept of kind {n}.
CREATE TABLE kept_{n} (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL,
  parent_id bigint REFERENCES kept_{parent}, state varchar(10) CHECK (state IN ('new', 'old')), made_at timestamptz);
CREATE INDEX kept_{n}_parent ON kept_{n} (parent_id);
COMMENT ON TABLE kept_{n} IS 'kind {n}';
"""
CHANGE = """-- Lets kind {n} have a note.
ALTER TABLE kept_{parent} ADD COLUMN note_{n} text;
UPDATE kept_{parent} SET note_{n} = name WHERE id < 0;
"""
Figure = tuple[str, float, str]


def run() -> list[Figure]:
    found: list[Figure] = []
    servers = ["embedded", *([f"bin:{POSTGRES_15}"] if (POSTGRES_15 / "postgres").exists() else [])]
    with tempfile.TemporaryDirectory() as folder:
        _write_many(Path(folder))
        for server in servers:
            label = "PostgreSQL 18" if server == "embedded" else "PostgreSQL 15"
            found += _compared(f"{label}: ten files, applied and watched", server, SHOP, "", 3, "watched")
            found += _compared(f"{label}: ten files, every check", server, SHOP, "", 3, "checked")
            many = f"{label}: {MANY} files, {PENDING} pending, every check"
            found += _compared(many, server, Path(folder), str(MANY - PENDING), 2, "checked")
            found.append((f"{label}: cold start (bar 500)", statistics.median(_cold(server, 5)), "ms"))
    return found


def _write_many(folder: Path) -> None:
    for n in range(1, MANY + 1):
        form = TABLE if n % 2 else CHANGE
        (folder / f"{n:05d}_kind.sql").write_text(form.format(n=n, parent=max(n - 1 - (n % 2), 1)))


def _compared(label: str, server: str, folder: Path, through: str, bar: int, form: str) -> list[Figure]:
    with _side("bare", server, folder, through) as bare, _side(form, server, folder, through) as checked:
        rounds = [(bare(), checked()) for _ in range(ROUNDS)]
    theirs, ours = ([pair[side] for pair in rounds] for side in (0, 1))
    ratio = statistics.median(mine / its for its, mine in rounds)
    return [
        (f"{label}: bare", 1000 * statistics.median(theirs), "ms"),
        (f"{label}: gonogo", 1000 * statistics.median(ours), "ms"),
        (f"{label}: gonogo / bare (bar {bar})", ratio, "×"),
    ]


@contextmanager
def _side(side: str, server: str, folder: Path, through: str) -> Iterator[Callable[[], float]]:
    """A process that does its side once for every line it is given, and says how long it took."""
    command = [sys.executable, "-m", "tests.bench.scratch", side, server, str(folder), through]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None and process.stdout is not None
        told, asked = process.stdout, process.stdin

        def once() -> float:
            asked.write("\n")
            asked.flush()
            return float(told.readline())

        once()
        yield once
        asked.close()


def _cold(server: str, times: int) -> Iterator[float]:
    for _ in range(times):
        command = [sys.executable, "-m", "tests.bench.scratch", "cold", server]
        yield 1000 * float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def _bare(files: MigrationSet, server: str) -> None:
    """A transaction a file, the file as one string, as a runner does."""
    warm = shared_server(_programs(server))
    name = sql.Identifier("bench_bare")
    with psycopg.connect(warm.conninfo, autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(name))
        with psycopg.connect(warm.conninfo_for("bench_bare"), autocommit=True) as connection:
            for file in files.ups:
                alone = file.content.startswith(b"-- no-transaction")
                connection.execute(file.content if alone else b"BEGIN;" + file.content + b";COMMIT")
        admin.execute(sql.SQL("DROP DATABASE {}").format(name))


def _watched(files: MigrationSet, server: str) -> None:
    _checked(files, server, [applies_to_scratch, statement_risk])


def _checked(files: MigrationSet, server: str, checks: Sequence[Check[Any]] = CHECKS) -> None:
    for check, result in run_checks(checks, Inputs(migrations=files, scratch_server=server)):
        if result.status is Status.FAILED or result.status is Status.COULD_NOT_RUN:
            raise AssertionError(f"{check.id}: {result.summary}")


def _programs(server: str) -> Path | None:
    return None if server == "embedded" else Path(server.removeprefix("bin:"))


def main(side: str, server: str, *of: str) -> None:
    if side == "cold":
        print(_seconds(lambda: shared_server(_programs(server))))
        return
    folder, through = of
    work: Callable[[MigrationSet, str], None] = {"bare": _bare, "watched": _watched, "checked": _checked}[side]
    for _ in sys.stdin:
        # Read anew, so that nothing that is kept of an earlier round helps.
        files = read_directory(folder)
        files = MigrationSet(files.files, files.tool, through or None, files.ignored)
        print(_seconds(lambda given=files: work(given, server)), flush=True)  # type: ignore[misc]


def _seconds(function: Callable[[], object]) -> float:
    started = time.perf_counter()
    function()
    return time.perf_counter() - started


if __name__ == "__main__":
    main(*sys.argv[1:])
