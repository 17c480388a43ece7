"""Which existing tables a statement locks so that others wait, by the manual: what scratch observes, read from text.

https://www.postgresql.org/docs/current/explicit-locking.html and the pages of the statements.
"""

from __future__ import annotations

from collections.abc import Iterator

from checks.sql.objects import INDEX, TABLE, dropped_by, touched
from checks.sql.statements import Statement
from checks.sql.tree import Tree, is_on, of_kind, relation_name

# ALTER TABLE takes ACCESS EXCLUSIVE but for these: the first block nobody, the second writes alone.
_CALM = (
    *("AT_ValidateConstraint", "AT_SetStatistics", "AT_SetOptions", "AT_ResetOptions", "AT_SetRelOptions"),
    *("AT_ResetRelOptions", "AT_ClusterOn", "AT_DropCluster", "AT_AttachPartition", "AT_DetachPartitionFinalize"),
)
_TRIGGERS = ("AT_EnableTrig", "AT_DisableTrig")
_SHARE, _ACCESS_EXCLUSIVE = 5, 8
_EXCLUSIVE = ("TruncateStmt", "RuleStmt", "AlterObjectSchemaStmt", "RefreshMatViewStmt", "ClusterStmt")
_WRITES = ("CreateTrigStmt", "IndexStmt", "ReindexStmt")
_RENAMED = ("OBJECT_TABLE", "OBJECT_COLUMN", "OBJECT_TABCONSTRAINT")


def blocks_writes(statement: Statement) -> tuple[str, ...]:
    """Tables (an index stands for its own) on which writes, at least, wait while it gets and has its lock."""
    return tuple(dict.fromkeys(table for table, _ in _locked(statement)))


def blocks_reads(statement: Statement) -> tuple[str, ...]:
    """Those of them on which everybody waits: ACCESS EXCLUSIVE."""
    return tuple(dict.fromkeys(table for table, also_reads in _locked(statement) if also_reads))


def _locked(statement: Statement) -> Iterator[tuple[str, bool]]:
    """Each with whether reads wait, too."""
    kind, tree = statement.kind, statement.tree
    if tree.get("concurrent") or is_on(tree.get("params"), "concurrently"):
        return
    match kind:
        case "AlterTableStmt" if tree.get("objtype") in ("OBJECT_TABLE", "OBJECT_MATVIEW"):
            yield from _altered(tree)
        case "CreateStmt":
            parents = of_kind(tree.get("inhRelations"), "RangeVar") if "partbound" in tree else ()
            yield from ((relation_name(parent), True) for parent in parents)
            yield from _referenced(tree)
        case "DropStmt":
            dropped = [each for each in dropped_by(kind, tree) if each.table or each.kind in (TABLE, INDEX)]
            yield from ((str(each.table or each.name), True) for each in dropped)
        case "LockStmt" if tree["mode"] >= _SHARE:
            named = of_kind(tree["relations"], "RangeVar")
            yield from ((relation_name(table), tree["mode"] == _ACCESS_EXCLUSIVE) for table in named)
        case "CreatePolicyStmt" | "AlterPolicyStmt":
            yield relation_name(tree["table"]), True
        case "VacuumStmt" if is_on(tree.get("options"), "full"):
            named = of_kind(tree.get("rels"), "VacuumRelation")
            yield from ((relation_name(each["relation"]), True) for each in named if "relation" in each)
        case _ if kind in (*_EXCLUSIVE, *_WRITES) or tree.get("renameType") in _RENAMED:
            yield from ((table, kind not in _WRITES) for table in touched(statement))


def _altered(tree: Tree) -> Iterator[tuple[str, bool]]:
    for command in of_kind(tree.get("cmds"), "AlterTableCmd"):
        subtype, definition = command["subtype"], command.get("def", {})
        partition = definition.get("PartitionCmd", {})
        if partition.get("concurrent"):
            continue
        if subtype not in _CALM:
            is_foreign = definition.get("Constraint", {}).get("contype") == "CONSTR_FOREIGN"
            yield relation_name(tree["relation"]), not (is_foreign or subtype.startswith(_TRIGGERS))
        if partition:
            yield relation_name(partition["name"]), True
    yield from _referenced(tree)


def _referenced(tree: Tree) -> Iterator[tuple[str, bool]]:
    """The other side of each new foreign key, inline or of its own."""
    altered = (command.get("def", {}) for command in of_kind(tree.get("cmds"), "AlterTableCmd"))
    places = [*tree.get("tableElts", ()), *altered]
    inline = (inner for column in of_kind(places, "ColumnDef") for inner in column.get("constraints", ()))
    for constraint in of_kind([*places, *inline], "Constraint"):
        if "pktable" in constraint:
            yield relation_name(constraint["pktable"]), False
