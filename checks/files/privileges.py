"""Rights that pending files hand out: to superusers, to everyone, to whoever calls a SECURITY DEFINER function."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from checks.base import ERROR, WARNING, Finding, NotApplicable, Result, counted, files_check
from checks.contexts import FilesContext
from checks.findings import verdict
from checks.sql.statements import Statement
from checks.sql.tree import Tree, constant, dotted, is_true, of_kind, options, relation_name

# Attribute as the parser calls it: what it is called, what it lets do, severity. PostgreSQL manual, CREATE ROLE.
_ATTRIBUTES = {
    "superuser": ("SUPERUSER", "passes every check of rights", ERROR),
    "bypassrls": ("BYPASSRLS", "sees rows that policies hide", ERROR),
    "isreplication": ("REPLICATION", "can copy the whole cluster", ERROR),
    "createrole": ("CREATEROLE", "can make and change other roles", WARNING),
}
# Of cloud services, besides those of the machine.
_MEMBERSHIPS = {
    "rds_superuser": "is nearly a superuser",
    "cloudsqlsuperuser": "is nearly a superuser",
    "azure_pg_admin": "is nearly a superuser",
}


@files_check(
    title="No role is raised above the others",
    decides="Passes when no pending file gives a role SUPERUSER, BYPASSRLS or REPLICATION, or membership in a role "
    "that reaches the server's files and programs; CREATEROLE is a warning. DO blocks are not looked into.",
    fix="Grant the rights on the objects that are needed. Roles of this sort belong to administrators, not migrations.",
)
def superuser_roles(context: FilesContext) -> Result:
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
            yield statement.finding(message, name, hint, severity)


def _memberships(statement: Statement) -> Iterator[Finding]:
    if statement.kind != "GrantRoleStmt" or not statement.tree.get("is_grant"):
        return
    from checks.sql.reach import ROLES_OF_THE_MACHINE

    for granted in of_kind(statement.tree["granted_roles"], "AccessPriv"):
        effect = (ROLES_OF_THE_MACHINE | _MEMBERSHIPS).get(granted.get("priv_name", ""))
        for role in of_kind(statement.tree["grantee_roles"], "RoleSpec") if effect else ():
            name = role.get("rolename", "PUBLIC")
            message = f"{name} becomes member of {granted['priv_name']}: it {effect}"
            yield statement.finding(message, name, "leave out the grant", ERROR, role.get("location"))


_READING = {"select", "usage", "execute", "connect"}


@files_check(
    title="Nothing is granted to PUBLIC",
    decides="Passes when no GRANT or ALTER DEFAULT PRIVILEGES of a pending file names PUBLIC. Rights to change data or "
    "to create fail; rights to read, use or call are a warning. REVOKE … FROM PUBLIC is what it likes to see.",
    fix="Grant to the role of the application or of its readers.",
)
def public_grants(context: FilesContext) -> Result:
    findings = [finding for s in context.all_statements(context.pending) for finding in _to_public(s)]
    return verdict(findings, f"{counted(len(context.pending), 'file')}, nothing granted to PUBLIC")


def _to_public(statement: Statement) -> Iterator[Finding]:
    tree = statement.tree
    if statement.kind == "GrantStmt" and _is_public(tree, "grantees"):
        yield _grant_finding(statement, _privileges(tree), _objects(tree), _grant_severity(tree))
    elif statement.kind == "AlterDefaultPrivilegesStmt" and _is_public(tree["action"], "grantees"):
        action = tree["action"]
        later = f"all {_kind(action)} to come"
        yield _grant_finding(statement, _privileges(action), later, _grant_severity(action))
    elif statement.kind == "GrantRoleStmt" and _is_public(tree, "grantee_roles"):
        roles = ", ".join(role["priv_name"] for role in of_kind(tree["granted_roles"], "AccessPriv"))
        yield _grant_finding(statement, "membership", roles, ERROR)


def _is_public(tree: Tree, key: str) -> bool:
    roles = of_kind(tree.get(key), "RoleSpec")
    return bool(tree.get("is_grant")) and any(role["roletype"] == "ROLESPEC_PUBLIC" for role in roles)


def _privileges(tree: Tree) -> str:
    names = [privilege.get("priv_name", "ALL") for privilege in of_kind(tree.get("privileges"), "AccessPriv")]
    return ", ".join(name.upper() for name in names) or "ALL"


def _grant_severity(tree: Tree) -> str:
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


def _grant_finding(statement: Statement, privileges: str, objects: str, severity: str) -> Finding:
    message = f"{privileges} on {objects} goes to PUBLIC: every login of the database, also those made later"
    return statement.finding(message, objects, "grant it to the role that needs it", severity)


# PostgreSQL manual, CREATE FUNCTION, "Writing SECURITY DEFINER Functions Safely": without a search_path of its own, a
# caller's table or operator of the same name runs with the owner's rights; pg_temp has to stand last.
@dataclass
class _Function:
    statement: Statement
    is_definer: bool
    search_path: str | None


@files_check(
    title="SECURITY DEFINER functions have a safe search_path",
    decides="Passes when each function that pending files make SECURITY DEFINER has SET search_path to nothing, or to "
    "a list that ends with pg_temp.",
    fix="ALTER FUNCTION f(…) SET search_path = pg_catalog, pg_temp; and qualify the names in its body.",
)
def definer_search_path(context: FilesContext) -> Result:
    """Failed with each function that is left SECURITY DEFINER without a safe search_path after the last file."""
    functions: dict[str, _Function] = {}
    for statement in context.all_statements(context.pending):
        _follow(functions, statement)
    definers = {name: function for name, function in functions.items() if function.is_definer}
    if not definers:
        raise NotApplicable("no pending file makes a SECURITY DEFINER function")
    findings = [finding for name, function in definers.items() for finding in _unsafe(name, function)]
    return verdict(findings, f"{counted(len(definers), 'SECURITY DEFINER function')}, each with a safe search_path")


def _follow(functions: dict[str, _Function], statement: Statement) -> None:
    """A later ALTER FUNCTION may mend it, or break it. Overloads are taken for one."""
    tree = statement.tree
    if statement.kind == "CreateFunctionStmt":
        given = options(tree.get("options"))
        path = _search_path(tree.get("options"))
        functions[dotted(tree["funcname"])] = _Function(statement, is_true(given.get("security")), path)
    elif statement.kind == "AlterFunctionStmt":
        name = dotted(tree["func"]["objname"])
        known = functions.setdefault(name, _Function(statement, False, None))
        given = options(tree.get("actions"))
        if "security" in given:
            known.statement, known.is_definer = statement, is_true(given["security"])
        if "set" in given:
            known.search_path = _search_path(tree["actions"])


def _search_path(elements: list[Tree] | None) -> str | None:
    """The list as `a, pg_temp`; None where there is none, or it is the session's."""
    for element in of_kind(elements, "DefElem"):
        setting = (element.get("arg") or {}).get("VariableSetStmt", {})
        if setting.get("name") == "search_path" and setting["kind"] == "VAR_SET_VALUE":
            return ", ".join(constant(argument) or "" for argument in setting.get("args", ()))
    return None


def _unsafe(name: str, function: _Function) -> Iterator[Finding]:
    path = function.search_path
    if path is None:
        message = f"{name}() is SECURITY DEFINER without a search_path of its own: its caller decides what names mean"
    elif path.strip() and path.split(",")[-1].strip().strip('"') != "pg_temp":
        message = f"{name}() is SECURITY DEFINER, and temporary tables of its caller come before {path}"
    else:
        return
    hint = "give it SET search_path = pg_catalog, pg_temp, and qualify other names"
    yield function.statement.finding(message, f"{name}()", hint, ERROR)
