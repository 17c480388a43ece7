"""Reads the parser's JSON of a statement (`Statement.tree`): names, options, nodes, lines.

The JSON is pg_query's: nodes in lists are wrapped in their type (`{"RangeVar": {…}}`), zero values are left out, and a
`location` counts bytes from the start of the file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from checks.sql.statements import Statement

Tree = Mapping[str, Any]


def parsed(sql: str) -> list[Tree]:
    """Each statement's `stmt`, with `stmt_location` and `stmt_len` in bytes. Raises ParseError, and RecursionError."""
    from orjson import JSONDecodeError, loads
    from pglast.parser import parse_sql_json

    try:
        statements: list[Tree] = loads(parse_sql_json(sql)).get("stmts", [])
    except JSONDecodeError:  # The parser's JSON is sound; but for nesting deeper than 1,024 levels there is no reader.
        raise RecursionError from None
    return statements


def kind_and_tree(raw: Tree) -> tuple[str, Tree]:
    """`CreateStmt` and what stands below it, of one that `parsed` found."""
    [(kind, tree)] = raw["stmt"].items()
    return kind, tree


def nodes(tree: Any) -> Iterator[dict[str, Any]]:
    """Every node below and including this one, in no particular order."""
    todo = [tree]
    while todo:
        node = todo.pop()
        if type(node) is dict:
            yield node
            todo.extend(value for value in node.values() if type(value) in (dict, list))
        elif type(node) is list:
            todo.extend(node)


def of_kind(wrapped: Iterable[Tree] | None, kind: str) -> Iterator[Tree]:
    """The nodes of one kind in a list, such as the `ColumnDef`s of `tableElts`."""
    for node in wrapped or ():
        if kind in node:
            yield node[kind]


def relation_name(range_var: Tree) -> str:
    """A RangeVar as `orders` or `billing.orders`; `public.` is left out."""
    return qualified(range_var.get("schemaname", ""), range_var["relname"])


def qualified(schema: str, name: str) -> str:
    """`billing.orders`; `public.` is left out."""
    return f"{schema}.{name}" if schema and schema != "public" else name


def parts(names: Iterable[Tree]) -> list[str]:
    """The words of a dotted name: a list of String nodes."""
    return [name["String"]["sval"] for name in names if "String" in name]


def dotted(names: Iterable[Tree]) -> str:
    """A list of String nodes as `f` or `billing.f`; `public.` is left out."""
    words = parts(names)
    return qualified(words[-2] if len(words) > 1 else "", words[-1]) if words else ""


def bare(name: str) -> str:
    """A name without its schema."""
    return name.rpartition(".")[2]


def options(elements: Iterable[Tree] | None) -> dict[str, Any]:
    """DefElems as name to argument; an argument is a wrapped node, or None."""
    return {element["defname"]: element.get("arg") for element in of_kind(elements, "DefElem")}


def is_true(argument: Tree | None) -> bool:
    """Whether a DefElem's Boolean is true."""
    return bool(argument and argument.get("Boolean", {}).get("boolval"))


def is_on(elements: Iterable[Tree] | None, name: str, otherwise: bool = False) -> bool:
    """Whether the option of that name is on, as the server reads it: a name alone is on, `off` and `0` are not."""
    given = options(elements)
    if given.get(name) is None:
        return name in given or otherwise
    argument = given[name]
    word = text_of(argument) or dotted(argument.get("TypeName", {}).get("names", ()))
    number = argument.get("Integer", {"ival": 1}).get("ival", 0)
    return is_true(argument) if "Boolean" in argument else word.lower() not in ("false", "off") and number != 0


def text_of(argument: Tree | None) -> str:
    """A DefElem's String, or the first of its list of Strings; "" for anything else."""
    if not argument:
        return ""
    if "List" in argument:
        argument = next(iter(argument["List"].get("items", ())), None) or {}
    return str(argument.get("String", {}).get("sval", ""))


def constant(node: Tree) -> str | None:
    """The text of a string literal; None for any other expression. Casts of literals count."""
    if "TypeCast" in node:
        return constant(node["TypeCast"].get("arg", {}))
    literal = node.get("A_Const", {}).get("sval")
    return None if literal is None else str(literal.get("sval", ""))


def line_of(statement: Statement, location: int | None = None) -> int:
    """The file's line of a node's `location`; the statement's own line where a node has none."""
    if location is None or location < statement.offset:
        return statement.line
    return statement.file.content.count(b"\n", 0, location) + 1


def body_of(statement: Statement) -> str:
    """What stands in the string of a function or DO block; "" for any other statement."""
    if statement.kind not in ("CreateFunctionStmt", "DoStmt"):
        return ""
    return text_of(options(statement.tree.get("options") or statement.tree.get("args")).get("as"))


def language_of(statement: Statement) -> str:
    """The language of a function or DO block in lower case; "" where it is not written."""
    return text_of(options(statement.tree.get("options") or statement.tree.get("args")).get("language")).lower()


def line_in_body(statement: Statement, body: str, position: int) -> int:
    """The file's line of a place in a function's body."""
    start = max(statement.text.find(body), 0)
    return statement.line_at(start) + body.count("\n", 0, position)
