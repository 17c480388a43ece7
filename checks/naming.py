"""The names that a statement gives to new objects, with their places."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from checks.sql import Statement
from checks.tree import Tree, of_kind, parts


@dataclass(frozen=True)
class GivenName:
    """A name that a statement gives; `location` in bytes of the file."""

    kind: str
    name: str
    location: int | None = None


_BY_RENAME = {
    "OBJECT_TABLE": "table",
    "OBJECT_COLUMN": "column",
    "OBJECT_INDEX": "index",
    "OBJECT_TABCONSTRAINT": "constraint",
    "OBJECT_VIEW": "view",
    "OBJECT_MATVIEW": "view",
    "OBJECT_TYPE": "type",
    "OBJECT_FUNCTION": "function",
    "OBJECT_TRIGGER": "trigger",
    "OBJECT_SEQUENCE": "sequence",
    "OBJECT_SCHEMA": "schema",
    "OBJECT_ROLE": "role",
}


def given_names(statement: Statement) -> Iterator[GivenName]:
    """Names of objects, their columns and constraints; unqualified."""
    tree = statement.tree
    match statement.kind:
        case "CreateStmt":
            yield _relation("table", tree["relation"])
            yield from _table_parts(tree.get("tableElts"))
        case "AlterTableStmt":
            yield from _altered(tree)
        case "RenameStmt" if tree["renameType"] in _BY_RENAME:
            yield GivenName(_BY_RENAME[tree["renameType"]], tree["newname"])
        case _:
            yield from _one(statement.kind, tree)


def _one(kind: str, tree: Tree) -> Iterator[GivenName]:
    match kind:
        case "IndexStmt" if tree.get("idxname"):
            yield GivenName("index", tree["idxname"])
        case "ViewStmt":
            yield _relation("view", tree["view"])
        case "CreateTableAsStmt":
            matview = tree.get("objtype") == "OBJECT_MATVIEW"
            yield _relation("view" if matview else "table", tree["into"]["rel"])
        case "CreateSeqStmt":
            yield _relation("sequence", tree["sequence"])
        case "CreateFunctionStmt":
            yield GivenName("function", parts(tree["funcname"])[-1])
        case "CreateTrigStmt":
            yield GivenName("trigger", tree["trigname"])
        case "CreateEnumStmt" | "CreateRangeStmt":
            yield GivenName("type", parts(tree["typeName"])[-1])
        case "CreateDomainStmt":
            yield GivenName("type", parts(tree["domainname"])[-1])
        case "CompositeTypeStmt":
            yield _relation("type", tree["typevar"])
        case "CreateSchemaStmt" if tree.get("schemaname"):
            yield GivenName("schema", tree["schemaname"])
        case "CreateRoleStmt":
            yield GivenName("role", tree["role"])


def _altered(tree: Tree) -> Iterator[GivenName]:
    for command in of_kind(tree.get("cmds"), "AlterTableCmd"):
        if command["subtype"] in ("AT_AddColumn", "AT_AddConstraint"):
            yield from _table_parts([command["def"]])


def _table_parts(elements: list[Tree] | None) -> Iterator[GivenName]:
    for column in of_kind(elements, "ColumnDef"):
        yield GivenName("column", column["colname"], column.get("location"))
        yield from _table_parts(column.get("constraints"))
    for constraint in of_kind(elements, "Constraint"):
        if constraint.get("conname"):
            yield GivenName("constraint", constraint["conname"], constraint.get("location"))


def _relation(kind: str, range_var: Tree) -> GivenName:
    return GivenName(kind, range_var["relname"], range_var.get("location"))
