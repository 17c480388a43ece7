"""The role that runs the migrations: who it is, what it may do, when it gives up on a lock."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from checks.base import CannotRun, Finding, Result, counted, target_check
from checks.contexts import TargetContext
from checks.findings import judged
from checks.history.tools import READERS
from checks.measures import duration
from checks.options import text_option
from checks.sql.names import quoted
from checks.targetdb.asking import USER_SCHEMA, number_option, short

_OWNER = """
SELECT pg_get_userbyid(c.relowner)::text AS role, count(*) FROM pg_class c
WHERE c.relkind IN ('r', 'p') AND c.relname = ANY (%s) GROUP BY 1 ORDER BY 2 DESC LIMIT 1
"""
_EXISTS = "SELECT true FROM pg_roles WHERE rolname = %s"


def migration_role(context: TargetContext) -> str:
    """The role's name. Raises CannotRun where neither tells, or the role does not exist."""
    hint = f'set role = "…" under [checks.{context.check_id}]'
    role = text_option(context.inputs.options, context.check_id, "role")
    if not role:
        found = context.rows(_OWNER, [[name for reader in READERS for name in reader.tables]])
        if not found:
            raise CannotRun(f"nothing tells which role runs the migrations on {context.name}", hint)
        role = str(found[0].role)
    if not context.rows(_EXISTS, [role]):
        raise CannotRun(f"{context.name} has no role {role}", hint)
    return role


_RIGHTS = """
SELECT has_database_privilege(%s, current_database(), 'CONNECT') AS connects, current_database()::text AS database,
       array(SELECT n.nspname::text FROM pg_namespace n WHERE n.nspname NOT IN ('pg_catalog', 'information_schema')
             AND n.nspname !~ '^pg_' AND NOT has_schema_privilege(%s, n.oid, 'CREATE') ORDER BY 1) AS closed,
       (SELECT rolsuper FROM pg_roles WHERE rolname = %s) AS superuser
"""
_OTHERS = f"""
SELECT c.oid::regclass::text AS name, o.rolname::text AS owner, o.rolsuper AS of_superuser,
       CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' ELSE 'TABLE' END AS kind,
       ARRAY(SELECT d.objid::regclass::text FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.deptype = 'a'
             AND d.refclassid = 'pg_class'::regclass AND d.refobjid = c.oid AND d.refobjsubid > 0
             AND EXISTS (SELECT FROM pg_sequence s WHERE s.seqrelid = d.objid) ORDER BY 1) AS sequences
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_roles o ON o.oid = c.relowner
WHERE c.relkind IN ('r', 'p', 'v', 'm') AND {USER_SCHEMA} AND NOT pg_has_role(%s, c.relowner, 'USAGE')
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid
                  AND d.deptype = 'e')
ORDER BY 1
"""


@target_check(
    title="The migrations' role has the rights that it needs",
    decides="Passes when the role of the migrations (`role`, else the owner of the history table) may connect, create "
    "in every schema, and is or is a member of the owner of every table and view.",
    cost="Three catalog queries; wait for no lock.",
    fix="The hint of each finding is what to type. An owner who is no superuser keeps the rights to use the table.",
    also=("migrations",),
)
def migration_permissions(context: TargetContext) -> Result:
    role = migration_role(context)
    with context.session() as session:
        rights = session.row(_RIGHTS, [role, role, role])
        others = session.rows(_OTHERS, [role])
    findings = list(_rights_missing(role, rights, others))
    kind = "a superuser" if rights.superuser else "no superuser"
    shown = f"role {role}, {kind}: may create in every schema, owns or shares every table"
    return judged(findings, shown, f"role {role}: {counted(len(findings), 'right')} missing")


