"""The types, relations, functions and roles that a statement needs, gathered in one walk over its tree."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from checks.base import MigrationFile
from checks.sql import objects
from checks.sql.objects import made_by, renamed_by
from checks.sql.tree import Tree, body_of, dotted, kind_and_tree, language_of, parsed, relation_name

if TYPE_CHECKING:
    from checks.sql.statements import Statement


RELATION, TYPE, FUNCTION, EXTENSION, SCHEMA = "relation", "type", "function", "extension", "schema"
# Names that stand for each other: a call does not tell an aggregate, nor a FROM a view.
_SORTS = {
    objects.TABLE: RELATION,
    objects.FOREIGN_TABLE: RELATION,
    objects.VIEW: RELATION,
    objects.MATVIEW: RELATION,
    objects.SEQUENCE: RELATION,
    objects.TYPE: TYPE,
    objects.MULTIRANGE: TYPE,
    objects.FUNCTION: FUNCTION,
    objects.AGGREGATE: FUNCTION,
    objects.EXTENSION: EXTENSION,
    objects.SCHEMA: SCHEMA,
}


@dataclass(frozen=True)
class Named:
    """An object that a statement makes or mentions; `name` is without `public.`, `location` in bytes of the file.

    `arguments` is how many a function takes or is given (None: unknown).
    """

    kind: str
    name: str
    location: int | None = None
    arguments: int | None = None


def named_by(kind: str, tree: Tree) -> tuple[Named, ...]:
    """The relations, types, functions, extensions and schemas that a statement creates, or gives a new name."""
    if renamed := renamed_by(kind, tree):
        sort = _SORTS.get(renamed.kind)
        return (Named(sort, str(renamed.new)),) if sort else ()
    found = [(sort, made) for made in made_by(kind, tree) if (sort := _SORTS.get(made.kind))]
    return tuple(Named(sort, str(made.name), arguments=made.arguments) for sort, made in found)


def mentioned_by(kind: str, tree: Tree, made: Iterable[Named] | None = None) -> tuple[Named, ...]:
    """The types, relations and functions that have to exist before the statement runs; `made` is what it makes.

    Names of CTEs are left out; so is what stands in bodies of plpgsql, which the server looks at when they run, and
    everything under IF EXISTS.
    """
    if kind in _MENTION_NOTHING or tree.get("missing_ok"):
        return ()
    found: list[Named] = []
    ctes: set[str] = set()
    for node in _nodes_that_matter(tree):
        if "relname" in node:
            found.append(Named(RELATION, relation_name(node), node.get("location")))
        elif "typemod" in node:
            found.extend(_type(node))
        elif "funcname" in node:
            found.append(_function(node))
        else:
            ctes.add(node["ctename"])
    own = {(named.kind, named.name) for named in (named_by(kind, tree) if made is None else made)}
    return tuple(m for m in found if (m.kind, m.name) not in own and not (m.kind == RELATION and m.name in ctes))


def mentioned_in_body(statement: Statement) -> tuple[Named, ...]:
    """What the body of a LANGUAGE sql function needs, which the server resolves when it makes the function.

    Locations are not told, so that the function's own line stands for them; a body that does not parse is for `syntax`.
    """
    is_sql = statement.kind == "CreateFunctionStmt" and language_of(statement) == "sql"
    body = body_of(statement) if is_sql else ""
    if not body:
        return ()
    from pglast.parser import ParseError

    try:
        inner = [kind_and_tree(raw) for raw in parsed(body)]
    except (ParseError, RecursionError):
        return ()
    return tuple(Named(m.kind, m.name, None, m.arguments) for kind, tree in inner for m in mentioned_by(kind, tree))


# Their objects are made before, or the statement is about nothing that a file makes.
_MENTION_NOTHING = ("CommentStmt", "TransactionStmt", "VariableSetStmt", "CreateEnumStmt", "AlterEnumStmt")


def _nodes_that_matter(tree: Tree) -> Iterator[dict[str, Any]]:
    """Relations, types, calls and CTEs. Leaves are not entered: this loop is what the checks' speed hangs on."""
    todo: list[Any] = [tree]
    while todo:
        node = todo.pop()
        for key, value in node.items():
            if key in _TELLING:
                yield node
            elif key in _LEAVES:
                continue
            elif type(value) is dict:
                todo.append(value)
            elif type(value) is list:
                todo.extend([inner for each in value for kind, inner in each.items() if kind not in _LEAVES])


_TELLING = frozenset({"relname", "typemod", "funcname", "ctename"})
_LEAVES = frozenset({"A_Const", "ColumnRef", "String", "Integer", "fields", "names", "alias", "location"})


def _type(node: dict[str, Any]) -> Iterator[Named]:
    names = node.get("names") or ()
    first = names[0]["String"]["sval"] if names and "String" in names[0] else "pg_catalog"
    if first != "pg_catalog" and not node.get("pct_type"):
        yield Named(TYPE, dotted(names), node.get("location"))


def _function(node: dict[str, Any]) -> Named:
    """A call, or the function of a trigger, which takes no arguments."""
    given = 0 if "trigname" in node else len(node.get("args") or ())
    return Named(FUNCTION, dotted(node["funcname"]), node.get("location"), given)


_ROLE_SPEC = re.compile(r'"roletype":"ROLESPEC_CSTRING","rolename":("(?:[^"\\]|\\.)*")')
# A file without these words names no role, and is not parsed.
_NAMES_ROLES = re.compile(r"(?i)\b(?:grant|revoke|owner|owned|role|user|group|policy|authorization|privileges)\b")
_CREATE_ROLE = re.compile(r'(?i)\bcreate\s+(?:role|user|group)\s+"?([\w$]+)"?')
_ABOUT_ROLES = re.compile(r"(?i)\b(?:create|alter|drop)\s+(?:role|user|group)\b")


def mentioned_roles(files: Iterable[MigrationFile]) -> frozenset[str]:
    """Roles that the files grant to, or hand objects to, and do not create."""
    mentioned: set[str] = set()
    created: set[str] = set()
    for file in files:
        text = file.text
        created.update(name.lower() for name in _CREATE_ROLE.findall(text))
        mentioned.update(_role_specs(text))
    return frozenset(name for name in mentioned if name.lower() not in created and not name.startswith("pg_"))


def _role_specs(text: str) -> Iterator[str]:
    from pglast.parser import ParseError, parse_sql_json

    if not _NAMES_ROLES.search(text):
        return
    try:
        tree = str(parse_sql_json(text))
    except ParseError:
        return
    for found in _ROLE_SPEC.findall(tree):
        yield str(json.loads(found))


def is_about_roles(files: Iterable[MigrationFile]) -> bool:
    """Whether a file makes, changes or drops a role, in a DO block too."""
    return any(_ABOUT_ROLES.search(file.text) for file in files)
