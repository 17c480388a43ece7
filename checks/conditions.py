"""Reasons for what a checklist makes conditional: is a security review required, is maintenance mode needed?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from checks.base import MigrationSet
from checks.sql.statements import SqlError, Statement, collector_paused, split
from checks.sql.tree import body_of, is_true, of_kind, options

_SECURITY_STATEMENTS: Mapping[str, str] = {
    "CreateRoleStmt": "creates a role",
    "AlterRoleStmt": "alters a role",
    "AlterRoleSetStmt": "alters a role",
    "DropRoleStmt": "drops a role",
    "GrantStmt": "changes grants",
    "GrantRoleStmt": "changes role membership",
    "AlterDefaultPrivilegesStmt": "changes default privileges",
    "CreatePolicyStmt": "creates a row security policy",
    "AlterPolicyStmt": "alters a row security policy",
    "AlterOwnerStmt": "changes an owner",
    "ReassignOwnedStmt": "changes an owner",
    "DropOwnedStmt": "drops all that a role owns",
    "SecLabelStmt": "changes a security label",
    "CreateUserMappingStmt": "makes a login to another server",
    "AlterUserMappingStmt": "changes a login to another server",
    "CreateForeignServerStmt": "makes a link to another server",
    "CreateSubscriptionStmt": "makes a link to another server",
    "CreateEventTrigStmt": "makes an event trigger",
    "AlterSystemStmt": "changes a setting of the server",
}
_BY_COMMAND: Mapping[str, str] = {
    "AT_EnableRowSecurity": "changes row security",
    "AT_DisableRowSecurity": "changes row security",
    "AT_ForceRowSecurity": "changes row security",
    "AT_NoForceRowSecurity": "changes row security",
    "AT_ChangeOwner": "changes an owner",
}
_BY_DROP: Mapping[str, str] = {
    "OBJECT_POLICY": "drops a row security policy",
    "OBJECT_EVENT_TRIGGER": "drops an event trigger",
}
# In bodies of DO blocks and functions, where statements are text, often put together from pieces.
_IN_BODY: Mapping[str, re.Pattern[str]] = {
    "changes grants": re.compile(r"\b(?:grant|revoke)\s+[\w%]", re.IGNORECASE),
    "changes roles": re.compile(r"\b(?:create|alter|drop)\s+(?:role|user|group)\b", re.IGNORECASE),
    "changes an owner": re.compile(r"\bowner\s+to\b|\breassign\s+owned\b", re.IGNORECASE),
    "changes row security": re.compile(r"\brow\s+level\s+security\b|\b(?:create|alter|drop)\s+policy\b", re.IGNORECASE),
    "makes a SECURITY DEFINER function": re.compile(r"\bsecurity\s+definer\b", re.IGNORECASE),
}


def conditions(migrations: MigrationSet) -> Mapping[str, str]:
    """Facts by condition: `security` is empty where no pending file touches roles, grants, policies or definer rights.

    A file that does not parse, or migrations that are no SQL, leave the condition out: nobody could look.
    """
    if not migrations.is_sql:
        return {}
    try:
        with collector_paused():
            parsed = [(file.name, split(file)) for file in migrations.pending]
    except SqlError:
        return {}
    found = [f"{name} {words}" for name, statements in parsed for s in statements for words in _security(s)]
    found = list(dict.fromkeys(found))
    more = f" and {len(found) - 3} more" if len(found) > 3 else ""
    return {"security": "; ".join(found[:3]) + more}


def _security(statement: Statement) -> Iterator[str]:
    tree = statement.tree
    if words := _SECURITY_STATEMENTS.get(statement.kind):
        yield words
    elif statement.kind == "AlterTableStmt":
        commands = of_kind(tree.get("cmds"), "AlterTableCmd")
        yield from (_BY_COMMAND[c["subtype"]] for c in commands if c["subtype"] in _BY_COMMAND)
    elif statement.kind == "DropStmt" and (words := _BY_DROP.get(tree["removeType"])):
        yield words
    elif statement.kind in ("CreateFunctionStmt", "AlterFunctionStmt"):
        if is_true(options(tree.get("options") or tree.get("actions")).get("security")):
            yield "makes a SECURITY DEFINER function"
    elif statement.kind == "CreateSchemaStmt" and "authrole" in tree:
        yield "changes an owner"
    body = body_of(statement)
    yield from (words for words, pattern in _IN_BODY.items() if body and pattern.search(body))
