"""What a statement makes and mentions: types, relations and functions, gathered in one walk over its tree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from checks.sql import Statement
from checks.tree import Tree, dotted, of_kind, options, qualified, relation_name, text_of

RELATION, TYPE, FUNCTION, EXTENSION, SCHEMA = "relation", "type", "function", "extension", "schema"


@dataclass(frozen=True)
class Named:
    """An object that a statement makes or mentions; `name` is without `public.`, `location` in bytes of the file.

    `arguments` is how many a function takes or is given (None: unknown).
    """

    kind: str
    name: str
    location: int | None = None
    arguments: int | None = None


def made_by(statement: Statement) -> tuple[Named, ...]:
    """The relations, types, functions, extensions and schemas that a statement creates, or gives a new name."""
    return tuple(_made(statement.kind, statement.tree))


def _made(kind: str, tree: Tree) -> Iterator[Named]:
    match kind:
        case "CreateStmt":
            yield Named(RELATION, relation_name(tree["relation"]))
        case "CreateForeignTableStmt":
            yield Named(RELATION, relation_name(tree["base"]["relation"]))
        case "CreateTableAsStmt":
            yield Named(RELATION, relation_name(tree["into"]["rel"]))
        case "ViewStmt":
            yield Named(RELATION, relation_name(tree["view"]))
        case "CreateSeqStmt":
            yield Named(RELATION, relation_name(tree["sequence"]))
        case "CreateFunctionStmt":
            yield Named(FUNCTION, dotted(tree["funcname"]), arguments=_parameters(tree))
        case "CreateExtensionStmt":
            yield Named(EXTENSION, tree["extname"])
        case "CreateSchemaStmt":
            yield Named(SCHEMA, tree.get("schemaname", ""))
        case "RenameStmt":
            yield from _renamed(tree)
        case _:
            yield from _types_made(kind, tree)


def mentioned_by(statement: Statement) -> tuple[Named, ...]:
    """The types, relations and functions that have to exist before the statement runs.

    Names of CTEs are left out; so is what stands in bodies of plpgsql, which the server looks at when they run, and
    everything under IF EXISTS.
    """
    if statement.kind in _MENTION_NOTHING or statement.tree.get("missing_ok"):
        return ()
    found: list[Named] = []
    ctes: set[str] = set()
    for node in _nodes_that_matter(statement.tree):
        if "relname" in node:
            found.append(Named(RELATION, relation_name(node), node.get("location")))
        elif "typemod" in node:
            found.extend(_type(node))
        elif "funcname" in node:
            found.append(_function(node))
        else:
            ctes.add(node["ctename"])
    made = {(named.kind, named.name) for named in statement.made}
    return tuple(m for m in found if (m.kind, m.name) not in made and not (m.kind == RELATION and m.name in ctes))


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


def _types_made(kind: str, tree: Tree) -> Iterator[Named]:
    match kind:
        case "CreateEnumStmt":
            yield Named(TYPE, dotted(tree["typeName"]))
        case "CreateRangeStmt":
            yield from _range(tree)
        case "CreateDomainStmt":
            yield Named(TYPE, dotted(tree["domainname"]))
        case "CompositeTypeStmt":
            yield Named(TYPE, relation_name(tree["typevar"]))
        case "DefineStmt" if tree["kind"] == "OBJECT_TYPE":
            yield Named(TYPE, dotted(tree["defnames"]))
        case "DefineStmt" if tree["kind"] == "OBJECT_AGGREGATE":
            yield Named(FUNCTION, dotted(tree["defnames"]))


def _range(tree: Tree) -> Iterator[Named]:
    """A range type brings its multirange: PostgreSQL manual, CREATE TYPE."""
    name = dotted(tree["typeName"])
    yield Named(TYPE, name)
    given = text_of(options(tree.get("params")).get("multirange_type_name"))
    usual = name.replace("range", "multirange") if "range" in name else f"{name}_multirange"
    yield Named(TYPE, given or usual)


def _renamed(tree: Tree) -> tuple[Named, ...]:
    new = tree["newname"]
    if tree["renameType"] in ("OBJECT_TABLE", "OBJECT_VIEW", "OBJECT_MATVIEW", "OBJECT_SEQUENCE"):
        return (Named(RELATION, qualified(tree["relation"].get("schemaname", ""), new)),)
    if tree["renameType"] in ("OBJECT_TYPE", "OBJECT_DOMAIN"):
        return (Named(TYPE, new),)
    return (Named(FUNCTION, new),) if tree["renameType"] in ("OBJECT_FUNCTION", "OBJECT_PROCEDURE") else ()


def _parameters(tree: Tree) -> int:
    outputs = ("FUNC_PARAM_OUT", "FUNC_PARAM_TABLE")
    return sum(1 for p in of_kind(tree.get("parameters"), "FunctionParameter") if p["mode"] not in outputs)


def _type(node: dict[str, Any]) -> Iterator[Named]:
    names = node.get("names") or ()
    first = names[0]["String"]["sval"] if names and "String" in names[0] else "pg_catalog"
    if first != "pg_catalog" and not node.get("pct_type"):
        yield Named(TYPE, dotted(names), node.get("location"))


def _function(node: dict[str, Any]) -> Named:
    """A call, or the function of a trigger, which takes no arguments."""
    given = 0 if "trigname" in node else len(node.get("args") or ())
    return Named(FUNCTION, dotted(node["funcname"]), node.get("location"), given)
