"""The scratch run of the shop's ten files: all scratch checks against the bare files sent by psycopg, on each server.

Each round runs all forms one after the other, so that a busy machine slows all; the figure is the median of the rounds.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import psycopg
from psycopg import sql

from checks.base import Inputs, MigrationSet, ScratchLimits, Status
from checks.migrations import read_directory
from checks.risk.observer import seen_after
from checks.runner import run_checks
from checks.scratch import CHECKS
from checks.scratchdb.apply import Look, apply_files
from checks.scratchdb.database import open_scratch
from checks.scratchdb.server import Server, shared_server

ROUNDS = 7
SHOP = Path(__file__).parents[2] / "bot" / "demo" / "sample" / "migrations"
POSTGRES_15 = Path("/usr/lib/postgresql/15/bin")
Figure = tuple[str, float, str]


def run() -> list[Figure]:
    """Milliseconds of each form, and the ratios to the bare files."""
    files = read_directory(SHOP)
    figures = _figures(files, shared_server(), "embedded")
    if (POSTGRES_15 / "postgres").exists():
        figures += _figures(files, shared_server(POSTGRES_15), f"bin:{POSTGRES_15}")
    return figures


def _figures(files: MigrationSet, server: Server, setting: str) -> list[Figure]:
    forms: dict[str, Callable[[], object]] = {
        "bare: create, ten files, drop": lambda: _bare(files, server),
        "statement by statement": lambda: _applied(files, setting, None),
        "with locks seen": lambda: _applied(files, setting, seen_after),
        "all scratch checks but down-up": lambda: _checked(files, setting, without=("down-up",)),
        "all scratch checks": lambda: _checked(files, setting, without=()),
    }
    times: dict[str, list[float]] = {label: [] for label in forms}
    for form in forms.values():
        form()
    for _ in range(ROUNDS):
        for label, form in forms.items():
            times[label].append(_seconds(form))
    [bare, *_] = times.values()
    label = f"PostgreSQL {server.major}"
    found = [(f"{label}: {name}", 1000 * statistics.median(taken), "ms") for name, taken in times.items()]
    return found + [(f"{label}: {name} / bare", _ratio(taken, bare), "×") for name, taken in list(times.items())[1:]]


def _bare(files: MigrationSet, server: Server) -> None:
    """A transaction a file, the file as one string, as a runner does."""
    name = sql.Identifier("bench_bare")
    with psycopg.connect(server.conninfo, autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(name))
        with psycopg.connect(server.conninfo_for("bench_bare"), autocommit=True) as connection:
            for file in files.ups:
                alone = file.content.startswith(b"-- no-transaction")
                connection.execute(file.content if alone else b"BEGIN;" + file.content + b";COMMIT")
        admin.execute(sql.SQL("DROP DATABASE {}").format(name))


def _applied(files: MigrationSet, setting: str, look: Look | None) -> None:
    with (
        open_scratch(setting, limits=ScratchLimits()) as server,
        server.database(files.files) as database,
        database.connect() as connection,
    ):
        done = apply_files(connection, files.ups, files.tool, look)
    if done.error is not None:
        raise AssertionError(done.error.message)


def _checked(files: MigrationSet, setting: str, without: Sequence[str]) -> None:
    wanted = [check for check in CHECKS if check.id not in without]
    for check, result in run_checks(wanted, Inputs(migrations=files, scratch_server=setting)):
        if result.status not in (Status.PASSED, Status.EVIDENCE, Status.NOT_APPLICABLE):
            raise AssertionError(f"{check.id} is not silent: {result.summary}")


def _ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    return statistics.median(mine / its for mine, its in zip(ours, theirs, strict=True))


def _seconds(function: Callable[[], object]) -> float:
    started = time.perf_counter()
    function()
    return time.perf_counter() - started
