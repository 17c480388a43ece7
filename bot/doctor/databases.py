"""Whether each environment's database is reached, by a role that may read what checks read and nothing more."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from datetime import datetime
from typing import Any

from bot.doctor.finding import fault, ok, warning
from bot.settings import Settings, SettingsError, Sources
from checks.base import CannotRun, DatabaseAddress
from checks.history.tools import tables_of
from checks.result import Finding, counted
from checks.targetdb.conninfo import CannotConnect
from checks.targetdb.session import Session, Target, database_key

SKEW_SECONDS = 5.0
ROLE_FILE = "gonogo-role.sql"
_WHO = """
SELECT quote_ident(current_user) AS role, current_database() AS name, current_setting('server_version') AS version,
  r.rolsuper AS super, pg_has_role(current_user, 'pg_monitor', 'MEMBER') AS monitor,
  has_database_privilege(current_database(), 'CREATE') AS creates, clock_timestamp() AS now
FROM pg_roles r WHERE r.rolname = current_user
"""
_HISTORY = """
SELECT quote_ident(n.nspname) AS schema, quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS name,
  has_schema_privilege(n.oid, 'USAGE') AS enters, has_table_privilege(c.oid, 'SELECT') AS reads,
  has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE') AS writes,
  quote_ident(current_user) AS role, (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AS super
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND c.relname = ANY (%s) AND n.nspname !~ '^pg_' ORDER BY 2
"""
# CASE keeps the planner from asking the function about a relation that is no sequence.
_SEQUENCES = """
SELECT quote_ident(n.nspname) AS schema, count(*) AS unread, quote_ident(current_user) AS role
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname !~ '^pg_'
AND CASE WHEN c.relkind = 'S' THEN NOT has_sequence_privilege(c.oid, 'SELECT') ELSE false END GROUP BY 1 ORDER BY 1
"""


def ask_databases(settings: Settings, now: Callable[[], datetime]) -> Iterator[Finding]:
    """Every environment that has a database, one after the other; then whether two of them are the same one."""
    keys: dict[str, list[str]] = {}
    for sources in sources_of_all(settings):
        area = sources.environment if sources.project == "default" else f"{sources.project}/{sources.environment}"
        if sources.target is None:
            yield ok(area, "no database is configured: people say Done where a check would look")
            continue
        key, findings = _ask(area, sources.target, sources.tool, now)
        yield from findings
        if key:
            keys.setdefault(key, []).append(area)
    for areas in keys.values():
        if len(areas) > 1:
            sentence = f"{' and '.join(areas)} are one and the same database"
            yield warning(areas[0], sentence, "check the addresses behind [environments]")


def sources_of_all(settings: Settings) -> Iterator[Sources]:
    """Of every environment; one whose address cannot be resolved is a fault of the settings already."""
    for project in settings.projects().values():
        for name in project.environments:
            with suppress(SettingsError):
                yield settings.inputs(project.name, name)


def _ask(area: str, address: DatabaseAddress, tool: str, now: Callable[[], datetime]) -> tuple[str, list[Finding]]:
    """The database's key, empty where it is not reached, and what was found."""
    key = ""
    found: list[Finding] = []
    try:
        with closing(Target(address)) as target, target.session("doctor") as session:
            found += _role(area, session, now)
            key = _key(session)
            found += _history(area, session, tool)
            found += _sequences(area, session)
    except CannotRun as refusal:
        place = refusal.place if isinstance(refusal, CannotConnect) else ""
        sentence = f"{refusal.sentence}: {place}" if place else refusal.sentence
        found.append(fault(area, sentence, refusal.hint or "try it with psql from this machine"))
    return key, found


def _key(session: Session) -> str:
    try:
        return database_key(session)
    except CannotRun:
        return ""


def _role(area: str, session: Session, now: Callable[[], datetime]) -> Iterator[Finding]:
    before = now()
    who = session.row(_WHO)
    yield ok(area, f"PostgreSQL {who.version.split(' ')[0]}, database {who.name}, as {who.role}")
    yield from _skew(area, before, who.now, now())
    if who.super:
        sentence = f"{who.role} is a superuser: gonogo only reads, and nothing but gonogo would stop it from more"
        yield warning(area, sentence, f"run {ROLE_FILE} (`gonogo init` writes it) and put its role into the address")
        return
    if not who.monitor:
        yield fault(area, f"{who.role} does not see statistics, sessions and locks", f"GRANT pg_monitor TO {who.role};")
    if who.creates:
        mend = f"REVOKE CREATE ON DATABASE {who.name} FROM {who.role}; or use the role of {ROLE_FILE}"
        yield warning(area, f"{who.role} may create schemas: is it the role of the migrations?", mend)


def _skew(area: str, before: datetime, theirs: datetime, after: datetime) -> Iterator[Finding]:
    """The server's answer lies between our two looks at our clock."""
    ahead = (before - theirs).total_seconds() if before > theirs else min(0.0, (after - theirs).total_seconds())
    if abs(ahead) > SKEW_SECONDS:
        words = f"this machine's clock is {abs(ahead):.0f} s {'ahead of' if ahead > 0 else 'behind'} the server's"
        yield warning(area, words, "start time synchronisation on both: timedatectl set-ntp true")


def _history(area: str, session: Session, tool: str) -> Iterator[Finding]:
    names = tables_of(tool)
    tables = session.rows(_HISTORY, [names])
    others = [] if tables else session.rows(_HISTORY, [tables_of("auto")])
    if others:
        sentence = f"there is no history of {tool}, but {others[0].name} of another tool, which is read in its place"
        yield warning(area, sentence, "set [migrations] tool to the one that keeps it")
    elif not tables and tool == "psql":
        yield ok(area, "psql keeps no migration history: the database does not tell what is applied")
    elif not tables:
        sentence = f"there is no migration history yet ({', '.join(names)})"
        yield warning(area, sentence, "nothing to do before the first migration; else set [migrations] tool")
    for table in (*tables, *others):
        yield from _table(area, table)


def _table(area: str, table: Any) -> Iterator[Finding]:
    grants = [] if table.enters else [f"GRANT USAGE ON SCHEMA {table.schema} TO {table.role};"]
    grants += [] if table.reads else [f"GRANT SELECT ON {table.name} TO {table.role};"]
    if grants:
        yield fault(area, f"{table.role} may not read the migration history {table.name}", " ".join(grants))
    else:
        yield ok(area, f"the migration history {table.name} can be read")
    if table.writes and not table.super:
        mend = f"REVOKE INSERT, UPDATE, DELETE ON {table.name} FROM {table.role}; or use the role of {ROLE_FILE}"
        yield warning(area, f"{table.role} may also write the migration history {table.name}", mend)


def _sequences(area: str, session: Session) -> Iterator[Finding]:
    for row in session.rows(_SEQUENCES):
        unread = counted(row.unread, "sequence")
        sentence = f"{row.role} cannot read {unread} of {row.schema}, so no check sees numbers run out"
        yield warning(area, sentence, f"GRANT SELECT ON ALL SEQUENCES IN SCHEMA {row.schema} TO {row.role};")
