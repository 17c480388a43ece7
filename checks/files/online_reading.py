"""Which rules of online-safety a statement breaks, read from the files alone: it, and what came before it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from checks.base import MigrationFile
from checks.files.online_columns import KNOWN_FUNCTIONS, of_new_column, of_type
from checks.files.online_rules import (
    INDEX_OF_PARTITIONED,
    KEY_MAY_BE_NULL,
    MAY_SCAN_PARTITION,
    RULES,
    VALIDATED_TOO_SOON,
    OnlineRule,
    Read,
    broken,
    rewrites,
)
from checks.sql.columns import Table, Tables
from checks.sql.locks import blocks_writes
from checks.sql.objects import INDEX, altered_by, dropped_by
from checks.sql.row_checks import literal
from checks.sql.session import SessionSettings
from checks.sql.statements import Statement
from checks.sql.transactions import Unit, begins, ends
from checks.sql.tree import Tree, dotted, is_on, is_true, nodes, of_kind, parts, relation_name
from checks.sql.type_changes import BUILT_IN, type_of

_REWRITES = {
    "AT_SetLogged": "SET LOGGED",
    "AT_SetUnLogged": "SET UNLOGGED",
    "AT_SetTableSpace": "SET TABLESPACE",
    "AT_SetAccessMethod": "SET ACCESS METHOD",
    "AT_SetExpression": "SET EXPRESSION",
}
# What no application calls by its name.
_NOBODY_NAMES = tuple(
    f"OBJECT_{kind}" for kind in ("INDEX", "TABCONSTRAINT", "DOMCONSTRAINT", "TRIGGER", "POLICY", "RULE")
)


@dataclass
class Before:
    """What holds before a statement: tables, the session, the statements of its transaction so far.

    `new` are what pending files make: nobody waits for those. `asked` are names of which more has to be known.
    """

    new: frozenset[str] = frozenset()
    asked: tuple[bytes, ...] = ()
    tables: Tables = field(default_factory=Tables)
    session: SessionSettings = field(default_factory=SessionSettings)
    transaction: list[Statement] = field(default_factory=list)
    is_open: bool = False

    def is_told_in(self, file: MigrationFile) -> bool:
        """Whether a file speaks of what is asked: following all of a thousand files would take seconds."""
        text = file.content.lower() if self.asked else b""
        return any(name in text for name in self.asked)

    @property
    def holds(self) -> bool:
        """Whether the transaction has locked an existing table against writes."""
        return any(set(blocks_writes(statement)) - self.new for statement in self.transaction)

    def begin(self, file: MigrationFile) -> None:
        """What another file left open is over."""
        self.session.begin(file)
        self.transaction.clear()
        self.is_open = False

    def follow(self, statement: Statement, unit: Unit) -> None:
        """The statement has run; after the last of its unit another transaction begins, unless the file opened one."""
        self.is_open = begins(statement) or (self.is_open and not ends(statement))
        self.session.follow(statement, self.is_open or unit.is_transaction)
        goes_on = self.is_open or (unit.is_transaction and statement is not unit.statements[-1])
        if goes_on and statement.kind != "TransactionStmt":
            self.transaction.append(statement)
        else:
            self.transaction.clear()


def is_about_old(statement: Statement, new: frozenset[str]) -> bool:
    """Whether it may touch what was there before; a new table that is parted may take an old one in."""
    if statement.kind == "CreateStmt":
        return "partbound" in statement.tree
    relation = statement.tree.get("relation", {})
    if "relname" not in relation or relation_name(relation) not in new:
        return True
    return bool(altered_by(statement.kind, statement.tree, "AT_AttachPartition"))


def rules_of(statement: Statement, before: Before) -> Iterator[Read]:
    """Every rule of ours that the statement breaks, whether its table is new or not."""
    tree = statement.tree
    match statement.kind:
        case "AlterTableStmt" if tree.get("objtype") in ("OBJECT_TABLE", "OBJECT_MATVIEW"):
            table = relation_name(tree["relation"])
            for command in of_kind(tree.get("cmds"), "AlterTableCmd"):
                yield from _of_command(command, tree, table, before)
        case "CreateStmt" if "partbound" in tree and not tree["partbound"].get("is_default"):
            for parent in of_kind(tree.get("inhRelations"), "RangeVar"):
                yield from _of_default_partition(before.tables, relation_name(parent))
        case "AlterDomainStmt" if tree["subtype"] in ("C", "O"):
            if not tree.get("def", {}).get("Constraint", {}).get("skip_validation"):
                yield broken("ban-alter-domain-with-add-constraint", dotted(tree["typeName"]))
        case "DropStmt":
            tables = (before.tables.identified_by(dropped.name.bare) for dropped in dropped_by(statement.kind, tree))
            yield from (broken("dropping-replica-identity", table) for table in tables if table)
        case _:
            yield from _of_maintenance(statement)


def _of_maintenance(statement: Statement) -> Iterator[Read]:
    """Statements that need nothing but themselves to be told."""
    tree = statement.tree
    match statement.kind:
        case "VacuumStmt" if is_on(tree.get("options"), "full"):
            named = [relation_name(each["relation"]) for each in of_kind(tree.get("rels"), "VacuumRelation")]
            rule = rewrites("VACUUM FULL", "plain VACUUM, or pg_repack")
            yield from (Read("vacuum-full", table, rule) for table in named or ["every table"])
        case "ClusterStmt":
            table = relation_name(tree["relation"]) if "relation" in tree else "every clustered table"
            yield Read("cluster", table, rewrites("CLUSTER", "pg_repack"))
        case "RefreshMatViewStmt" if not tree.get("concurrent") and not tree.get("skipData"):
            yield broken("refresh-without-concurrently", relation_name(tree["relation"]))
        case "UpdateStmt" if _is_of_every_row(tree):
            yield broken("update-of-every-row", relation_name(tree["relation"]))
        case "LockStmt":
            yield from (broken("lock-table", table) for table in blocks_writes(statement))


def rule_for(name: str, statement: Statement, tables: Tables) -> OnlineRule | None:
    """Our words for a rule of squawk; None for one that no server showed to be true, and where nothing comes of it."""
    if name == "renaming-object" and statement.tree.get("renameType") in _NOBODY_NAMES:
        return None
    return _of_index(statement, tables) if name == "require-concurrent-index-creation" else RULES.get(name)


def _of_index(statement: Statement, tables: Tables) -> OnlineRule | None:
    """Nothing is built ON ONLY a partitioned table, which takes no CONCURRENTLY either."""
    if not tables.of(relation_name(statement.tree["relation"])).keyed_by:
        return RULES["require-concurrent-index-creation"]
    return INDEX_OF_PARTITIONED if statement.tree["relation"].get("inh") else None


def _is_of_every_row(tree: Tree) -> bool:
    condition = tree.get("whereClause", {}).get("A_Const", {}).get("boolval")
    return "whereClause" not in tree or bool(condition and is_true({"Boolean": condition}))


def _of_command(command: Tree, tree: Tree, table: str, before: Before) -> Iterator[Read]:
    column, definition = command.get("name", ""), command.get("def", {})
    known = before.tables.of(table)
    match command["subtype"]:
        case "AT_AddColumn":
            yield from of_new_column(table, definition["ColumnDef"], before.tables)
        case "AT_AlterColumnType":
            yield from of_type(table, column, definition["ColumnDef"], before.tables, before.session.is_utc)
        case "AT_SetNotNull" if not known.cannot_be_null(column):
            yield broken("adding-not-nullable-field", table)
        case "AT_AddConstraint":
            yield from _of_constraint(table, known, definition["Constraint"])
        case "AT_ValidateConstraint" if before.holds or len(tree["cmds"]) > 1:
            if not (column in known.checks and known.checks[column].is_valid):
                yield broken("constraint-missing-not-valid", table, VALIDATED_TOO_SOON)
        case "AT_AttachPartition":
            yield from _of_attached(table, definition["PartitionCmd"], before.tables)
        case "AT_DropConstraint" | "AT_DropColumn" | "AT_ReplicaIdentity":
            if _loses_identity(command, known, table) and not gains_key(tree):
                yield broken("dropping-replica-identity", table)
        case subtype if subtype in _REWRITES:
            yield Read("rewrite", table, rewrites(_REWRITES[subtype], "outside of working hours"))


_OF_CONSTRAINTS = {
    "CONSTR_CHECK": "constraint-missing-not-valid",
    "CONSTR_FOREIGN": "adding-foreign-key-constraint",
    "CONSTR_UNIQUE": "disallowed-unique-constraint",
    "CONSTR_PRIMARY": "adding-serial-primary-key-field",
    "CONSTR_EXCLUSION": "adding-exclusion-constraint",
}


def _of_constraint(table: str, known: Table, constraint: Tree) -> Iterator[Read]:
    kind, at = constraint["contype"], constraint.get("location")
    if constraint.get("skip_validation"):
        return
    if "indexname" in constraint:
        index = known.indexes.get(constraint["indexname"])
        if kind == "CONSTR_PRIMARY" and index and not all(map(known.cannot_be_null, index.columns)):
            yield broken("adding-not-nullable-field", table, KEY_MAY_BE_NULL, at)
    elif kind == "CONSTR_NOTNULL":
        if not all(map(known.cannot_be_null, parts(constraint.get("keys", ())))):
            yield broken("adding-not-nullable-field", table, at=at)
    elif kind in _OF_CONSTRAINTS and not (kind in ("CONSTR_CHECK", "CONSTR_FOREIGN") and _is_unenforced(constraint)):
        yield broken(_OF_CONSTRAINTS[kind], table, at=at)


def _is_unenforced(constraint: Tree) -> bool:
    """NOT ENFORCED, which PostgreSQL 18 has for CHECK and foreign keys: nothing is looked at."""
    return not constraint.get("is_enforced")


def _of_attached(parent: str, command: Tree, tables: Tables) -> Iterator[Read]:
    partition, bound = relation_name(command["name"]), command.get("bound", {})
    if bound.get("is_default"):
        return
    known = tables.of(partition)
    implied = _implies(known, bound, tables.of(parent).keyed_by)
    if implied is not True:
        yield broken("attaching-partition", partition, MAY_SCAN_PARTITION if implied is None else None)
    yield from _of_default_partition(tables, parent)


def _of_default_partition(tables: Tables, parent: str) -> Iterator[Read]:
    """PostgreSQL looks for rows of a new partition in the default one, unless a CHECK of that speaks of the key."""
    name, keys = tables.of(parent).default_partition, set(tables.of(parent).keyed_by)
    if name and not any(keys & check.mentions for check in tables.of(name).checks.values() if check.is_valid):
        yield broken("scanning-default-partition", name)


def _implies(partition: Table, bound: Tree, keys: tuple[str, ...]) -> bool | None:
    """Whether validated CHECKs say what the bounds say; None where other words might."""
    if not partition.columns or len(keys) != 1:
        return None
    checks = [check for check in partition.checks.values() if check.is_valid and keys[0] in check.mentions]
    if not checks or not partition.cannot_be_null(keys[0]):
        return False
    said = {(operator, value) for check in checks for _, operator, value in check.compares}
    wanted = [(">=", bound.get("lowerdatums")), ("<", bound.get("upperdatums"))]
    limits = [(operator, literal(datums[0])) for operator, datums in wanted if datums]
    if listed := [literal(value) for value in bound.get("listdatums", ())]:
        limits = [("=", ",".join(sorted(value or "" for value in listed)))]
    return True if {limit for limit in limits if limit[1] is not None} <= said else None


def _loses_identity(command: Tree, known: Table, table: str) -> bool:
    """A primary key is the identity of a table that names no other; without the files' word `_pkey` is its name."""
    if command["subtype"] == "AT_ReplicaIdentity":
        asked = command["def"]["ReplicaIdentityStmt"]["identity_type"]
        return asked == "n" or (asked == "d" and bool(known.columns) and not known.key)
    name = command["name"]
    if command["subtype"] == "AT_DropColumn":
        used = known.indexes.get(known.identity or known.key)
        return used is not None and name in used.columns
    usual = f"{table.rpartition('.')[2]}_pkey" if not known.columns else ""
    return name in (known.identity or known.key or usual, known.identity)


