"""Reasons for what a checklist makes conditional: is a security review required?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pglast import ast, parse_sql
from pglast.enums import AlterTableType
from pglast.parser import ParseError

from checks.base import MigrationSet

_SECURITY_STATEMENTS: Mapping[type, str] = {
    ast.CreateRoleStmt: "creates a role",
    ast.AlterRoleStmt: "alters a role",
    ast.DropRoleStmt: "drops a role",
    ast.GrantStmt: "changes grants",
    ast.GrantRoleStmt: "changes role membership",
    ast.AlterDefaultPrivilegesStmt: "changes default privileges",
    ast.CreatePolicyStmt: "creates a row security policy",
    ast.AlterPolicyStmt: "alters a row security policy",
    ast.AlterOwnerStmt: "changes an owner",
}
_ROW_SECURITY = frozenset(
    {
        AlterTableType.AT_EnableRowSecurity,
        AlterTableType.AT_DisableRowSecurity,
        AlterTableType.AT_ForceRowSecurity,
        AlterTableType.AT_NoForceRowSecurity,
    }
)


def conditions(migrations: MigrationSet) -> Mapping[str, str]:
    """Facts by condition: `security` is empty where no pending file touches roles, grants, policies or definer rights.

    A file that does not parse, or migrations that are no SQL, leave the condition out: nobody could look.
    """
    if not migrations.is_sql:
        return {}
    try:
        found = [f"{file.name} {words}" for file in migrations.pending for words in _security(file.text)]
    except ParseError:
        return {}
    more = f" and {len(found) - 3} more" if len(found) > 3 else ""
    return {"security": "; ".join(dict.fromkeys(found[:3])) + more}


def _security(text: str) -> Iterator[str]:
    for raw in parse_sql(text):
        statement = raw.stmt
        if type(statement) in _SECURITY_STATEMENTS:
            yield _SECURITY_STATEMENTS[type(statement)]
        elif isinstance(statement, ast.CreateFunctionStmt) and _is_definer(statement):
            yield "makes a SECURITY DEFINER function"
        elif isinstance(statement, ast.AlterTableStmt) and any(
            command.subtype in _ROW_SECURITY for command in statement.cmds or ()
        ):
            yield "changes row security"


def _is_definer(statement: ast.CreateFunctionStmt) -> bool:
    return any(option.defname == "security" and option.arg.boolval for option in statement.options or ())
