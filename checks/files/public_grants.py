"""public-grants: no pending file opens an object to everyone."""

from __future__ import annotations

from collections.abc import Iterator

from checks.base import Check, Finding, Need, Result, counted
from checks.contexts import FilesContext
from checks.result import ERROR, WARNING
from checks.sql.statements import Statement
from checks.sql.tree import Tree, dotted, of_kind, relation_name
from checks.verdict import verdict

_READING = {"select", "usage", "execute", "connect"}


def run(context: FilesContext) -> Result:
    """Failed for rights to change anything; a warning for rights to read or call."""
    findings = [finding for s in context.all_statements(context.pending) for finding in _faults(s)]
    return verdict(findings, f"{counted(len(context.pending), 'file')}, nothing granted to PUBLIC")


def _faults(statement: Statement) -> Iterator[Finding]:
    tree = statement.tree
    if statement.kind == "GrantStmt" and _is_public(tree, "grantees"):
        yield _finding(statement, _privileges(tree), _objects(tree), _severity(tree))
    elif statement.kind == "AlterDefaultPrivilegesStmt" and _is_public(tree["action"], "grantees"):
        action = tree["action"]
        later = f"all {_kind(action)} to come"
        yield _finding(statement, _privileges(action), later, _severity(action))
    elif statement.kind == "GrantRoleStmt" and _is_public(tree, "grantee_roles"):
        roles = ", ".join(role["priv_name"] for role in of_kind(tree["granted_roles"], "AccessPriv"))
        yield _finding(statement, "membership", roles, ERROR)


def _is_public(tree: Tree, key: str) -> bool:
    roles = of_kind(tree.get(key), "RoleSpec")
    return bool(tree.get("is_grant")) and any(role["roletype"] == "ROLESPEC_PUBLIC" for role in roles)


def _privileges(tree: Tree) -> str:
    names = [privilege.get("priv_name", "ALL") for privilege in of_kind(tree.get("privileges"), "AccessPriv")]
    return ", ".join(name.upper() for name in names) or "ALL"


def _severity(tree: Tree) -> str:
    return WARNING if set(_privileges(tree).lower().split(", ")) <= _READING else ERROR


def _objects(tree: Tree) -> str:
    """`orders`, `all tables in schema billing`."""
    kind = _kind(tree)
    names = [_object(wrapped) for wrapped in tree.get("objects", ())]
    if tree["targtype"] == "ACL_TARGET_ALL_IN_SCHEMA":
        return f"all {kind} in schema {', '.join(names)}"
    return ", ".join(names)


def _object(wrapped: Tree) -> str:
    if "RangeVar" in wrapped:
        return relation_name(wrapped["RangeVar"])
    if "ObjectWithArgs" in wrapped:
        return dotted(wrapped["ObjectWithArgs"]["objname"])
    if "List" in wrapped:
        return dotted(wrapped["List"]["items"])
    return str(wrapped.get("String", {}).get("sval", ""))


def _kind(tree: Tree) -> str:
    return str(tree["objtype"]).removeprefix("OBJECT_").lower() + "s"


def _finding(statement: Statement, privileges: str, objects: str, severity: str) -> Finding:
    message = f"{privileges} on {objects} goes to PUBLIC: every login of the database, also those made later"
    return Finding(message, objects, statement.file.name, statement.line, "GRANT … TO a role that needs it", severity)


CHECK = Check(
    id="public-grants",
    title="Nothing is granted to PUBLIC",
    needs=Need.FILES,
    run=run,
    decides="Passes when no GRANT or ALTER DEFAULT PRIVILEGES of a pending file names PUBLIC. Rights to change data or "
    "to create fail; rights to read, use or call are a warning. REVOKE … FROM PUBLIC is what it likes to see.",
    cost="Milliseconds; nothing is connected to.",
    fix="Grant to the role of the application or of its readers.",
)
