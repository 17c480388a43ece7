"""Migrations that mean harm, and a bot of its own process that runs them: `python -m tests.checks.jail VERSION FILE`.

The bot has a secret in its environment and one in FILE, as a real one has; a line of JSON tells of each attempt. Of an
attempt that gets somewhere the last statement fails, and says with LEAK what was got. A decoy stands before each that
is about roles, so that the login may make some.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator

import psycopg
from psycopg import sql

from checks.base import Inputs, ScratchLimits
from checks.catalogue import CATALOGUE
from checks.runner import run_checks
from checks.scratchdb._supervisor import family, on_disk
from checks.scratchdb.server import Server, shared_server
from tests.checks.check_samples import migrations
from tests.postgres import POSTGRES_15

LIMITS = ScratchLimits(time=2.0, disk=256 * 1024**2, memory=256 * 1024**2)
SETTINGS = {"15": f"bin:{POSTGRES_15}", "18": "embedded"}
BINARIES = {"15": POSTGRES_15, "18": None}
ENVIRONMENT, CONTENT = "xoxb-planted-in-the-environment", "planted-in-a-file"

_TOLD = "DO $t$ BEGIN RAISE EXCEPTION 'LEAK %', (SELECT string_agg(t, ' ') FROM leak); END $t$"
_DONE = "DO $t$ BEGIN RAISE EXCEPTION 'LEAK it was allowed'; END $t$"
_TABLE = "CREATE TABLE leak (t text)"
_RUN = "COPY leak FROM PROGRAM 'env; cat {file}'"


_DECOY = "CREATE ROLE decoy"


def _read(expression: str) -> tuple[str, ...]:
    return f"CREATE TABLE leak AS SELECT {expression}::text AS t", _TOLD


# What each tries, statement by statement. {bot} and {other} are process numbers, {port} is the server's own.
REACHES: dict[str, tuple[str, ...]] = {
    "COPY FROM PROGRAM": (_TABLE, _RUN, _TOLD),
    "COPY TO PROGRAM": (_TABLE, "COPY leak TO PROGRAM 'cat > {file}'", _DONE),
    "COPY FROM a file": (_TABLE, "COPY leak FROM '{file}'", _TOLD),
    "COPY TO a file": (_TABLE, "COPY leak TO '/tmp/gonogo-jail-written'", _DONE),
    "pg_read_file of a secret file": _read("pg_read_file('{file}')"),
    "pg_read_file of its own environment": _read("pg_read_file('/proc/self/environ', 0, 9999)"),
    "pg_read_file of the bot's environment": _read("pg_read_file('/proc/{bot}/environ', 0, 9999)"),
    "pg_read_file of another server's environment": _read("pg_read_file('/proc/{other}/environ', 0, 9999)"),
    "pg_ls_dir": _read("(SELECT string_agg(d, ' ') FROM pg_ls_dir('/') d)"),
    "lo_import": _read("encode(lo_get(lo_import('{file}')), 'escape')"),
    "lo_export": ("SELECT lo_export(lo_from_bytea(0, 'x'), '/tmp/gonogo-jail-written')", _DONE),
    "CREATE EXTENSION dblink": ("CREATE EXTENSION dblink", _DONE),
    "CREATE EXTENSION postgres_fdw": ("CREATE EXTENSION postgres_fdw", _DONE),
    "CREATE EXTENSION file_fdw": ("CREATE EXTENSION file_fdw", _DONE),
    "CREATE EXTENSION plpython3u": ("CREATE EXTENSION plpython3u", _DONE),
    "ALTER SYSTEM": ("ALTER SYSTEM SET archive_command = 'env'", _DONE),
    "LOAD": ("LOAD '/tmp/evil.so'", _DONE),
    "LANGUAGE C": ("CREATE FUNCTION f(text) RETURNS int LANGUAGE c AS 'libc.so.6', 'system'", _DONE),
    "CREATE SUBSCRIPTION": (
        "CREATE SUBSCRIPTION s CONNECTION 'host=127.0.0.1 port={port}' PUBLICATION p WITH (connect = false)",
        _DONE,
    ),
    "CREATE TABLESPACE": ("CREATE TABLESPACE t LOCATION '/tmp'", _DONE),
    "grant to itself": ("GRANT pg_execute_server_program TO CURRENT_USER", _TABLE, _RUN, _TOLD),
    "grant of reading to itself": ("GRANT pg_read_server_files TO CURRENT_USER", *_read("pg_read_file('{file}')")),
    "grant by a new role": (
        "CREATE ROLE climber; GRANT pg_execute_server_program TO climber; GRANT climber TO CURRENT_USER",
        f"{_TABLE}; GRANT ALL ON leak TO climber",
        f"SET ROLE climber; {_RUN}",
        _TOLD,
    ),
    "a role made a member": (
        "CREATE ROLE climber IN ROLE pg_execute_server_program; GRANT climber TO CURRENT_USER",
        f"{_TABLE}; GRANT ALL ON leak TO climber; SET ROLE climber; {_RUN}",
        _TOLD,
    ),
    "a role made for itself": ("CREATE ROLE climber ROLE CURRENT_USER IN ROLE pg_write_server_files", _DONE),
    "ALTER GROUP": ("ALTER GROUP pg_execute_server_program ADD USER CURRENT_USER", _TABLE, _RUN, _TOLD),
    "SET ROLE": ("SET ROLE pg_execute_server_program", _DONE),
    "SET SESSION AUTHORIZATION": ("SET SESSION AUTHORIZATION postgres", _DONE),
    "ALTER ROLE SUPERUSER": ("ALTER ROLE CURRENT_USER SUPERUSER", _DONE),
    "ALTER ROLE of the superuser": ("ALTER ROLE postgres PASSWORD 'known'", _DONE),
    "ALTER ROLE of the program role": ("ALTER ROLE pg_execute_server_program LOGIN PASSWORD 'known'", _DONE),
    "catalogue by hand": ("UPDATE pg_authid SET rolsuper = true", _DONE),
    "SET temp_file_limit": ("SET temp_file_limit = -1", _DONE),
    "ALTER ROLE SET temp_file_limit": ("ALTER ROLE CURRENT_USER SET temp_file_limit = -1", _DONE),
}
_NUMBERS = "(SELECT generate_series(1, 1000000000) g) s"
_TRAP = (
    "SET statement_timeout = 0; SET lock_timeout = 0",
    "DO $d$ BEGIN LOOP BEGIN LOOP PERFORM 1; END LOOP; EXCEPTION WHEN query_canceled THEN NULL; END; END LOOP; END $d$",
)
# What each takes of the machine; the field of `ScratchLimits` that stops it, or "" where PostgreSQL itself does.
TAKES: dict[str, tuple[str, tuple[str, ...]]] = {
    "a loop that traps its cancel": ("time", _TRAP),
    "SET statement_timeout = 0": ("time", ("SET statement_timeout = 0", "SELECT pg_sleep(3600)")),
    "insert of 10 GB": ("disk", (f"CREATE TABLE big AS SELECT repeat('x', 1900) t FROM {_NUMBERS}",)),
    "recursion without end in a query": (
        "disk",
        ("CREATE TABLE a AS WITH RECURSIVE r(t) AS (SELECT repeat('x', 999) UNION ALL SELECT t FROM r) TABLE r",),
    ),
    "recursion without end in a function": (
        "",
        ("CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $f$ BEGIN RETURN f(); END $f$", "SELECT f()"),
    ),
    "array_agg of everything": (
        "memory",
        (f"CREATE TABLE a AS SELECT array_agg(repeat(md5(g::text), 300)) FROM {_NUMBERS}",),
    ),
    "repeat of everything": (
        "memory",
        ("CREATE TABLE a AS SELECT length(string_agg(repeat('x', 1000000), '')) FROM generate_series(1, 1000)",),
    ),
    "a sort in huge work_mem": (
        "memory",
        ("SET work_mem = '2000GB'", f"CREATE TABLE s AS SELECT repeat(md5(g::text), 60) FROM {_NUMBERS} ORDER BY 1"),
    ),
    "a log without end": (
        "disk",
        ("DO $d$ BEGIN LOOP RAISE LOG '%', repeat('x', 1000000); END LOOP; END $d$",),
    ),
}


def hidden(statements: tuple[str, ...]) -> str:
    """Each in a string that is put together while it runs, so that no text shows it."""
    pieces = ["'||'".join(_twos(statement)).join("''") for statement in statements]
    return ";\n".join(f"DO $h$ BEGIN EXECUTE {piece}; END $h$" for piece in pieces) + ";"


def _twos(statement: str) -> list[str]:
    return [statement[n : n + 2].replace("'", "''") for n in range(0, len(statement), 2)]


def plain(statements: tuple[str, ...]) -> str:
    return ";\n".join(statements) + ";"


def forms(version: str, name: str) -> tuple[Callable[[tuple[str, ...]], str], ...]:
    """What takes of the machine costs a server each time, and no text rule knows it: each form on one version."""
    return (plain, hidden) if name in REACHES else (plain,) if version == "18" else (hidden,)


class Measured:
    """The most that the servers below the temp folder took of disk and memory during a block, in MB."""

    def __init__(self, server: Server) -> None:
        self.disk = self.memory = 0
        self._server = server
        self._done = threading.Event()

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        thread = threading.Thread(target=self._look, daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._done.set()
            thread.join()

    def _look(self) -> None:
        postmaster = int((self._server.directory / "data" / "postmaster.pid").read_text().split()[0])
        while not self._done.wait(0.1):
            self.disk = max(self.disk, on_disk(str(self._server.directory)) >> 20)
            self.memory = max(self.memory, sum(family(postmaster).values()) >> 20)


def _try(version: str, name: str, form: str, text: str) -> None:
    """Two checks over the files: the one that applies them, and one that depends on it."""
    measured = Measured(shared_server(BINARIES[version], LIMITS))
    wanted = [CATALOGUE["applies-to-scratch"], CATALOGUE["tables-created"]]
    inputs = Inputs(migrations=migrations(text), scratch_server=SETTINGS[version], scratch_limits=LIMITS)
    started = time.monotonic()
    with measured.watching():
        first, second = (result for _, result in run_checks(wanted, inputs))
    told = {"name": name, "form": form, "status": first.status, "summary": first.summary, "hint": first.hint}
    told |= {"second": second.summary, "took": round(time.monotonic() - started, 1)}
    print(json.dumps(told | {"disk": measured.disk, "memory": measured.memory}), flush=True)


def _as_superuser(version: str, other: Server) -> None:
    """What a program of the server sees, if one were to run after all."""
    programs = {
        "environment": "env",
        "environments": "cat /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n'",
        "files": f"cat {other.directory}/data/PG_VERSION {other.directory}/log 2>/dev/null; id -u",
    }
    seen = {}
    with psycopg.connect(shared_server(BINARIES[version], LIMITS).conninfo, autocommit=True) as connection:
        connection.execute("CREATE TEMP TABLE seen (n serial, line text)")
        for name, program in programs.items():
            connection.execute(sql.SQL("COPY seen (line) FROM PROGRAM {}").format(sql.Literal(f"{program}; true")))
            seen[name] = [line for (line,) in connection.execute("SELECT line FROM seen ORDER BY n")]
            connection.execute("TRUNCATE seen")
    print(json.dumps({"name": "superuser", **seen}), flush=True)


def main(version: str, file: str) -> None:
    other = shared_server(BINARIES["15" if version == "18" else "18"])
    number = (other.directory / "data" / "postmaster.pid").read_text().split()[0]
    names = {"file": file, "bot": str(os.getpid()), "other": number, "port": str(other.port)}
    attempts = REACHES | {name: statements for name, (_, statements) in TAKES.items()}
    for name, statements in attempts.items():
        filled = tuple(_filled(one, names) for one in statements)
        decoy = f"{_DECOY};\n" if "role" in name.lower() or "grant" in name else ""
        for form in forms(version, name):
            _try(version, name, form.__name__, decoy + form(filled))
    _as_superuser(version, other)


def _filled(statement: str, names: dict[str, str]) -> str:
    for name, value in names.items():
        statement = statement.replace(f"{{{name}}}", value)
    return statement


if __name__ == "__main__":
    main(*sys.argv[1:])
