"""Indexes: what PostgreSQL calls one without a name, the columns that it needs, and whose name it takes."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from checks.sql.objects import altered_by
from checks.sql.tree import Tree, nodes, of_kind, parts

# NAMEDATALEN - 1: PostgreSQL manual, "Identifiers and Key Words".
_MOST_BYTES = 63


def taken_over(kind: str, tree: Tree) -> Iterator[tuple[str, str]]:
    """Index and constraint of ADD CONSTRAINT … USING INDEX, which gives the index the constraint's name."""
    for command in altered_by(kind, tree, "AT_AddConstraint"):
        constraint = command["def"]["Constraint"]
        if index := constraint.get("indexname"):
            yield index, constraint.get("conname", index)


def columns_of_index(tree: Tree) -> frozenset[str]:
    """All columns without which an index cannot be: plain, included, in expressions and in its predicate."""
    plain = (part["name"] for part in _index_parts(tree) if "name" in part)
    inside = (
        node["ColumnRef"] for node in nodes([*_index_parts(tree), tree.get("whereClause")]) if "ColumnRef" in node
    )
    return frozenset([*plain, *(parts(reference["fields"])[-1] for reference in inside)])


def given_name(tree: Tree) -> str:
    """What PostgreSQL calls an index that has no name, where that is free: `orders_user_id_idx`.

    The longer part is cut until all fits in 63 bytes: `ChooseIndexName` of indexcmds.c.
    """
    words: list[str] = []
    for part in _index_parts(tree):
        word = part.get("name") or _word_of(part["expr"]) or "expr"
        numbered = (f"{word}{number or ''}" for number in count())
        words.append(next(free for free in numbered if free not in words))
    table, rest = tree["relation"]["relname"].encode(), "_".join(words).encode()
    while len(table) + len(rest) > _MOST_BYTES - len("__idx"):
        table, rest = (table[:-1], rest) if len(table) > len(rest) else (table, rest[:-1])
    return f"{table.decode(errors='ignore')}_{rest.decode(errors='ignore')}_idx"


def _index_parts(tree: Tree) -> list[Tree]:
    return list(of_kind([*tree.get("indexParams", ()), *tree.get("indexIncludingParams", ())], "IndexElem"))


def _word_of(expression: Tree) -> str:
    """As `FigureColname` of parse_target.c: the column, the function, or the type of a cast."""
    [(kind, node)] = expression.items()
    if kind in ("ColumnRef", "FuncCall"):
        return parts(node["fields" if kind == "ColumnRef" else "funcname"])[-1]
    if kind in ("TypeCast", "CollateClause"):
        return _word_of(node["arg"]) or (parts(node["typeName"]["names"])[-1] if kind == "TypeCast" else "")
    return "coalesce" if kind == "CoalesceExpr" else ""