def gains_key(tree: Tree) -> bool:
    """Whether the statement gives the table another primary key, or another identity."""
    for command in of_kind(tree.get("cmds"), "AlterTableCmd"):
        if command.get("def", {}).get("Constraint", {}).get("contype") == "CONSTR_PRIMARY":
            return True
        if command.get("def", {}).get("ReplicaIdentityStmt", {}).get("identity_type") in ("i", "f"):
            return True
    return False


_ASKS_TABLE = (
    *("AT_AlterColumnType", "AT_SetNotNull", "AT_AttachPartition", "AT_DropConstraint", "AT_DropColumn"),
    *("AT_ReplicaIdentity", "AT_ValidateConstraint"),
)


def wanted_names(statement: Statement) -> set[str]:
    """Names of which the rules want to know more than the statement tells: its tables, types and functions."""
    tree = statement.tree
    if statement.kind == "DropStmt":
        return {dropped.name.bare for dropped in dropped_by(statement.kind, tree) if dropped.kind == INDEX}
    commands = list(of_kind(tree.get("cmds"), "AlterTableCmd"))
    if not commands and "partbound" not in tree and (statement.kind != "IndexStmt" or tree.get("concurrent")):
        return set()
    asks = not commands or any(c["subtype"] in _ASKS_TABLE or _asks(c.get("def", {})) for c in commands)
    names = {node["relname"] for node in nodes(tree) if "relname" in node} if asks else set()
    for definition in (command["def"]["ColumnDef"] for command in commands if "ColumnDef" in command.get("def", {})):
        names |= {type_of(definition["typeName"]).name.rpartition(".")[2]} - BUILT_IN
        called = (node["FuncCall"] for node in nodes(definition) if "FuncCall" in node)
        names |= {dotted(call["funcname"]).rpartition(".")[2] for call in called} - KNOWN_FUNCTIONS
    return names


def _asks(definition: Tree) -> bool:
    """Constraints that build on what the table has."""
    constraint = definition.get("Constraint", {})
    return "indexname" in constraint or constraint.get("contype") == "CONSTR_NOTNULL"
