"""Migration files are foreign code: what they reach for, and what they take, on PostgreSQL 15 and 18.

`pytest -n 0 -s` on this file prints what held each attempt. The attempts are in `jail`, and run in a bot of their own
process, which has a secret in its environment and one in a file.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from checks.base import Inputs, ScratchLimits, Status
from checks.catalogue import CATALOGUE
from checks.runner import run_checks
from checks.scratchdb._supervisor import family, family_by_ps
from checks.scratchdb.account import UNUSED
from checks.scratchdb.database import open_scratch
from checks.scratchdb.server import Server, leased_server, shared_server
from checks.sql.reach import first_reach
from tests.checks.check_samples import USERS, migrations, run_one
from tests.checks.jail import CONTENT, ENVIRONMENT, LIMITS, REACHES, SETTINGS, TAKES
from tests.postgres import POSTGRES_15

VERSIONS = ["18", pytest.param("15", marks=pytest.mark.postgres15)]
# Two bots start a dozen servers each: on a machine that has more to do this takes minutes.
pytestmark = pytest.mark.timeout(400)
IS_ROOT = os.geteuid() == 0
# These no text rule has to know: they change nothing beyond the database, and the server says no.
LEFT_TO_THE_SERVER = {
    "SET SESSION AUTHORIZATION",
    "ALTER ROLE SUPERUSER",
    "ALTER ROLE of the superuser",
    "catalogue by hand",
    "SET temp_file_limit",
    "ALTER ROLE SET temp_file_limit",
}
Told = dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """By version what a bot tells of its attempts, in order; both bots run at once."""
    planted = tmp_path_factory.mktemp("jail") / "planted"
    planted.write_text(CONTENT)
    planted.chmod(0o600)
    versions = [version for version in SETTINGS if version == "18" or (POSTGRES_15 / "postgres").exists()]
    bots = {version: _bot(version, planted) for version in versions}
    found = {version: [json.loads(line) for line in bot.communicate()[0].splitlines()] for version, bot in bots.items()}
    assert [bot.returncode for bot in bots.values()] == [0] * len(bots)
    assert planted.read_text() == CONTENT
    return found


def _bot(version: str, planted: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.checks.jail", version, str(planted)]
    environment = {**os.environ, "SLACK_BOT_TOKEN": ENVIRONMENT}
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)


def attempts(told: Told, version: str, names: object) -> list[dict[str, Any]]:
    if version not in told:
        pytest.skip("PostgreSQL 15 is not installed: apt-get install postgresql-15")
    return [one for one in told[version] if one["name"] in names]  # type: ignore[operator]


@pytest.mark.parametrize("version", VERSIONS)
def test_no_attempt_reaches_a_program_a_file_a_host_or_a_secret(told: Told, version: str) -> None:
    found = attempts(told, version, REACHES)
    assert len(found) == 2 * len(REACHES)
    for one in found:
        print(f"{version} {one['form']:6} {one['name']:46} {one['took']:4} s  {one['summary']}")
        assert one["status"] in (Status.FAILED, Status.COULD_NOT_RUN), one
        for secret in (ENVIRONMENT, CONTENT, "LEAK"):
            assert secret not in json.dumps(one), one
    assert not Path("/tmp/gonogo-jail-written").exists()


@pytest.mark.parametrize("version", VERSIONS)
def test_what_the_text_shows_is_refused_before_anything_runs_and_the_server_holds_the_rest(
    told: Told, version: str
) -> None:
    for one in attempts(told, version, REACHES):
        refused = one["summary"].startswith("nothing was tried: 00001_a.sql:")
        assert refused == (one["form"] == "plain" and one["name"] not in LEFT_TO_THE_SERVER), one
        if refused:
            assert " reaches for " in one["summary"]
            assert (one["second"], one["hint"]) == (
                one["summary"],
                "let an administrator do that, outside of the migrations",
            )


@pytest.mark.parametrize("version", VERSIONS)
def test_nothing_takes_more_than_its_limit_and_the_limit_is_named(told: Told, version: str) -> None:
    words = {"time": "2 s, the limit", "disk": "256 MB of disk, the limit", "memory": "256 MB of memory, the limit"}
    found = attempts(told, version, TAKES)
    assert len(found) == len(TAKES)
    for one in found:
        measured = f"{one['took']:4} s {one['disk']:4} MB of disk {one['memory']:4} MB of memory"
        print(f"{version} {one['form']:6} {one['name']:36} {measured}  {one['summary']}")
        assert one["took"] < LIMITS.time + 10
        # Both are looked at, which a busy machine does later.
        assert one["disk"] * 1024**2 <= 1.25 * LIMITS.disk
        assert one["memory"] * 1024**2 <= 1.25 * LIMITS.memory
        if not (limit := TAKES[one["name"]][0]):
            assert (one["status"], "54001" in one["summary"]) == (Status.FAILED, True)
            continue
        # A slow machine may meet the time first.
        assert one["summary"].startswith("the scratch run was stopped at 00001_a.sql:")
        assert one["summary"].endswith((words[limit], words["time"]))
        assert (one["status"], one["second"]) == (Status.COULD_NOT_RUN, one["summary"])


@pytest.mark.parametrize("version", VERSIONS)
def test_even_a_program_would_see_a_bare_environment_and_nobody_else_s(told: Told, version: str) -> None:
    [seen] = attempts(told, version, ["superuser"])
    names = {line.partition("=")[0] for line in seen["environment"]}
    assert "PATH" in names
    assert names <= {"PATH", "LC_ALL", "TZ", "LD_LIBRARY_PATH", "PWD", "SHLVL", "_", "OLDPWD", "PGDATA"} | {
        name for name in names if name.startswith(("PG", "LC_"))
    }
    if not IS_ROOT:
        pytest.skip("the server has the number of the bot, which is not root")
    assert "PATH=" in "\n".join(seen["environments"])
    assert ENVIRONMENT not in "\n".join(seen["environments"])
    [number] = seen["files"]
    assert int(number) in UNUSED


@pytest.mark.skipif(not IS_ROOT, reason="an ordinary user's servers have its own number")
def test_each_server_has_a_user_of_its_own(postgres: Server, postgres15: Server) -> None:
    owners = [(server.directory / "data").stat() for server in (postgres, postgres15)]
    assert owners[0].st_uid != owners[1].st_uid
    assert all(owner.st_uid in UNUSED and owner.st_mode & 0o077 == 0 for owner in owners)


@pytest.mark.parametrize("version", VERSIONS)
def test_dblink_to_the_server_itself_gets_nowhere(version: str) -> None:
    """Even where an administrator has made the extension."""
    with (
        open_scratch(SETTINGS[version], limits=ScratchLimits()) as server,
        server.database() as database,
        database.connect() as login,
    ):
        started = server.started
        assert started is not None
        with psycopg.connect(started.conninfo_for(database.name), autocommit=True) as admin:
            admin.execute("CREATE EXTENSION dblink")
        itself = f"host=127.0.0.1 port={started.port} dbname=postgres user=postgres"
        with pytest.raises(psycopg.Error, match=r"password .*required"):
            login.execute("SELECT dblink_connect(%s)", [itself])
        with pytest.raises(psycopg.Error, match="password authentication failed"):
            login.execute("SELECT dblink_connect(%s)", [f"{itself} password=postgres"])
        with pytest.raises(psycopg.Error, match="permission denied for function dblink_connect_u"):
            login.execute("SELECT dblink_connect_u(%s)", [itself])


def test_a_run_beside_one_that_is_stopped_goes_on_and_the_next_has_a_server_again() -> None:
    limits = ScratchLimits(time=4)
    shared_server(limits=limits)
    wanted = [CATALOGUE["applies-to-scratch"], CATALOGUE["tables-created"]]
    good = Inputs(migrations=migrations(USERS), scratch_server="embedded", scratch_limits=limits)
    beside: Iterator[Any] = run_checks(wanted, good)
    assert next(beside)[1].status is Status.PASSED
    harmful = migrations(";\n".join(TAKES["a loop that traps its cancel"][1]))
    started = time.monotonic()
    stopped = run_one("applies-to-scratch", replace(good, migrations=harmful))
    assert time.monotonic() - started < limits.time + 10
    assert stopped.summary == "the scratch run was stopped at 00001_a.sql:2: 4 s, the limit"
    assert stopped.hint == "mend it, or raise time under [scratch] in gonogo.toml"
    assert next(beside)[1].summary == "1 of 1 tables present"
    assert [result.status for _, result in run_checks(wanted, good)] == [Status.PASSED, Status.PASSED]


def test_a_server_that_was_ended_leaves_nothing_behind() -> None:
    with leased_server(limits=ScratchLimits(time=5)) as server:
        number = (server.directory / "data").stat().st_uid
        server.kill()
    assert not server.directory.exists()
    if IS_ROOT:
        left = [*Path("/proc").glob("[0-9]*"), *Path("/dev/shm").glob("PostgreSQL.*")]
        assert [place for place in left if place.exists() and place.stat().st_uid == number] == []


def test_sessions_on_a_server_of_the_team_s_end_with_the_time_too(postgres: Server) -> None:
    files = migrations(USERS, ";\n".join(TAKES["a loop that traps its cancel"][1]))
    inputs = Inputs(migrations=files, scratch_server=postgres.conninfo, scratch_limits=ScratchLimits(time=2))
    wanted = [CATALOGUE["applies-to-scratch"], CATALOGUE["tables-created"]]
    summaries = [result.summary for _, result in run_checks(wanted, inputs)]
    assert summaries == ["the scratch run was stopped at 00002_b.sql:2: 2 s, the limit"] * 2
    with psycopg.connect(postgres.conninfo) as connection:
        left = "SELECT count(*) FROM pg_stat_activity WHERE datname LIKE 'gonogo\\_%'"
        assert connection.execute(left).fetchone() == (0,)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    "text",
    [
        "CREATE ROLE app; GRANT app TO CURRENT_USER; ALTER ROLE app SET search_path = x; DROP ROLE app;",
        "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'app') THEN CREATE ROLE app; END IF; END $$;",
        "DO $$ BEGIN CREATE ROLE app; EXCEPTION WHEN duplicate_object THEN NULL; END $$; GRANT SELECT ON users TO app;",
        "GRANT SELECT ON users TO reporting; ALTER ROLE reporting SET work_mem = '8MB'; DROP OWNED BY reporting;",
    ],
)
def test_ordinary_statements_about_roles_run(version: str, text: str) -> None:
    inputs = Inputs(migrations=migrations(USERS, text), scratch_server=SETTINGS[version])
    result = run_one("applies-to-scratch", inputs)
    assert result.status is Status.PASSED, result.summary


@pytest.mark.parametrize("version", VERSIONS)
def test_the_login_makes_roles_only_where_the_files_are_about_roles(version: str) -> None:
    asked = (
        "DO $$ BEGIN ASSERT NOT (SELECT rolcreaterole FROM pg_roles WHERE rolname = current_user), 'it may'; END $$;"
    )
    without, having = (
        run_one("applies-to-scratch", Inputs(migrations=migrations(text), scratch_server=SETTINGS[version]))
        for text in (asked, f"CREATE ROLE app; {asked}")
    )
    assert without.status is Status.PASSED
    assert "it may" in having.summary


def test_thousands_of_roles_are_not_dropped_one_by_one() -> None:
    many = "CREATE ROLE a0; DO $$ BEGIN FOR n IN 1..3000 LOOP EXECUTE 'CREATE ROLE a' || n; END LOOP; END $$;"
    started = time.monotonic()
    for text in (many, "CREATE ROLE a1;"):
        inputs = Inputs(migrations=migrations(text), scratch_server="embedded", scratch_limits=ScratchLimits(time=20))
        assert run_one("applies-to-scratch", inputs).status is Status.PASSED
    assert time.monotonic() - started < 20


def test_processes_are_found_without_proc_too() -> None:
    """As on macOS."""
    if shutil.which("ps") is None:
        pytest.skip("ps is not installed")
    child = subprocess.Popen(["sh", "-c", "sleep 60 & wait"])
    try:
        found = family_by_ps(os.getpid())
        assert found.keys() >= family(os.getpid()).keys() - {os.getpid()} >= {child.pid}
        assert found[child.pid] > 0
    finally:
        for pid in family(child.pid):
            os.kill(pid, signal.SIGKILL)
        child.wait()


BODY = "CREATE FUNCTION f() RETURNS void LANGUAGE {} AS $$\n{}\n$$;"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("\nCOPY t TO PROGRAM 'id';", "00001_a.sql:2 reaches for a program of the server"),
        ("SELECT 1,\n pg_read_file('x');", "00001_a.sql:2 reaches for files of the server by pg_read_file()"),
        ("CREATE VIEW v AS SELECT pg_catalog.lo_import('x');", "files of the server by lo_import()"),
        (
            "DO $$\nBEGIN\n IF a THEN\n  COPY t FROM PROGRAM 'id'; END IF; END $$;",
            "00001_a.sql:4 reaches for a program",
        ),
        (
            BODY.format("plpgsql", "DECLARE x text;\nBEGIN\nx := pg_read_file('x'); END"),
            "00001_a.sql:4 reaches for files",
        ),
        (BODY.format("plpgsql", "BEGIN\nPERFORM dblink('x', 'y'); END"), "reaches for another host by dblink()"),
        (BODY.format("sql", "SELECT\npg_ls_dir('.')"), "reaches for files of the server by pg_ls_dir()"),
        (BODY.format("plpython3u", "import os"), "reaches for the language plpython3u"),
        ("CREATE EXTENSION IF NOT EXISTS postgres_fdw;", "reaches for another host by the extension postgres_fdw"),
        ("CREATE LANGUAGE plperlu;", "reaches for the language plperlu"),
        ("CREATE ROLE x IN ROLE app, pg_read_server_files;", "reaches for the role pg_read_server_files"),
    ],
)
def test_a_reach_is_told_with_its_line(text: str, told: str) -> None:
    assert told in str(first_reach(migrations(text).files))


@pytest.mark.parametrize(
    "text",
    [
        "COPY t FROM STDIN;",
        "-- COPY t FROM PROGRAM 'id'\nSELECT 'pg_read_file(x)';",
        "CREATE TABLE load (copy text, program text, server text, language text, system text);",
        "CREATE FUNCTION app.lo_import(x text) RETURNS int LANGUAGE sql AS 'SELECT 1'; SELECT app.lo_import('x');",
        "CREATE FUNCTION pg_ls_all() RETURNS int LANGUAGE sql AS 'SELECT 1';",
        BODY.format("plpgsql", "BEGIN\n/* dblink('x') */ RAISE NOTICE 'ALTER SYSTEM %', 'LOAD'; END"),
        "CREATE EXTENSION citext; CREATE EXTENSION plpgsql; REVOKE pg_read_server_files FROM app;",
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; END;",
    ],
)
def test_what_only_looks_like_a_reach_is_none(text: str) -> None:
    assert first_reach(migrations(text).files) is None