def _rights_missing(role: str, rights: Any, others: list[Any]) -> Iterator[Finding]:
    if not rights.connects:
        hint = f"GRANT CONNECT ON DATABASE {quoted(rights.database)} TO {quoted(role)}"
        yield Finding(f"{role} may not connect", role, hint=hint, severity="error")
    for schema in rights.closed:
        severity = "error" if schema == "public" else "warning"
        hint = f"GRANT USAGE, CREATE ON SCHEMA {quoted(schema)} TO {quoted(role)}"
        yield Finding(f"no CREATE on schema {schema}", schema, hint=hint, severity=severity)
    for row in others[:20]:
        name = short(row.name)
        yield Finding(f"not owner of {name} ({row.owner})", name, hint=_owned_by(role, row))


def _owned_by(role: str, row: Any) -> str:
    """The owner before loses what ownership gave it: an application's login gets that back."""
    given = f"ALTER {row.kind} {row.name} OWNER TO {quoted(role)}"
    if row.of_superuser:
        return given
    places = [row.name, *(f"SEQUENCE {sequence}" for sequence in row.sequences)]
    return "; ".join([given, *(f"GRANT ALL ON {place} TO {quoted(row.owner)}" for place in places)])


# What a login of the role gets, the strongest last: all roles, this database, the role, the role here.
_SETTINGS = """
SELECT s.setconfig AS config FROM pg_db_role_setting s
WHERE (s.setrole = 0 OR s.setrole = (SELECT oid FROM pg_roles WHERE rolname = %s))
  AND (s.setdatabase = 0 OR s.setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database()))
ORDER BY s.setrole <> 0, s.setdatabase <> 0
"""
_HERE = "SELECT current_database()::text AS database"
_UNITS = {"": 0.001, "ms": 0.001, "us": 0.000001, "s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
_VALUE = re.compile(r"\s*([0-9.]+)\s*(us|ms|s|min|h|d|)\s*")


@target_check(
    title="Migrations give up on a lock in time",
    decides="Passes when the role of the migrations (`role`, else the owner of the history table) has a lock_timeout "
    "of at most 10 s (`seconds`) and an idle_in_transaction_session_timeout, by ALTER ROLE or ALTER DATABASE. What "
    "the files or the runner set themselves is not seen.",
    cost="Two catalog queries; wait for no lock.",
    fix="ALTER ROLE … SET lock_timeout = '5s'.",
    also=("migrations",),
)
def migration_timeouts(context: TargetContext) -> Result:
    limit = number_option(context, "seconds", 10)
    role = migration_role(context)
    settings: dict[str, str] = {}
    for row in context.rows(_SETTINGS, [role]):
        settings |= dict(part.partition("=")[::2] for part in row.config)
    lock = _seconds(settings, "lock_timeout")
    idle = _seconds(settings, "idle_in_transaction_session_timeout")
    shown = f"role {role}: lock_timeout {_shown(lock)}, idle_in_transaction_session_timeout {_shown(idle)}"
    # The strongest of the settings: one of the role alone may be overruled.
    here = f"ALTER ROLE {quoted(role)} IN DATABASE {quoted(context.rows(_HERE)[0].database)}"
    return judged(_timeouts_missing(role, here, lock, idle, limit), shown, shown)


def _timeouts_missing(role: str, here: str, lock: float, idle: float, limit: float) -> Iterator[Finding]:
    if not 0 < lock <= limit:
        message = f"a migration waits {'for ever' if not lock else duration(lock)} for a lock, and everybody behind it"
        yield Finding(message, role, hint=f"{here} SET lock_timeout = '5s'; -- and let the runner try again")
    if not idle:
        hint = f"{here} SET idle_in_transaction_session_timeout = '60s'"
        yield Finding("a runner that hangs keeps its locks for ever", role, hint=hint)


def _seconds(settings: Mapping[str, str], name: str) -> float:
    found = _VALUE.fullmatch(settings.get(name, "0"))
    return float(found[1]) * _UNITS[found[2]] if found else 0.0


def _shown(seconds: float) -> str:
    return duration(seconds) if seconds else "not set"
