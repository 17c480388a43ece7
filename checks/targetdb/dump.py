"""The schema of a database that people use, by `pg_dump --schema-only`, where that harms nobody.

pg_dump locks every table at once, in a table of locks that all sessions share: with 5,000 tables the application would
get "out of shared memory". https://www.postgresql.org/docs/current/app-pgdump.html,
https://www.postgresql.org/docs/current/runtime-config-locks.html#GUC-MAX-LOCKS-PER-TRANSACTION
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from checks.base import CannotRun, DatabaseAddress
from checks.targetdb.conninfo import parse
from checks.targetdb.session import Target

MOST_RELATIONS = 10_000
_SHARE_OF_LOCKS = 4
_LOCK_WAIT = "2s"
_SECONDS = 120
_FILE = 'or write a dump of it into the repository, and baseline = "db/schema.sql"'
_FACTS = """
SELECT quote_ident(current_user) AS login,
  (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AS super,
  (SELECT count(*) FROM pg_class WHERE oid >= 16384 AND relkind = ANY ('{r,p,v,m,i,I,S,f}')) AS relations,
  current_setting('max_locks_per_transaction')::int8
    * (current_setting('max_connections')::int8 + current_setting('max_prepared_transactions')::int8) AS locks
"""
_OPTIONS = ("--schema-only", "--no-owner", "--no-tablespaces", "--no-publications", "--no-subscriptions")
_PASSED_ON = re.compile(r"PG[A-Z]+|HOME|TZ|LANG|LC_ALL|LD_LIBRARY_PATH|DYLD_LIBRARY_PATH")


def dump_schema(address: DatabaseAddress, programs: Path | None) -> bytes:
    """The dump as SQL; `programs` is where pg_dump is looked for first. Raises CannotRun with each reason why not."""
    if address.kind == "production":
        sentence = f"the schema of {address.name} is not dumped, since pg_dump locks every table of it"
        raise CannotRun(sentence, f'[scratch] baseline = "env:REPLICA_DATABASE_URL" names a replica, {_FILE}')
    with closing(Target(address)) as target, target.session("scratch-baseline") as session:
        version, login = session.server_version, _admitted(address.name, session.row(_FACTS))
    program = _program(programs, version)
    parameters = parse(address)
    password = parameters.pop("password", "")
    command = [str(program), *_OPTIONS, f"--lock-wait-timeout={_LOCK_WAIT}", "-d", _as_line(parameters)]
    environment = {name: value for name, value in os.environ.items() if _PASSED_ON.fullmatch(name)}
    environment |= {"PGPASSWORD": password} if password else {}
    environment |= {"PGOPTIONS": "-c default_transaction_read_only=on", "PGAPPNAME": "gonogo/scratch-baseline"}
    environment |= {"PATH": os.defpath, "LC_MESSAGES": "C"}
    try:
        done = subprocess.run(command, capture_output=True, env=environment, timeout=_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise CannotRun(f"pg_dump of {address.name} was not done within {_SECONDS} s", _FILE) from None
    if done.returncode:
        raise _refusal(address.name, login, done.stderr.decode(errors="replace"))
    return done.stdout


def _admitted(name: str, facts: Any) -> str:
    """The login, where a dump by it may be taken. Raises CannotRun."""
    if facts.super:
        sentence = f"{facts.login} is a superuser of {name}: its schema is dumped by a read-only login alone"
        raise CannotRun(sentence, "use a login with pg_read_all_data and no other right")
    if facts.relations > MOST_RELATIONS:
        raise CannotRun(f"{name} has {facts.relations} relations, too many to lock at once for a dump", _FILE)
    if facts.relations > facts.locks // _SHARE_OF_LOCKS:
        sentence = f"a dump of {name} would take {facts.relations} locks, and all its sessions share {facts.locks}"
        raise CannotRun(sentence, f"raise max_locks_per_transaction there, {_FILE}")
    return str(facts.login)


def _program(programs: Path | None, version: int) -> Path:
    """The first pg_dump that is new enough: it reads servers up to its own major version."""
    newest = 0
    for found in _candidates(programs):
        shown = subprocess.run([str(found), "--version"], capture_output=True, text=True, check=False).stdout
        major = int(match[1]) if (match := re.search(r"\(PostgreSQL\) (\d+)", shown)) else 0
        if major >= version // 10000:
            return found
        newest = max(newest, major)
    lack = f"the pg_dump here is of {newest}" if newest else "no pg_dump is here"
    raise CannotRun(f"{lack}, and PostgreSQL {version // 10000} is to be dumped", "install its postgresql-client")


def _candidates(programs: Path | None) -> Iterator[Path]:
    if programs is not None and (programs / "pg_dump").exists():
        yield programs / "pg_dump"
    if found := shutil.which("pg_dump"):
        yield Path(found)


def _as_line(parameters: dict[str, str]) -> str:
    from psycopg.conninfo import make_conninfo

    return make_conninfo(**parameters)


def _refusal(name: str, login: str, told: str) -> CannotRun:
    """In own words: those of pg_dump hold the address."""
    if found := re.search(r"permission denied for (\w+) (\S+)", told):
        grant = f"GRANT pg_read_all_data TO {login};"
        return CannotRun(f"{login} may not read {found[1]} {found[2]} of {name}, so its schema cannot be dumped", grant)
    # Its option sets statement_timeout for as long as it locks.
    if "timeout" in told:
        return CannotRun(f"a table of {name} is locked, and no dump waits behind it", "try again when that is over")
    return CannotRun(f"pg_dump could not read the schema of {name}", f"try pg_dump --schema-only by hand, {_FILE}")
