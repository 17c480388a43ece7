"""Follows migration files statement by statement and keeps what they declare.

Only what stands in the files as statements; DO blocks and functions may make more, which only a scratch run shows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from checks.declared import (
    FUNCTION,
    INDEX,
    MATVIEW,
    RELATIONS,
    SCHEMA,
    SEQUENCE,
    TABLE,
    TRIGGER,
    TYPE,
    VIEW,
    Declarations,
    Declared,
)
from checks.sql import Statement

_BY_DROP = {
    "OBJECT_TABLE": TABLE,
    "OBJECT_VIEW": VIEW,
    "OBJECT_MATVIEW": MATVIEW,
    "OBJECT_INDEX": INDEX,
    "OBJECT_SEQUENCE": SEQUENCE,
    "OBJECT_TYPE": TYPE,
    "OBJECT_DOMAIN": TYPE,
    "OBJECT_FUNCTION": FUNCTION,
    "OBJECT_PROCEDURE": FUNCTION,
    "OBJECT_ROUTINE": FUNCTION,
    "OBJECT_TRIGGER": TRIGGER,
    "OBJECT_SCHEMA": SCHEMA,
}


def declare(statements: Iterable[Statement]) -> Declarations:
    """Follows the statements of one or more files in their order. A file's search_path ends with the file."""
    declarations = Declarations()
    file = None
    for statement in statements:
        if statement.file is not file:
            file, declarations.schema = statement.file, ""
        if create := _CREATES.get(statement.kind):
            create(declarations, statement, statement.node)
        elif change := _CHANGES.get(statement.kind):
            change(declarations, statement.node)
    return declarations


def relation_name(relation: Any, default_schema: str = "") -> str:
    """A RangeVar as `orders` or `billing.orders`; `public.` is left out."""
    return _qualified(relation.schemaname or default_schema, relation.relname)


def _qualified(schema: str | None, name: str) -> str:
    return f"{schema}.{name}" if schema and schema != "public" else name


def _dotted(names: Iterable[Any], default_schema: str = "") -> str:
    parts = [part.sval for part in names]
    return _qualified(parts[-2] if len(parts) > 1 else default_schema, parts[-1])


def _create_table(to: Declarations, statement: Statement, node: Any) -> None:
    if node.relation.relpersistence != "t":
        name = relation_name(node.relation, to.schema)
        to.add(Declared(TABLE, name, statement), keep_older=bool(node.if_not_exists))


def _create_table_as(to: Declarations, statement: Statement, node: Any) -> None:
    kind = MATVIEW if node.objtype.name == "OBJECT_MATVIEW" else TABLE
    relation = node.into.rel
    if relation.relpersistence != "t":
        declared = Declared(kind, relation_name(relation, to.schema), statement)
        to.add(declared, keep_older=bool(node.if_not_exists))


def _create_view(to: Declarations, statement: Statement, node: Any) -> None:
    if node.view.relpersistence != "t":
        to.add(Declared(VIEW, relation_name(node.view, to.schema), statement))


def _create_sequence(to: Declarations, statement: Statement, node: Any) -> None:
    name = relation_name(node.sequence, to.schema)
    to.add(Declared(SEQUENCE, name, statement), keep_older=bool(node.if_not_exists))


def _create_index(to: Declarations, statement: Statement, node: Any) -> None:
    table = relation_name(node.relation, to.schema)
    schema = node.relation.schemaname or to.schema
    name = _qualified(schema, node.idxname) if node.idxname else ""
    columns = tuple(element.name for element in node.indexParams if element.name)
    to.add(Declared(INDEX, name, statement, table, columns=columns), keep_older=bool(node.if_not_exists))


def _create_function(to: Declarations, statement: Statement, node: Any) -> None:
    name = _dotted(node.funcname, to.schema)
    to.add(Declared(FUNCTION, name, statement, arguments=_input_types(node.parameters or ())))


def _create_trigger(to: Declarations, statement: Statement, node: Any) -> None:
    if not node.isconstraint or node.trigname:
        table = relation_name(node.relation, to.schema)
        function = _dotted(node.funcname, to.schema)
        to.add(Declared(TRIGGER, node.trigname, statement, table, function=function))


def _create_type(to: Declarations, statement: Statement, node: Any) -> None:
    names = getattr(node, "domainname", None) or getattr(node, "typeName", None)
    name = relation_name(node.typevar, to.schema) if names is None else _dotted(names, to.schema)
    to.add(Declared(TYPE, name, statement))


def _define(to: Declarations, statement: Statement, node: Any) -> None:
    if node.kind.name == "OBJECT_TYPE":
        to.add(Declared(TYPE, _dotted(node.defnames, to.schema), statement))


def _create_schema(to: Declarations, statement: Statement, node: Any) -> None:
    name = node.schemaname or (node.authrole.rolename if node.authrole else "")
    to.add(Declared(SCHEMA, name, statement), keep_older=bool(node.if_not_exists))


