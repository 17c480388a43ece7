"""Whether a throw-away database can be had, so that migrations are tried before they are run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from bot.doctor.finding import fault, ok, warning
from bot.settings import Settings, SettingsError, Sources
from checks.base import CannotRun, DatabaseAddress
from checks.result import Finding
from checks.scratchdb.server import shared_server
from checks.targetdb.session import Target

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
    for project in settings.projects().values():
        for environment in project.environments:
            try:
                sources = settings.inputs(project.name, environment)
            except SettingsError:
                continue
            found.setdefault(sources.scratch_server, sources)
    for server, sources in found.items():
        yield from _ask(server, sources.forbidden_scratch)


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
        mend = f"ALTER ROLE {who.role} CREATEDB;"
        yield fault(AREA, f"{who.role} may create no database there", mend)
    for other in forbidden:
        if _server(other) == who.server:
            mend = "name a server that holds nothing, or leave [scratch] out for the embedded one"
            yield fault(AREA, f"the scratch server is the server of {other.name}: gonogo will refuse it", mend)


def _row(address: DatabaseAddress) -> Any:
    target = Target(address)
    try:
        with target.session("doctor") as session:
            return session.row(_WHO)
    finally:
        target.close()


def _server(address: DatabaseAddress) -> str:
    try:
        return str(getattr(_row(address), "server", ""))
    except CannotRun:
        return ""
