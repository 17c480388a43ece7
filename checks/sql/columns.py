"""Follows what files declare of tables: types of columns, what holds for every row, keys, partitions, domains.

Only what stands in the files; a table, a column or a function that they do not tell is unknown, which is no fault.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from checks.sql.objects import INDEX, TABLE, dropped_by, renamed_by
from checks.sql.row_checks import RowCheck, columns_in, row_check
from checks.sql.statements import Statement
from checks.sql.tree import Tree, dotted, of_kind, options, parts, relation_name, text_of
from checks.sql.type_changes import ColumnType, is_serial, type_of

_IMPLIES_NOT_NULL = ("CONSTR_NOTNULL", "CONSTR_PRIMARY", "CONSTR_IDENTITY")
_KEYS = ("CONSTR_PRIMARY", "CONSTR_UNIQUE", "CONSTR_EXCLUSION")
_SUFFIX = {"CONSTR_PRIMARY": "pkey", "CONSTR_UNIQUE": "key", "CONSTR_CHECK": "check", "CONSTR_EXCLUSION": "excl"}


@dataclass(frozen=True)
class Indexed:
    """An index: `columns` its plain ones, `derived` those in an expression or a predicate of it."""

    columns: tuple[str, ...]
    derived: frozenset[str] = frozenset()


@dataclass
class Table:
    """What the files tell of one table. `identity` is its replica identity: an index's name, "n" nothing, "f" the row.

    `key` is the primary key's constraint. `keyed_by` are the columns that it is partitioned by.
    """

    columns: dict[str, ColumnType] = field(default_factory=dict)
    not_null: set[str] = field(default_factory=set)
    checks: dict[str, RowCheck] = field(default_factory=dict)
    indexes: dict[str, Indexed] = field(default_factory=dict)
    key: str = ""
    identity: str = ""
    keyed_by: tuple[str, ...] = ()
    default_partition: str = ""

    def cannot_be_null(self, column: str) -> bool:
        """Declared, or kept by a validated CHECK: then SET NOT NULL looks at no row."""
        return column in self.not_null or any(column in c.not_null for c in self.checks.values() if c.is_valid)

    def forget(self, column: str) -> None:
        self.columns.pop(column, None)
        self.not_null.discard(column)
        gone = [n for n, i in self.indexes.items() if column in i.columns or column in i.derived]
        gone += [n for n, c in self.checks.items() if column in c.mentions]
        for name in gone:
            self.drop(name)

    def drop(self, constraint: str) -> None:
        self.checks.pop(constraint, None)
        self.indexes.pop(constraint, None)
        self.key = "" if self.key == constraint else self.key


class Tables:
    """By name without `public.`; `domains` as what they are over and whether they have constraints."""

    def __init__(self) -> None:
        self._tables: dict[str, Table] = {}
        self.domains: dict[str, tuple[ColumnType, bool]] = {}
        self.enums: set[str] = set()
        self.volatile: dict[str, bool] = {}

    def of(self, name: str) -> Table:
        """An empty one where the files tell nothing."""
        return self._tables.get(name) or Table()

    def identified_by(self, index: str) -> str:
        """The table whose replica identity the index is; "" for none."""
        return next((name for name, table in self._tables.items() if index and table.identity == index), "")

    def resolved(self, written: ColumnType) -> tuple[ColumnType, bool]:
        """A domain as the type it is over, and whether it has constraints; any other type as it is."""
        return self.domains.get(written.name, (written, False)) if not written.is_array else (written, False)

    def follow(self, statement: Statement) -> None:
        """The statement has run."""
        tree = statement.tree
        match statement.kind:
            case "CreateStmt":
                self._create(tree)
            case "AlterTableStmt":
                self._alter(relation_name(tree["relation"]), tree)
            case "IndexStmt":
                self._index(tree)
            case "RenameStmt":
                self._rename(statement)
            case "DropStmt":
                self._drop(statement)
            case "CreateDomainStmt":
                limits = {constraint["contype"] for constraint in of_kind(tree.get("constraints"), "Constraint")}
                self.domains[dotted(tree["domainname"])] = (
                    type_of(tree["typeName"]),
                    bool(limits - {"CONSTR_DEFAULT"}),
                )
            case "CreateEnumStmt":
                self.enums.add(dotted(tree["typeName"]))
            case "CreateFunctionStmt":
                given = text_of(options(tree.get("options")).get("volatility"))
                self.volatile[dotted(tree["funcname"])] = given.lower() in ("", "volatile")

    def _create(self, tree: Tree) -> None:
        name = relation_name(tree["relation"])
        if tree.get("if_not_exists") and name in self._tables:
            return
        parents = [relation_name(parent) for parent in of_kind(tree.get("inhRelations"), "RangeVar")]
        likes = [relation_name(like["relation"]) for like in of_kind(tree.get("tableElts"), "TableLikeClause")]
        table = self._tables[name] = Table()
        for parent in (self.of(each) for each in (*parents, *likes)):
            table.columns.update(parent.columns)
            table.not_null |= parent.not_null
            table.checks.update(parent.checks)
        for column in of_kind(tree.get("tableElts"), "ColumnDef"):
            _add_column(name, table, column)
        for constraint in (
            *of_kind(tree.get("tableElts"), "Constraint"),
            *of_kind(tree.get("constraints"), "Constraint"),
        ):
            _constrain(name, table, constraint)
        keys = of_kind(tree.get("partspec", {}).get("partParams"), "PartitionElem")
        table.keyed_by = tuple(key.get("name", "") for key in keys)
        if tree.get("partbound", {}).get("is_default") and parents:
            self._tables.setdefault(parents[0], Table()).default_partition = name

    def _alter(self, name: str, tree: Tree) -> None:
        table = self._tables.setdefault(name, Table())
        for command in of_kind(tree.get("cmds"), "AlterTableCmd"):
            column, definition = command.get("name", ""), command.get("def", {})
            match command["subtype"]:
                case "AT_AddColumn":
                    _add_column(name, table, definition["ColumnDef"])
                case "AT_DropColumn":
                    table.forget(column)
                case "AT_AlterColumnType":
                    table.columns[column] = type_of(definition["ColumnDef"]["typeName"])
                case "AT_SetNotNull":
                    table.not_null.add(column)
                case "AT_DropNotNull":
                    table.not_null.discard(column)
                case "AT_AddConstraint":
                    _constrain(name, table, definition["Constraint"])
                case "AT_DropConstraint":
                    table.drop(column)
                case "AT_ValidateConstraint" if column in table.checks:
                    table.checks[column] = replace(table.checks[column], is_valid=True)
                case "AT_ReplicaIdentity":
                    asked = definition["ReplicaIdentityStmt"]
                    table.identity = asked.get("name") or asked["identity_type"].replace("d", "")
                case "AT_AttachPartition" | "AT_DetachPartition":
                    _partition(table, definition["PartitionCmd"])

    def _index(self, tree: Tree) -> None:
        name = relation_name(tree["relation"])
        elements = list(of_kind(tree.get("indexParams"), "IndexElem"))
        columns = tuple(element["name"] for element in elements if "name" in element)
        derived = columns_in([tree.get("whereClause", {}), [e["expr"] for e in elements if "expr" in e]])
        given = tree.get("idxname") or "_".join((name, *(columns or ("expr",)), "idx"))
        self._tables.setdefault(name, Table()).indexes[given] = Indexed(columns, derived)

    def _rename(self, statement: Statement) -> None:
        renamed = renamed_by(statement.kind, statement.tree)
        if renamed is None:
            return
        if renamed.kind == TABLE and (moved := self._tables.pop(str(renamed.old), None)):
            self._tables[str(renamed.new)] = moved
        table = self._tables.get(str(renamed.table or ""))
        old, new = renamed.old.bare, renamed.new.bare
        if table is not None and renamed.kind == "constraint":
            table.checks = {new if name == old else name: check for name, check in table.checks.items()}
            table.key = new if table.key == old else table.key
        elif table is not None and old in table.columns:
            known, cannot_be_null = table.columns[old], old in table.not_null
            table.forget(old)
            table.columns[new] = known
            table.not_null |= {new} if cannot_be_null else set()

    def _drop(self, statement: Statement) -> None:
        for dropped in dropped_by(statement.kind, statement.tree):
            if dropped.kind == TABLE:
                self._tables.pop(str(dropped.name), None)
            elif dropped.kind == INDEX:
                for table in self._tables.values():
                    table.indexes.pop(dropped.name.bare, None)


def constraints_of(column: Tree) -> list[Tree]:
    """The constraints that a ColumnDef has inline, its default among them."""
    return list(of_kind(column.get("constraints"), "Constraint"))


def _add_column(name: str, table: Table, column: Tree) -> None:
    table.columns[column["colname"]] = type_of(column["typeName"])
    if is_serial(column["typeName"]):
        table.not_null.add(column["colname"])
    for constraint in constraints_of(column):
        _constrain(name, table, constraint, column["colname"])


def _constrain(name: str, table: Table, constraint: Tree, column: str = "") -> None:
    kind = constraint["contype"]
    keys = tuple(parts(constraint.get("keys", ()))) or ((column,) if column else ())
    if "indexname" in constraint and constraint["indexname"] in table.indexes:
        keys = table.indexes.pop(constraint["indexname"]).columns
    is_valid = not constraint.get("skip_validation")
    if kind in _IMPLIES_NOT_NULL and is_valid:
        table.not_null |= set(keys)
    if kind == "CONSTR_CHECK":
        check = row_check(constraint["raw_expr"], is_valid)
        named = [column] if column else [*check.mentions] if len(check.mentions) == 1 else []
        table.checks[_named(constraint, "_".join((name, *named)), table.checks)] = check
    if kind in _KEYS:
        given = _named(constraint, name if kind == "CONSTR_PRIMARY" else "_".join((name, *keys)), table.indexes)
        table.indexes[given] = Indexed(keys)
        table.key = given if kind == "CONSTR_PRIMARY" else table.key


def _named(constraint: Tree, stem: str, taken: Iterable[str]) -> str:
    """As PostgreSQL names a constraint that is given no name: `orders_total_check`, then `orders_total_check1`."""
    if given := constraint.get("conname") or constraint.get("indexname"):
        return str(given)
    usual = f"{stem.rpartition('.')[2]}_{_SUFFIX[constraint['contype']]}"
    others = sum(1 for name in taken if name.startswith(usual))
    return f"{usual}{others or ''}"


def _partition(table: Table, command: Tree) -> None:
    name = relation_name(command["name"])
    if command.get("bound", {}).get("is_default"):
        table.default_partition = name
    elif "bound" not in command and table.default_partition == name:
        table.default_partition = ""
