"""Follows migration files statement by statement: the objects that should exist after the last one.

Only what stands in the files as statements; DO blocks and functions may make more, which only a scratch run shows.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import count
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
    """What should exist after the last statement; what is about a name is found without looking at the rest."""

    schema: str = ""
    _kept: dict[int, Declared] = field(default_factory=dict)
    _numbers: dict[object, dict[int, None]] = field(default_factory=lambda: defaultdict(dict))
    _next: Iterator[int] = field(default_factory=count)

    @property
    def existing(self) -> list[Declared]:
        return list(self._kept.values())

    def of(self, kind: str) -> tuple[Declared, ...]:
        return tuple(declared for declared in self._kept.values() if declared.kind == kind)

    def about(self, name: str) -> list[Declared]:
        """What is called that, or belongs to what is: indexes and triggers of a table, triggers of a function."""
        return [self._kept[number] for number in self._numbers[name]]

    def add(self, declared: Declared, keep_older: bool = False) -> None:
        """`keep_older`: IF NOT EXISTS leaves the first; otherwise (OR REPLACE) the newer statement stands."""
        same = [*self._numbers[_identity(declared)]] if declared.name else []
        if same and keep_older:
            return
        for number in same:
            self._put(number, None)
        self._put(next(self._next), declared)

    def drop(self, matches: Callable[[Declared], bool], about: str | None = None) -> None:
        """`about`: the name that all of them are about, so that a long history is not searched for each."""
        for number in self._matching(matches, about):
            self._put(number, None)

    def change(
        self, matches: Callable[[Declared], bool], about: str | None = None, **changes: str | tuple[str, ...]
    ) -> None:
        for number in self._matching(matches, about):
            self._put(number, replace(self._kept[number], **changes))  # type: ignore[arg-type]

    def _matching(self, matches: Callable[[Declared], bool], about: str | None) -> list[int]:
        return [n for n in (self._kept if about is None else self._numbers[about]) if matches(self._kept[n])]

    def _put(self, number: int, declared: Declared | None) -> None:
        """In the place of what has that number, if anything has; None takes it away."""
        if older := self._kept.get(number):
            for key in _keys(older):
                self._numbers[key].pop(number, None)
        if declared is None:
            del self._kept[number]
            return
        self._kept[number] = declared
        for key in _keys(declared):
            self._numbers[key][number] = None


def _keys(declared: Declared) -> tuple[object, ...]:
    """An index without a name of its own is about the one that PostgreSQL gives it."""
    name = declared.name or (_given_name(declared) if declared.kind == INDEX else "")
    return (_identity(declared), declared.table, declared.function, "" if declared.kind == TRIGGER else name)


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
        to.drop(lambda d: (d.kind, d.name, d.table) == (kind, bare, table), table)
    elif kind == SCHEMA:
        to.drop(lambda d: d.name.startswith(f"{bare}.") or d.table.startswith(f"{bare}."))
        to.drop(lambda d: d.kind == SCHEMA and d.name == bare)
    else:
        name = dropped.name.within(to.schema)
        if kind == INDEX:
            to.drop(*_index_called(to, name))
        to.drop(lambda d: d.name == name and d.kind == kind, name)
        if kind in (TABLE, VIEW, MATVIEW):
            to.drop(lambda d: d.table == name, name)


def _drop_function(to: Declarations, name: str, node: Any, cascade: bool) -> None:
    arguments = None if node.args_unspecified else ", ".join(_type_text(t) for t in node.objargs or ())
    to.drop(lambda d: d.kind == FUNCTION and d.name == name and arguments in (None, d.arguments), name)
    if cascade:
        to.drop(lambda d: d.kind == TRIGGER and d.function == name, name)


def _rename(to: Declarations, statement: Statement) -> None:
    renamed = renamed_by(statement.kind, statement.tree)
    if renamed is None:
        return
    kind, old, new = renamed.kind, renamed.old.within(to.schema), renamed.new.within(to.schema)
    if kind == TRIGGER and renamed.table is not None:
        place = (TRIGGER, renamed.table.within(to.schema), renamed.old.bare)
        to.change(lambda d: (d.kind, d.table, d.name) == place, place[1], name=renamed.new.bare)
    elif kind == INDEX:
        to.change(*_index_called(to, old), name=new)
    elif kind in RELATIONS:
        _move(to, old, new)
    elif kind in (COLUMN, "constraint") and renamed.table is not None:
        _rename_part(to, renamed.table, kind, renamed.old.bare, renamed.new.bare)
    elif kind in (TYPE, FUNCTION):
        to.change(lambda d: d.kind == kind and d.name == old, old, name=new)
        to.change(lambda d: kind == FUNCTION and d.function == old, old, function=new)


def _rename_part(to: Declarations, table: Name, kind: str, old: str, new: str) -> None:
    """Of a table: a constraint's index has its name, and indexes without one are known by their columns."""
    if kind != COLUMN:
        name = Name(table.schema, old).within(to.schema)
        to.change(lambda d: d.kind == INDEX and d.name == name, name, name=Name(table.schema, new).within(to.schema))
        return
    on = table.within(to.schema)
    for index in [d for d in to.about(on) if d.kind == INDEX and d.table == on and old in d.columns]:
        columns = tuple(new if column == old else column for column in index.columns)
        to.change(lambda d, index=index: d is index, on, columns=columns)  # type: ignore[misc]


def _index_called(to: Declarations, name: str) -> tuple[Callable[[Declared], bool], str]:
    """What matches one index, and its table: that name, or without one, for which PostgreSQL took or numbered it."""
    unnumbered = re.sub("idx[0-9]+$", "idx", name)
    indexes = [d for d in (*to.about(name), *to.about(unnumbered)) if d.kind == INDEX]
    found = next((d for d in indexes if d.name == name or (not d.name and _given_name(d) in (name, unnumbered))), None)
    return lambda d: d is found, found.table if found else name


def _given_name(index: Declared) -> str:
    return qualified(index.table.rpartition(".")[0], given_name(index.statement.tree))


def _move(to: Declarations, old: str, new: str) -> None:
    to.change(lambda d: d.kind in RELATIONS and d.name == old, old, name=new)
    to.change(lambda d: d.table == old, old, table=new)


def _set_schema(to: Declarations, statement: Statement) -> None:
    if "relation" not in statement.tree:
        return
    name, schema = name_of(statement.tree["relation"]), statement.tree["newschema"]
    old = name.within(to.schema)
    for index in [d for d in to.about(old) if d.kind == INDEX and d.table == old and d.name]:
        moved = qualified(schema, index.name.rpartition(".")[2])
        to.change(lambda d, index=index: d is index, old, name=moved)  # type: ignore[misc]
    _move(to, old, qualified(schema, name.bare))


def _alter_table(to: Declarations, statement: Statement) -> None:
    table = name_of(statement.tree["relation"]).within(to.schema)
    schema = table.rpartition(".")[0]
    dropped = {command["name"] for command in altered_by(statement.kind, statement.tree, "AT_DropColumn")}
    if dropped:
        to.drop(lambda d: d.kind == INDEX and d.table == table and bool(dropped & _columns(d)), table)
    for command in altered_by(statement.kind, statement.tree, "AT_DropConstraint"):
        constraint = qualified(schema, command["name"])
        to.drop(lambda d, name=constraint: d.kind == INDEX and d.table == table and d.name == name, table)  # type: ignore[misc]
    for index, constraint in taken_over(statement.kind, statement.tree):
        old = qualified(schema, index)
        to.change(*_index_called(to, old), name=qualified(schema, constraint))


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
