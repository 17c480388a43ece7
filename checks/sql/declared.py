"""Follows migration files statement by statement: the objects that should exist after the last one.

Only what stands in the files as statements; DO blocks and functions may make more, which only a scratch run shows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from checks.sql.indexes import columns_of_index, given_name, taken_over
from checks.sql.objects import (
    COLUMN,
    FUNCTION,
    INDEX,
    MATVIEW,
    RELATIONS,
    SCHEMA,
    TABLE,
    TRIGGER,
    TYPE,
    VIEW,
    Dropped,
    Made,
    Name,
    altered_by,
    dropped_by,
    made_by,
    name_of,
    renamed_by,
)
from checks.sql.statements import Statement
from checks.sql.tree import Tree, of_kind, qualified

_KINDS = (*RELATIONS, FUNCTION, TRIGGER, TYPE, SCHEMA)


@dataclass(frozen=True)
class Declared:
    """An object as declared. `name` is without `public.`; an index or trigger also has its `table`.

    `name` is "" for an index that PostgreSQL names; `arguments` are a function's input types as written;
    `columns` an index's plain columns; `function` what a trigger calls.
    """

    kind: str
    name: str
    statement: Statement
    table: str = ""
    arguments: str = ""
    columns: tuple[str, ...] = ()
    function: str = ""

    @property
    def label(self) -> str:
        """What people call it: `orders`, `f(integer)`, `audit on orders`, `index on orders (user_id)`."""
        if self.kind == FUNCTION:
            return f"{self.name}({self.arguments})"
        if self.kind == TRIGGER:
            return f"{self.name} on {self.table}"
        if self.kind == INDEX and not self.name:
            return f"index on {self.table} ({', '.join(self.columns)})"
        return self.name

    @property
    def file(self) -> str:
        return self.statement.file.name

    @property
    def line(self) -> int:
        return self.statement.line


@dataclass
class Declarations:
    """What should exist after the last statement."""

    existing: list[Declared] = field(default_factory=list)
    schema: str = ""

    def of(self, kind: str) -> tuple[Declared, ...]:
        return tuple(declared for declared in self.existing if declared.kind == kind)

    def add(self, declared: Declared, keep_older: bool = False) -> None:
        """`keep_older`: IF NOT EXISTS leaves the first; otherwise (OR REPLACE) the newer statement stands."""
        same = [other for other in self.existing if _identity(other) == _identity(declared)] if declared.name else []
        if same and keep_older:
            return
        self.existing = [other for other in self.existing if other not in same]
        self.existing.append(declared)

    def drop(self, matches: Callable[[Declared], bool]) -> None:
        self.existing = [declared for declared in self.existing if not matches(declared)]

    def change(self, matches: Callable[[Declared], bool], **changes: str | tuple[str, ...]) -> None:
        self.existing = [replace(d, **changes) if matches(d) else d for d in self.existing]  # type: ignore[arg-type]


def _identity(declared: Declared) -> tuple[str, ...]:
    # An index is known by its table too: IF NOT EXISTS passes over an index of that name on another table.
    kind = "relation" if declared.kind in RELATIONS else declared.kind
    return (kind, declared.name, declared.table, declared.arguments)


def declare(statements: Iterable[Statement]) -> Declarations:
    """Follows the statements of one or more files in their order. A file's search_path ends with the file."""
    declarations = Declarations()
    file = None
    for statement in statements:
        if statement.file is not file:
            file, declarations.schema = statement.file, ""
        for made in made_by(statement.kind, statement.tree):
            if made.kind in _KINDS and not made.is_temporary:
                declarations.add(_declared(made, statement, declarations.schema), made.may_be_there)
        if change := _CHANGES.get(statement.kind):
            change(declarations, statement)
    return declarations


def _declared(made: Made, statement: Statement, schema: str) -> Declared:
    table = made.table.within(schema) if made.table and made.kind in (INDEX, TRIGGER) else ""
    name = made.name.within("" if made.kind in (TRIGGER, SCHEMA) or not made.name.bare else schema)
    arguments = _input_types(statement.node.parameters or ()) if made.kind == FUNCTION else ""
    function = made.function.within(schema) if made.function else ""
    return Declared(made.kind, name if made.name.bare else "", statement, table, arguments, made.columns, function)


def _drop(to: Declarations, statement: Statement) -> None:
    cascade = statement.tree.get("behavior") == "DROP_CASCADE"
    for number, dropped in enumerate(dropped_by(statement.kind, statement.tree)):
        if dropped.kind == FUNCTION:
            _drop_function(to, dropped.name.within(to.schema), statement.node.objects[number], cascade)
        elif dropped.kind in _KINDS:
            _drop_one(to, dropped)


def _drop_one(to: Declarations, dropped: Dropped) -> None:
    kind, bare = dropped.kind, dropped.name.bare
    if dropped.table is not None:
        table = dropped.table.within(to.schema)
        to.drop(lambda d: (d.kind, d.name, d.table) == (kind, bare, table))
    elif kind == SCHEMA:
        to.drop(lambda d: d.name.startswith(f"{bare}.") or d.table.startswith(f"{bare}."))
        to.drop(lambda d: d.kind == SCHEMA and d.name == bare)
    else:
        name = dropped.name.within(to.schema)
        to.drop(_index_called(to, name) if kind == INDEX else lambda d: d.name == name and d.kind == kind)
        if kind in (TABLE, VIEW, MATVIEW):
            to.drop(lambda d: d.table == name)


