"""Who runs the migrations: the option `role`, else whoever owns the history table."""

from __future__ import annotations

from checks.base import CannotRun
from checks.contexts import TargetContext
from checks.history_readers import READERS
from checks.options import text_option

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
