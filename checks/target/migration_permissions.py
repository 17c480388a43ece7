"""migration-permissions: the role of the migrations may create, and owns what it has to alter."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from checks.base import Check, Finding, Need, Result, counted
from checks.contexts import TargetContext
from checks.target.migration_role import migration_role
from checks.targetdb.asking import USER_SCHEMA, short
from checks.verdict import judged

_RIGHTS = """
SELECT has_database_privilege(%s, current_database(), 'CONNECT') AS connects,
       array(SELECT n.nspname::text FROM pg_namespace n WHERE n.nspname NOT IN ('pg_catalog', 'information_schema')
             AND n.nspname !~ '^pg_' AND NOT has_schema_privilege(%s, n.oid, 'CREATE') ORDER BY 1) AS closed,
       (SELECT rolsuper FROM pg_roles WHERE rolname = %s) AS superuser
"""
_OTHERS = f"""
SELECT c.oid::regclass::text AS name, pg_get_userbyid(c.relowner)::text AS owner FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm') AND {USER_SCHEMA} AND NOT pg_has_role(%s, c.relowner, 'USAGE')
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype =
       'e')
ORDER BY 1
"""


def run(context: TargetContext) -> Result:
    """Failed without CONNECT or CREATE on schema public; a warning for tables of others."""
    role = migration_role(context)
    with context.session() as session:
        rights = session.row(_RIGHTS, [role, role, role])
        others = session.rows(_OTHERS, [role])
    findings = list(_findings(role, rights, others))
    kind = "a superuser" if rights.superuser else "no superuser"
    shown = f"role {role}, {kind}: may create in every schema, owns or shares every table"
    return judged(findings, shown, f"role {role}: {counted(len(findings), 'right')} missing")


def _findings(role: str, rights: Any, others: list[Any]) -> Iterator[Finding]:
    if not rights.connects:
        yield Finding(f"{role} may not connect", role, hint=f"GRANT CONNECT ON DATABASE … TO {role}", severity="error")
    for schema in rights.closed:
        severity = "error" if schema == "public" else "warning"
        hint = f"GRANT CREATE ON SCHEMA {schema} TO {role}"
        yield Finding(f"no CREATE on schema {schema}", schema, hint=hint, severity=severity)
    for row in others[:20]:
        name = short(row.name)
        yield Finding(f"not owner of {name} ({row.owner})", name, hint=f"GRANT {row.owner} TO {role}")


CHECK = Check(
    id="migration-permissions",
    title="The migrations' role has the rights that it needs",
    needs=Need.TARGET,
    run=run,
    decides="Passes when the role of the migrations (`role`, else the owner of the history table) may connect, create "
    "in every schema, and is or is a member of the owner of every table and view.",
    cost="Three catalog queries; wait for no lock.",
    fix="The hint of each finding is the GRANT to type.",
    also=("migrations",),
)
