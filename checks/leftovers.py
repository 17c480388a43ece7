"""What an up file makes and its down file leaves behind, as far as statements tell; a scratch run has the last word."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from checks.sql import Statement
from checks.touched import touched
from checks.tree import bare, dotted, of_kind, options, relation_name

_DROPS = {
    "OBJECT_TABLE": "table",
    "OBJECT_FOREIGN_TABLE": "table",
    "OBJECT_VIEW": "view",
    "OBJECT_MATVIEW": "materialized view",
    "OBJECT_SEQUENCE": "sequence",
    "OBJECT_INDEX": "index",
    "OBJECT_TYPE": "type",
    "OBJECT_DOMAIN": "type",
    "OBJECT_FUNCTION": "function",
    "OBJECT_PROCEDURE": "function",
    "OBJECT_ROUTINE": "function",
    "OBJECT_SCHEMA": "schema",
    "OBJECT_EXTENSION": "extension",
    "OBJECT_TRIGGER": "trigger",
}


@dataclass(frozen=True)
class Left:
    """An object; `on` is its table where it goes with one."""

    kind: str
    name: str
    line: int
    on: str = ""


def leftovers(ups: Sequence[Statement], downs: Sequence[Statement]) -> tuple[Left, ...]:
    """What the up statements leave existing and the down statements do not drop, nor what it hangs on."""
    made = [left for statement in ups for left in _made(statement)]
    dropped = _dropped(ups) | _dropped(downs)
    cascading = any(statement.tree.get("behavior") == "DROP_CASCADE" for statement in downs)
    schemas = {name for kind, name in dropped if kind == "schema"}
    return tuple(
        left
        for left in made
        if (left.kind, left.name) not in dropped
        and ("table", left.on) not in dropped
        and ("materialized view", left.on) not in dropped
        and left.name.partition(".")[0] not in schemas
        and not (cascading and left.kind in ("view", "materialized view", "trigger", "index"))
    )


def _made(statement: Statement) -> Iterator[Left]:
    tree, line = statement.tree, statement.line
    match statement.kind:
        case "CreateStmt":
            parent = next(of_kind(tree.get("inhRelations"), "RangeVar"), None) if "partbound" in tree else None
            yield Left("table", relation_name(tree["relation"]), line, relation_name(parent) if parent else "")
        case "CreateTableAsStmt":
            kind = "materialized view" if tree["objtype"] == "OBJECT_MATVIEW" else "table"
            yield Left(kind, relation_name(tree["into"]["rel"]), line)
        case "CreateSeqStmt":
            owner = options(tree.get("options")).get("owned_by") or {}
            yield Left("sequence", relation_name(tree["sequence"]), line, _owner(owner))
        case "IndexStmt" if "idxname" in tree:
            yield Left("index", tree["idxname"], line, relation_name(tree["relation"]))
        case "CreateSchemaStmt" if "schemaname" in tree and not tree.get("if_not_exists"):
            yield Left("schema", tree["schemaname"], line)
        case "AlterTableStmt":
            yield from _columns(statement)
        case _ if not tree.get("replace"):
            yield from _replaceable(statement)


def _replaceable(statement: Statement) -> Iterator[Left]:
    """What OR REPLACE may have found there already, and types."""
    tree, line = statement.tree, statement.line
    match statement.kind:
        case "ViewStmt":
            yield Left("view", relation_name(tree["view"]), line)
        case "CreateFunctionStmt":
            yield Left("function", dotted(tree["funcname"]), line)
        case "CreateTrigStmt":
            yield Left("trigger", tree["trigname"], line, relation_name(tree["relation"]))
        case _:
            yield from (Left("type", named.name, line) for named in statement.made[:1] if named.kind == "type")


def _columns(statement: Statement) -> list[Left]:
    table = relation_name(statement.tree["relation"])
    commands = of_kind(statement.tree.get("cmds"), "AlterTableCmd")
    added = [c["def"]["ColumnDef"]["colname"] for c in commands if c["subtype"] == "AT_AddColumn"]
    return [Left("column", f"{table}.{name}", statement.line, table) for name in added]


def _owner(argument: object) -> str:
    """The table of OWNED BY table.column."""
    items = argument.get("List", {}).get("items", []) if isinstance(argument, dict) else []
    return dotted(items[:-1])


def _dropped(statements: Iterable[Statement]) -> set[tuple[str, str]]:
    """What drops, and what a rename takes away under its name."""
    found: set[tuple[str, str]] = set()
    for statement in statements:
        tree = statement.tree
        if statement.kind == "DropStmt" and (kind := _DROPS.get(tree["removeType"])):
            found.update((kind, bare(name) if kind in ("trigger", "index") else name) for name in touched(statement))
        elif statement.kind == "RenameStmt" and "relation" in tree:
            found.update((kind, relation_name(tree["relation"])) for kind in ("table", "view", "sequence"))
        elif statement.kind == "AlterTableStmt":
            found.update(_dropped_columns(statement))
    return found


def _dropped_columns(statement: Statement) -> set[tuple[str, str]]:
    """A dropped column takes its indexes along, which the names do not tell; a table is enough for those."""
    table = relation_name(statement.tree["relation"])
    commands = [c for c in of_kind(statement.tree.get("cmds"), "AlterTableCmd") if c["subtype"] == "AT_DropColumn"]
    return {("column", f"{table}.{command['name']}") for command in commands}
