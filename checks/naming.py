"""The names that a statement gives to new objects, with their places."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from checks.sql.objects import (
    COLUMN,
    FUNCTION,
    INDEX,
    MATVIEW,
    ROLE,
    SCHEMA,
    SEQUENCE,
    TABLE,
    TRIGGER,
    TYPE,
    VIEW,
    altered_by,
    made_by,
    renamed_by,
)
from checks.sql.statements import Statement
from checks.sql.tree import Tree, of_kind


@dataclass(frozen=True)
class GivenName:
    """A name that a statement gives; `location` in bytes of the file."""

    kind: str
    name: str
    location: int | None = None


# What people call each kind in a rule of theirs.
_NAMED = {kind: kind for kind in (TABLE, VIEW, INDEX, COLUMN, SEQUENCE, FUNCTION, TRIGGER, TYPE, SCHEMA, ROLE)}
_NAMED |= {MATVIEW: VIEW, "constraint": "constraint"}


def given_names(statement: Statement) -> Iterator[GivenName]:
    """Names of objects, their columns and constraints; unqualified."""
    kind, tree = statement.kind, statement.tree
    if (renamed := renamed_by(kind, tree)) and renamed.kind in _NAMED:
        yield GivenName(_NAMED[renamed.kind], renamed.new.bare)
    for made in made_by(kind, tree):
        if made.kind in _NAMED and made.kind != COLUMN and made.name.bare:
            yield GivenName(_NAMED[made.kind], made.name.bare, made.location)
    if kind == "CreateStmt":
        yield from _table_parts(tree.get("tableElts"))
    for subtype in ("AT_AddColumn", "AT_AddConstraint"):
        yield from _table_parts([command["def"] for command in altered_by(kind, tree, subtype)])


def _table_parts(elements: list[Tree] | None) -> Iterator[GivenName]:
    for column in of_kind(elements, "ColumnDef"):
        yield GivenName("column", column["colname"], column.get("location"))
        yield from _table_parts(column.get("constraints"))
    for constraint in of_kind(elements, "Constraint"):
        if constraint.get("conname"):
            yield GivenName("constraint", constraint["conname"], constraint.get("location"))