def _drop_function(to: Declarations, name: str, node: Any, cascade: bool) -> None:
    arguments = None if node.args_unspecified else ", ".join(_type_text(t) for t in node.objargs or ())
    to.drop(lambda d: d.kind == FUNCTION and d.name == name and arguments in (None, d.arguments))
    if cascade:
        to.drop(lambda d: d.kind == TRIGGER and d.function == name)


def _rename(to: Declarations, statement: Statement) -> None:
    renamed = renamed_by(statement.kind, statement.tree)
    if renamed is None:
        return
    kind, old, new = renamed.kind, renamed.old.within(to.schema), renamed.new.within(to.schema)
    if kind == TRIGGER and renamed.table is not None:
        place = (TRIGGER, renamed.table.within(to.schema), renamed.old.bare)
        to.change(lambda d: (d.kind, d.table, d.name) == place, name=renamed.new.bare)
    elif kind == INDEX:
        to.change(_index_called(to, old), name=new)
    elif kind in RELATIONS:
        _move(to, old, new)
    elif kind in (COLUMN, "constraint") and renamed.table is not None:
        _rename_part(to, renamed.table, kind, renamed.old.bare, renamed.new.bare)
    elif kind in (TYPE, FUNCTION):
        to.change(lambda d: d.kind == kind and d.name == old, name=new)
        to.change(lambda d: kind == FUNCTION and d.function == old, function=new)


def _rename_part(to: Declarations, table: Name, kind: str, old: str, new: str) -> None:
    """Of a table: a constraint's index has its name, and indexes without one are known by their columns."""
    if kind != COLUMN:
        name = Name(table.schema, old).within(to.schema)
        to.change(lambda d: d.kind == INDEX and d.name == name, name=Name(table.schema, new).within(to.schema))
        return
    on = table.within(to.schema)
    for index in [d for d in to.existing if d.kind == INDEX and d.table == on and old in d.columns]:
        columns = tuple(new if column == old else column for column in index.columns)
        to.change(lambda d, index=index: d is index, columns=columns)  # type: ignore[misc]


def _index_called(to: Declarations, name: str) -> Callable[[Declared], bool]:
    """Matches one index: that name, or without one, for which PostgreSQL took that name or numbered it."""
    unnumbered = re.sub("idx[0-9]+$", "idx", name)
    indexes = (d for d in to.existing if d.kind == INDEX)
    found = next((d for d in indexes if d.name == name or (not d.name and _given_name(d) in (name, unnumbered))), None)
    return lambda d: d is found


def _given_name(index: Declared) -> str:
    return qualified(index.table.rpartition(".")[0], given_name(index.statement.tree))


def _move(to: Declarations, old: str, new: str) -> None:
    to.change(lambda d: d.kind in RELATIONS and d.name == old, name=new)
    to.change(lambda d: d.table == old, table=new)


def _set_schema(to: Declarations, statement: Statement) -> None:
    if "relation" not in statement.tree:
        return
    name, schema = name_of(statement.tree["relation"]), statement.tree["newschema"]
    old = name.within(to.schema)
    for index in [d for d in to.existing if d.kind == INDEX and d.table == old and d.name]:
        moved = qualified(schema, index.name.rpartition(".")[2])
        to.change(lambda d, index=index: d is index, name=moved)  # type: ignore[misc]
    _move(to, old, qualified(schema, name.bare))


def _alter_table(to: Declarations, statement: Statement) -> None:
    table = name_of(statement.tree["relation"]).within(to.schema)
    schema = table.rpartition(".")[0]
    dropped = {command["name"] for command in altered_by(statement.kind, statement.tree, "AT_DropColumn")}
    if dropped:
        to.drop(lambda d: d.kind == INDEX and d.table == table and bool(dropped & _columns(d)))
    for command in altered_by(statement.kind, statement.tree, "AT_DropConstraint"):
        constraint = qualified(schema, command["name"])
        to.drop(lambda d, name=constraint: d.kind == INDEX and d.table == table and d.name == name)  # type: ignore[misc]
    for index, constraint in taken_over(statement.kind, statement.tree):
        to.change(_index_called(to, qualified(schema, index)), name=qualified(schema, constraint))


def _columns(index: Declared) -> frozenset[str]:
    return columns_of_index(index.statement.tree) | set(index.columns)


def _set_variable(to: Declarations, statement: Statement) -> None:
    if statement.tree.get("name") == "search_path":
        first: Tree = next(of_kind(statement.tree.get("args"), "A_Const"), {})
        schema = first.get("sval", {}).get("sval", "")
        to.schema = "" if schema in ("public", "$user", '"$user"') else schema


def _input_types(parameters: Iterable[Any]) -> str:
    outputs = ("FUNC_PARAM_OUT", "FUNC_PARAM_TABLE")
    return ", ".join(_type_text(p.argType) for p in parameters if p.mode.name not in outputs)


def _type_text(type_name: Any) -> str:
    from pglast.stream import RawStream

    return str(RawStream()(type_name))


_CHANGES: dict[str, Callable[[Declarations, Statement], None]] = {
    "DropStmt": _drop,
    "RenameStmt": _rename,
    "AlterObjectSchemaStmt": _set_schema,
    "AlterTableStmt": _alter_table,
    "VariableSetStmt": _set_variable,
}
