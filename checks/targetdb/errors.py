"""PostgreSQL's errors in our own words. What the server or libpq says may hold a password, so none of it is repeated.

SQLSTATE: https://www.postgresql.org/docs/current/errcodes-appendix.html. A refused connection has none, since libpq
reports a text only; the text is searched for known phrases and thrown away.
"""

from __future__ import annotations

import re

import psycopg

from checks.base import CannotRun
from checks.sql.names import quoted
from checks.targetdb.conninfo import CannotConnect

LOCK_NOT_AVAILABLE = "55P03"
QUERY_CANCELED = "57014"
INSUFFICIENT_PRIVILEGE = "42501"
BUSY = (LOCK_NOT_AVAILABLE, QUERY_CANCELED, "25P03", "25P04")
_PGPASS, _NOBODY = "add it, or use ~/.pgpass", "check host and port; does it run?"
_HOST = "check the host; an @ in the password is %40"

# phrases in libpq's text (parted by |), reason, sentence, hint; the first that is found wins
_CONNECT = (
    ("unsupported startup parameter", "options", "{name}: the pooler refuses start-up options", ""),
    ("password authentication failed", "password", "{name} refuses the password", "check the password, ~/.pgpass"),
    ("no password supplied", "password", "{name} wants a password and the address has none", _PGPASS),
    ("no pg_hba.conf entry", "hba", "{name} admits no login from this machine", "add a line to pg_hba.conf"),
    ("is not permitted to log in", "login", "{name}: the role may not log in", "give it LOGIN"),
    ("permission denied for database", "login", "{name}: the role may not connect", "grant it CONNECT on the database"),
    ("definition of service", "address", "{name}: the service is not in the service file", "add it to pg_service.conf"),
    ("service file", "address", "{name}: the service file cannot be read", "check PGSERVICEFILE"),
    ("remaining connection slots", "slots", "{name} has no connection left", "wait, or raise max_connections"),
    ("too many c", "slots", "{name} has no connection left for this role", "wait, or raise its CONNECTION LIMIT"),
    ("starting up", "starting", "{name} is starting up", "try again in a moment"),
    ("shutting down", "starting", "{name} is shutting down", "try again in a moment"),
    ("recovery", "starting", "{name} is in recovery and takes no connection", "try again in a moment"),
    ("not accepting connections", "starting", "{name} takes no connection now", "try again in a moment"),
    ("certificate", "ssl", "{name}: the server's certificate is not accepted", "check sslmode and sslrootcert"),
    ("ssl", "ssl", "{name}: TLS was not agreed", "check sslmode"),
    ("connection refused|no such file", "refused", "nothing answers at the address of {name}", _NOBODY),
    ("resolve host|translate host", "host", "the host of {name} is not known", _HOST),
    ("timeout expired", "timeout", "{name} did not answer within 5 s", "check network and firewall"),
    ("timed out", "timeout", "{name} did not answer in time", "check network and firewall"),
    ("unreachable|no route", "timeout", "{name} cannot be reached", "check network and firewall"),
)
_MISSING = re.compile(r'(database|role) "[^"]*" does not exist')
_DENIED = re.compile(r"denied for (table|view|materialized view|schema|function|sequence|relation|foreign table) (.+)$")


def cannot_connect(fault: psycopg.Error, name: str) -> CannotConnect:
    """A failed connect as reason, sentence and hint; `name` is what people call the database."""
    text = str(fault).lower()
    if missing := _MISSING.search(text):
        what, reason = missing[1], "database" if missing[1] == "database" else "login"
        return CannotConnect(reason, f"{name}: the server has no such {what}", f"check the {what} name in the address")
    for phrases, reason, sentence, hint in _CONNECT:
        if any(phrase in text for phrase in phrases.split("|")):
            place = _place(fault) if reason in ("refused", "timeout") else ""
            return CannotConnect(reason, sentence.format(name=name), hint, place)
    return CannotConnect("other", f"no connection to {name}", f"try it with psql from this machine, as user of {name}")


def _place(fault: psycopg.Error) -> str:
    """Where libpq knocked. With an @ in the database's name, host and port may be pieces of a password with a slash."""
    knocked = fault.pgconn
    if knocked is None or not knocked.host or b"@" in knocked.db:
        return ""
    return f"{knocked.host.decode()}, port {knocked.port.decode()}"


def cannot_run(fault: psycopg.Error, name: str, role: str = "its role") -> CannotRun:
    """An error of a query on a target as a sentence and a hint; `role` is who asked."""
    state = fault.sqlstate or ""
    if state == LOCK_NOT_AVAILABLE:
        return CannotRun(f"{name} is busy: a lock was not free at once", "try again when the migration has finished")
    if state in BUSY:
        return CannotRun(f"{name} is busy: a query was stopped at its time limit", "try again in a quiet moment")
    if state == INSUFFICIENT_PRIVILEGE:
        return _missing_grant(fault, name, role)
    if isinstance(fault, psycopg.OperationalError) and state[:2] in ("", "08", "57"):
        return CannotRun(f"the connection to {name} was lost", "try again")
    sentence = f"{name} answered with error {state or type(fault).__name__}"
    return CannotRun(sentence, "https://www.postgresql.org/docs/current/errcodes-appendix.html says what it means")


def _missing_grant(fault: psycopg.Error, name: str, role: str) -> CannotRun:
    """The server names the object without its schema: only a schema itself can be granted by that name."""
    denied = _DENIED.search(fault.diag.message_primary or "")
    if denied is None:
        return CannotRun(f"{name}: the role lacks a privilege (42501)", f"make {role} a member of pg_monitor")
    kind, what = denied.groups()
    hint = f"grant {'EXECUTE' if kind == 'function' else 'SELECT'} on it to {role}"
    if kind == "schema":
        hint = f"GRANT USAGE ON SCHEMA {quoted(what)} TO {quoted(role)}"
    return CannotRun(f"{name}: the role may not read {kind} {what}", hint)
