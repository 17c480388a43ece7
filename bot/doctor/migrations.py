"""Whether the migration files can be read, and a throw-away database can be had to try them in."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from bot.doctor.databases import sources_of_all
from bot.doctor.finding import fault, ok, warning
from bot.settings import Settings, Sources
from checks.base import CannotRun, DatabaseAddress
from checks.git import git
from checks.migrations import MigrationsError, read_directory
from checks.result import Finding, counted
from checks.scratchdb.server import shared_server
from checks.targetdb.session import Target

_SECONDS = 20


def ask_migrations(settings: Settings) -> Iterator[Finding]:
    """The folder of each project, or that its repository answers and has the ref."""
    for name in settings.projects():
        sources = settings.files(name)
        area = "migrations" if name == "default" else f"migrations of {name}"
        if sources.migrations_directory is None:
            yield ok(area, "no folder is configured: the range is typed at the start")
        elif sources.repository:
            yield _repository(area, sources)
        else:
            yield _folder(area, sources)


def _folder(area: str, sources: Sources) -> Finding:
    try:
        found = read_directory(sources.migrations_directory or "", sources.tool)
    except MigrationsError as refusal:
        return fault(area, str(refusal), "mend [migrations] directory or tool")
    ups = found.ups
    return ok(
        area,
        f"{counted(len(ups), 'migration')} of {found.tool}, up to {ups[-1].version}"
        if ups
        else "the folder holds no migration yet",
    )


def _repository(area: str, sources: Sources) -> Finding:
    """git's own words may repeat an address with its password, so none of them are."""
    ref = sources.ref or "HEAD"
    try:
        done = git(None, "ls-remote", "--exit-code", "--", sources.repository, ref, seconds=_SECONDS)
    except FileNotFoundError:
        return fault(area, "git is not installed here", "install git, or use a plain folder of migrations")
    except subprocess.TimeoutExpired:
        return fault(area, f"the repository did not answer within {_SECONDS} s", "check the network of this machine")
    if done.returncode == 2:
        return fault(area, f"the repository answers and has no ref '{ref}'", "mend [migrations] ref")
    if done.returncode:
        return fault(area, "the repository cannot be read", "check [migrations] repository and the deploy key")
    return ok(area, f"the repository answers and has {ref}")


AREA = "scratch"
_BINARIES = "bin:"
_WHO = """
SELECT quote_ident(current_user) AS role, r.rolsuper AS super, r.rolcreatedb AS creates,
  current_setting('server_version') AS version,
  (SELECT system_identifier::text FROM pg_control_system()) AS server
FROM pg_roles r WHERE r.rolname = current_user
"""


def ask_scratch(settings: Settings) -> Iterator[Finding]:
    """Each scratch server of the settings, once."""
    found: dict[str, Sources] = {}
    for sources in sources_of_all(settings):
        found.setdefault(sources.scratch_server, sources)
    for server, sources in found.items():
        may_be_clone = sources.options.get("scratch_may_be_clone") is True
        yield from _ask(server, () if may_be_clone else sources.forbidden_scratch)


def _ask(server: str, forbidden: Iterable[DatabaseAddress]) -> Iterator[Finding]:
    if not server:
        mend = 'pip install "gonogo[embedded]", or [scratch] server = "env:SCRATCH_DATABASE_URL"'
        yield warning(AREA, "there is no scratch server: no check can try the migrations before they run", mend)
    elif server == "embedded" or server.startswith(_BINARIES):
        yield _started(server)
    else:
        yield from _remote(DatabaseAddress("scratch", server), forbidden)


def _started(server: str) -> Finding:
    """Really started: binaries that are there and do not run are the usual fault in small containers."""
    binaries = Path(server.removeprefix(_BINARIES)) if server.startswith(_BINARIES) else None
    try:
        running = shared_server(binaries)
    except CannotRun as refusal:
        return fault(AREA, f"the scratch server does not start: {refusal.sentence}", refusal.hint or "see its log")
    return ok(AREA, f"a scratch server of PostgreSQL {running.major} starts")


def _remote(address: DatabaseAddress, forbidden: Iterable[DatabaseAddress]) -> Iterator[Finding]:
    try:
        who = _row(address)
    except CannotRun as refusal:
        yield fault(AREA, refusal.sentence, refusal.hint or "try it with psql from this machine")
        return
    yield ok(AREA, f"PostgreSQL {who.version.split(' ')[0]} answers as {who.role}")
    if not (who.creates or who.super):
        yield fault(AREA, f"{who.role} may create no database there", f"ALTER ROLE {who.role} CREATEDB;")
    for other in forbidden:
        if _server(other) == who.server:
            mend = "name a server that holds nothing, or leave [scratch] out for the embedded one"
            yield fault(AREA, f"the scratch server is the server of {other.name}: gonogo will refuse it", mend)


def _row(address: DatabaseAddress) -> Any:
    with closing(Target(address)) as target, target.session("doctor") as session:
        return session.row(_WHO)


def _server(address: DatabaseAddress) -> str:
    try:
        return str(getattr(_row(address), "server", ""))
    except CannotRun:
        return ""
