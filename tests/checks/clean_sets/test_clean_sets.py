"""No false alarm: sets of five tools that really apply, on which no check says that anything is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import psycopg
import pytest

from checks.base import NOTE, Inputs, MigrationSet, Need, Status
from checks.catalogue import CATALOGUE
from checks.runner import run_checks
from checks.scratchdb.apply import apply_files
from checks.scratchdb.server import Server
from tests.checks.clean_sets.habits import SETS, CleanSet, last_ten_pending
from tests.postgres import make_database

_FEWEST_PASSED = 20
ROLES = ("app_reader", "app_writer")


@cache
def _read(each: CleanSet) -> MigrationSet:
    return each.read()


def _complaints(files: MigrationSet) -> Iterator[str]:
    """What `gonogo check files` finds, files and scratch checks, without any option set; too few that passed is one."""
    passed = 0
    inputs = Inputs(migrations=files, scratch_server="embedded")
    checks = [check for check in CATALOGUE.values() if check.needs in (Need.FILES, Need.SCRATCH)]
    for check, result in run_checks([c for c in checks if c.is_set_up({}) and c.has_inputs(inputs)], inputs):
        passed += result.status is Status.PASSED
        if result.status in (Status.FAILED, Status.WARNING, Status.COULD_NOT_RUN):
            yield f"{check.id} {result.status}: {result.summary}"
            yield from (f"    {finding}" for finding in result.findings if finding.severity != NOTE)
    if passed < _FEWEST_PASSED:
        yield f"only {passed} checks passed: the set has too little to look at"


def _apply(server: Server, files: MigrationSet) -> None:
    with make_database(server) as database, psycopg.connect(database.admin, autocommit=True) as connection:
        for role in ROLES:
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone():
                connection.execute(f"CREATE ROLE {role}".encode())
        assert apply_files(connection, files.ups, files.tool).error is None


@pytest.mark.parametrize("each", SETS, ids=str)
def test_a_clean_set_gives_no_alarm(each: CleanSet) -> None:
    """PostgreSQL 18, in the scratch database of the checks."""
    files = _read(each)
    for found in (files, last_ten_pending(files)):
        complaints = list(_complaints(found))
        print(f"{each}: {len(files.files)} files, {len(found.pending)} pending: {len(complaints)} complaints")
        assert not complaints, "\n".join(complaints)


@pytest.mark.postgres15
@pytest.mark.parametrize("each", SETS, ids=str)
def test_a_clean_set_applies_on_postgresql_15(each: CleanSet, postgres15: Server) -> None:
    _apply(postgres15, _read(each))


def test_the_sets_are_of_five_tools_and_have_four_hundred_files() -> None:
    assert len({each.tool for each in SETS}) >= 5
    names = {(str(each), file.name) for each in SETS for file in _read(each).files}
    assert len(names) >= 400