def _drop(to: Declarations, node: Any) -> None:
    kind = _BY_DROP.get(node.removeType.name)
    cascade = node.behavior.name == "DROP_CASCADE"
    for dropped in node.objects if kind else ():
        _drop_one(to, kind or "", dropped, cascade)


def _drop_one(to: Declarations, kind: str, dropped: Any, cascade: bool) -> None:
    if kind == TRIGGER:
        table, trigger = _dotted(dropped[:-1], to.schema), dropped[-1].sval
        to.drop(lambda d: d.kind == TRIGGER and (d.name, d.table) == (trigger, table))
    elif kind == FUNCTION:
        _drop_function(to, dropped, cascade)
    elif kind == SCHEMA:
        prefix = dropped.sval + "."
        to.drop(lambda d: d.name.startswith(prefix) or d.table.startswith(prefix))
        to.drop(lambda d: d.kind == SCHEMA and d.name == dropped.sval)
    else:
        name = _dotted(dropped.names if kind == TYPE else dropped, to.schema)
        to.drop(lambda d: d.name == name and d.kind == kind)
        if kind in (TABLE, VIEW, MATVIEW):
            to.drop(lambda d: d.table == name)


def _drop_function(to: Declarations, dropped: Any, cascade: bool) -> None:
    name = _dotted(dropped.objname, to.schema)
    arguments = None if dropped.args_unspecified else ", ".join(_type_text(t) for t in dropped.objargs or ())
    to.drop(lambda d: d.kind == FUNCTION and d.name == name and arguments in (None, d.arguments))
    if cascade:
        to.drop(lambda d: d.kind == TRIGGER and d.function == name)


def _rename(to: Declarations, node: Any) -> None:
    kind = _BY_DROP.get(node.renameType.name)
    if kind == TRIGGER:
        table = relation_name(node.relation, to.schema)
        to.change(lambda d: (d.kind, d.table, d.name) == (TRIGGER, table, node.subname), name=node.newname)
    elif kind in RELATIONS:
        old = relation_name(node.relation, to.schema)
        new = _qualified(node.relation.schemaname or to.schema, node.newname)
        to.change(lambda d: d.kind in RELATIONS and d.name == old, name=new)
        to.change(lambda d: d.table == old, table=new)
    elif kind in (TYPE, FUNCTION):
        names = node.object.objname if kind == FUNCTION else node.object
        old = _dotted(names, to.schema)
        new = _qualified(old.rpartition(".")[0], node.newname)
        to.change(lambda d: d.kind == kind and d.name == old, name=new)
        to.change(lambda d: kind == FUNCTION and d.function == old, function=new)


def _set_schema(to: Declarations, node: Any) -> None:
    if node.relation is None:
        return
    old = relation_name(node.relation, to.schema)
    new = _qualified(node.newschema, node.relation.relname)
    for index in [d for d in to.existing if d.kind == INDEX and d.table == old and d.name]:
        moved = _qualified(node.newschema, index.name.rpartition(".")[2])
        to.change(lambda d, index=index: d is index, name=moved)  # type: ignore[misc]
    to.change(lambda d: d.kind in RELATIONS and d.name == old, name=new)
    to.change(lambda d: d.table == old, table=new)


def _alter_table(to: Declarations, node: Any) -> None:
    table = relation_name(node.relation, to.schema)
    dropped = {cmd.name for cmd in node.cmds if cmd.subtype.name == "AT_DropColumn"}
    if dropped:
        to.drop(lambda d: d.kind == INDEX and d.table == table and bool(dropped & set(d.columns)))


def _set_variable(to: Declarations, node: Any) -> None:
    if node.name == "search_path":
        first = node.args[0].val.sval if node.args and hasattr(node.args[0], "val") else ""
        to.schema = "" if first in ("public", "$user", '"$user"') else str(first)


def _input_types(parameters: Iterable[Any]) -> str:
    outputs = ("FUNC_PARAM_OUT", "FUNC_PARAM_TABLE")
    return ", ".join(_type_text(p.argType) for p in parameters if p.mode.name not in outputs)


def _type_text(type_name: Any) -> str:
    from pglast.stream import RawStream

    return str(RawStream()(type_name))


_CREATES: dict[str, Callable[[Declarations, Statement, Any], None]] = {
    "CreateStmt": _create_table,
    "CreateTableAsStmt": _create_table_as,
    "ViewStmt": _create_view,
    "CreateSeqStmt": _create_sequence,
    "IndexStmt": _create_index,
    "CreateFunctionStmt": _create_function,
    "CreateTrigStmt": _create_trigger,
    "CreateEnumStmt": _create_type,
    "CreateRangeStmt": _create_type,
    "CreateDomainStmt": _create_type,
    "CompositeTypeStmt": _create_type,
    "DefineStmt": _define,
    "CreateSchemaStmt": _create_schema,
}

_CHANGES: dict[str, Callable[[Declarations, Any], None]] = {
    "DropStmt": _drop,
    "RenameStmt": _rename,
    "AlterObjectSchemaStmt": _set_schema,
    "AlterTableStmt": _alter_table,
    "VariableSetStmt": _set_variable,
}
