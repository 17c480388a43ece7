"""What a CHECK says of every row, read from its expression as it is written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from checks.sql.tree import Tree, constant, dotted, nodes, parts

Comparison = tuple[str, str, str]


@dataclass(frozen=True)
class RowCheck:
    """A CHECK: the columns that it names, those that it keeps from being null, each `column >= constant`."""

    mentions: frozenset[str]
    not_null: frozenset[str] = frozenset()
    compares: frozenset[Comparison] = frozenset()
    is_valid: bool = True


def columns_in(tree: object) -> frozenset[str]:
    """The columns that an expression names."""
    found = (node["ColumnRef"].get("fields", ()) for node in nodes(tree) if "ColumnRef" in node)
    return frozenset(words[-1] for fields in found if (words := parts(fields)))


def row_check(expression: Tree, is_valid: bool = True) -> RowCheck:
    """What a CHECK says of every row, as far as its conditions are joined by AND."""
    conditions = list(_conjuncts(expression))
    tested = [c["NullTest"] for c in conditions if c.get("NullTest", {}).get("nulltesttype") == "IS_NOT_NULL"]
    not_null = frozenset().union(*(columns_in(test["arg"]) for test in tested if "ColumnRef" in test["arg"]))
    compares = frozenset(found for condition in conditions for found in _comparison(condition))
    return RowCheck(columns_in(expression), not_null, compares, is_valid)


def _conjuncts(expression: Tree) -> Iterator[Tree]:
    if expression.get("BoolExpr", {}).get("boolop") == "AND_EXPR":
        for argument in expression["BoolExpr"]["args"]:
            yield from _conjuncts(argument)
    else:
        yield expression


def _comparison(condition: Tree) -> Iterator[Comparison]:
    compared = condition.get("A_Expr", {})
    left = compared.get("lexpr", {})
    if "ColumnRef" in left and (name := parts(left["ColumnRef"].get("fields", ()))):
        value = literal(compared.get("rexpr", {}))
        if value is not None:
            yield name[-1], dotted(compared["name"]), value


def literal(node: Tree) -> str | None:
    """A constant as text, numbers too; `IN (…)` as all of its constants in order; None for any other expression."""
    if "List" in node:
        each = [literal(item) for item in node["List"].get("items", ())]
        return None if None in each else ",".join(sorted(value for value in each if value is not None))
    if "ival" in (number := node.get("A_Const", {})):
        return str(number["ival"].get("ival", 0))
    return constant(node)
