"""Every rule of the files checks: its broken case is found at its place, its twin is not, and PostgreSQL agrees."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest

from checks.base import MigrationSet, Status
from checks.scratchdb.apply import Applied, apply_files
from checks.scratchdb.server import Server
from tests.checks.check_samples import migrations, on_files
from tests.checks.files.file_case import Case
from tests.checks.files.habit_cases import HABITS
from tests.checks.files.online_cases import ONLINE
from tests.checks.files.order_cases import ORDER
from tests.checks.files.security_cases import SECURITY
from tests.postgres import TestDatabase, make_database

CASES = (*ORDER, *ONLINE, *SECURITY, *HABITS)
_CLEAN = (Status.PASSED, Status.NOT_APPLICABLE)


def _set(case: Case, texts: tuple[str, ...]) -> MigrationSet:
    files = migrations(*case.before, *texts, tool=case.tool)
    applied = len(case.before)
    return replace(files, applied_through=files.ups[applied - 1].version if applied else None)


@pytest.fixture(scope="module")
def shop(postgres: Server) -> Iterator[TestDatabase]:
    """One database for all cases: each begins with an empty schema, which is far cheaper than a new database."""
    with make_database(postgres) as made:
        yield made


@pytest.fixture(scope="module")
def shop15(postgres15: Server) -> Iterator[TestDatabase]:
    with make_database(postgres15) as made:
        yield made


def _apply(database: TestDatabase, files: MigrationSet) -> Applied:
    """As the tool does; roles are dropped afterwards, since they belong to the whole server."""
    with psycopg.connect(database.admin, autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        applied = apply_files(connection, files.ups, files.tool)
        for role in ("app_one", "app_two"):
            if connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone():
                connection.execute(f"DROP OWNED BY {role}; DROP ROLE {role}".encode())
        return applied


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_broken_case_is_found_at_its_place(case: Case) -> None:
    result = on_files(case.check, _set(case, case.broken))
    assert result.status is case.status, result.summary
    first = result.findings[0]
    assert (first.object, first.file, first.line) == case.place
    assert first.hint, "a finding says what to type"
    assert first.message in result.summary


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_twin_is_not(case: Case) -> None:
    result = on_files(case.check, _set(case, case.twin))
    assert result.status in _CLEAN, result.summary


@pytest.mark.parametrize("case", ONLINE, ids=str)
def test_the_rule_is_named(case: Case) -> None:
    result = on_files(case.check, _set(case, case.broken))
    assert f"({case.rule.partition(',')[0]})" in result.findings[0].message


@pytest.mark.parametrize("case", CASES, ids=str)
def test_postgresql_18_agrees(case: Case, shop: TestDatabase) -> None:
    assert (error := _apply(shop, _set(case, case.twin)).error) is None, error


@pytest.mark.parametrize("case", [case for case in CASES if case.refused is not None], ids=str)
def test_postgresql_18_refuses_what_it_cannot_run(case: Case, shop: TestDatabase) -> None:
    assert (_apply(shop, _set(case, case.broken)).error is not None) is case.refused


@pytest.mark.postgres15
@pytest.mark.parametrize("case", CASES, ids=str)
def test_postgresql_15_agrees(case: Case, shop15: TestDatabase) -> None:
    assert (error := _apply(shop15, _set(case, case.twin)).error) is None, error


def test_every_files_check_has_a_case_here_or_beside() -> None:
    from checks.files import CHECKS

    beside = {
        "syntax",
        "sequential-numbering",
        "file-names",
        "migration-comments",
        "stated-range",
        "down-files",
        "documented-changes",
        "ignore-comments",
    }
    assert {check.id for check in CHECKS} == {case.check for case in CASES} | beside


FUNCTIONS = """CREATE TYPE mood AS ENUM ('good', 'bad');
CREATE TABLE users (id int, "Mood" mood);
CREATE FUNCTION old() RETURNS void LANGUAGE sql AS $$ SELECT 1 $$;
CREATE FUNCTION sad() RETURNS bigint LANGUAGE sql AS $$ SELECT count(*) FROM users WHERE "Mood" = 'bad' $$;
CREATE FUNCTION other() RETURNS text LANGUAGE sql AS $$ SELECT 'bad' $$;
CREATE FUNCTION gone() RETURNS mood LANGUAGE plpgsql AS $$ BEGIN RETURN 'bad'::mood; END $$;"""
SWITCH = """CREATE OR REPLACE FUNCTION gone() RETURNS mood LANGUAGE plpgsql AS $$ BEGIN RETURN 'good'::mood; END $$;
ALTER TYPE mood RENAME TO was; CREATE TYPE mood AS ENUM ('good');
ALTER TABLE users ALTER "Mood" TYPE mood USING {};"""


@pytest.mark.parametrize(
    ("using", "told"),
    [
        ('"Mood"::text::mood', "a row that has it stops the file (22P02)"),
        ("(CASE WHEN \"Mood\" = 'bad' THEN 'good' END)::mood", "a row that has it becomes what USING says"),
    ],
)
def test_a_dropped_enum_label_names_what_it_loses_and_who_still_has_it(
    using: str, told: str, shop: TestDatabase
) -> None:
    files = migrations(FUNCTIONS, SWITCH.format(using), applied_through="00001")
    [finding] = on_files("destructive-statements", files).findings
    assert finding.message == (
        f'drops label "bad" of mood: users."Mood" is switched, {told}; function sad (00001_a.sql:4) still names it'
    )
    _apply(shop, migrations(FUNCTIONS))
    shop.execute("INSERT INTO users VALUES (1, 'good'), (2, 'bad')")
    with shop.connect() as connection:
        assert connection.execute(finding.hint.encode()).fetchone() == (1,)


def test_a_renamed_composite_type_has_no_labels_to_miss() -> None:
    before = "CREATE TYPE pair AS (a int, b int); CREATE TYPE mood AS ENUM ('good');"
    after = "ALTER TYPE pair RENAME TO couple; CREATE TABLE t (c couple DEFAULT '(1,2)');"
    assert on_files("types-defined", migrations(before, after, applied_through="00001")).status is Status.PASSED
