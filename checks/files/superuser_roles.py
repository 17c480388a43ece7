"""superuser-roles: no pending file gives anyone rights that go round all other rights."""

from __future__ import annotations

from collections.abc import Iterator

from checks.base import Check, Finding, Need, Result, counted
from checks.contexts import FilesContext
from checks.result import ERROR, WARNING
from checks.sql.statements import Statement
from checks.sql.tree import is_true, line_of, of_kind, options
from checks.verdict import verdict

# Attribute as the parser calls it: what it is called, what it lets do, severity. PostgreSQL manual, CREATE ROLE.
_ATTRIBUTES = {
    "superuser": ("SUPERUSER", "passes every check of rights", ERROR),
    "bypassrls": ("BYPASSRLS", "sees rows that policies hide", ERROR),
    "isreplication": ("REPLICATION", "can copy the whole cluster", ERROR),
    "createrole": ("CREATEROLE", "can make and change other roles", WARNING),
}
# PostgreSQL manual, "Predefined Roles"; the last are those of cloud services.
_MEMBERSHIPS = {
    "pg_execute_server_program": "runs programs on the server",
    "pg_write_server_files": "writes files of the server, and so becomes superuser",
    "pg_read_server_files": "reads files of the server",
    "rds_superuser": "is nearly a superuser",
    "cloudsqlsuperuser": "is nearly a superuser",
    "azure_pg_admin": "is nearly a superuser",
}


def run(context: FilesContext) -> Result:
    """Failed with each role that gets SUPERUSER, BYPASSRLS, REPLICATION or the server's files and programs."""
    findings = [f for s in context.all_statements(context.pending) for f in (*_roles(s), *_memberships(s))]
    return verdict(findings, f"{counted(len(context.pending), 'file')}, no role above others")


def _roles(statement: Statement) -> Iterator[Finding]:
    if statement.kind not in ("CreateRoleStmt", "AlterRoleStmt"):
        return
    given = options(statement.tree.get("options"))
    role = statement.tree["role"]
    name = role if isinstance(role, str) else role.get("rolename", "the current role")
    for attribute, (word, effect, severity) in _ATTRIBUTES.items():
        if is_true(given.get(attribute)):
            message = f"role {name} gets {word}: it {effect}"
            hint = f"leave out {word}; what needs it is done once by an administrator"
            yield Finding(message, name, statement.file.name, statement.line, hint, severity)


def _memberships(statement: Statement) -> Iterator[Finding]:
    if statement.kind != "GrantRoleStmt" or not statement.tree.get("is_grant"):
        return
    for granted in of_kind(statement.tree["granted_roles"], "AccessPriv"):
        effect = _MEMBERSHIPS.get(granted.get("priv_name", ""))
        for role in of_kind(statement.tree["grantee_roles"], "RoleSpec") if effect else ():
            name = role.get("rolename", "PUBLIC")
            message = f"{name} becomes member of {granted['priv_name']}: it {effect}"
            line = line_of(statement, role.get("location"))
            yield Finding(message, name, statement.file.name, line, "leave out the grant", ERROR)


CHECK = Check(
    id="superuser-roles",
    title="No role is raised above the others",
    needs=Need.FILES,
    run=run,
    decides="Passes when no pending file gives a role SUPERUSER, BYPASSRLS or REPLICATION, or membership in a role "
    "that reaches the server's files and programs; CREATEROLE is a warning. DO blocks are not looked into.",
    cost="Milliseconds; nothing is connected to.",
    fix="Grant the rights on the objects that are needed. Roles of this sort belong to administrators, not migrations.",
)
