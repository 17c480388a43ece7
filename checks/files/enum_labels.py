"""The labels of enums as files make and change them, and the literals that pending statements take for labels."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from checks.base import ERROR, CannotRun, Finding
from checks.contexts import FilesContext
from checks.sql.names import qualified, quoted
from checks.sql.objects import FUNCTION, TYPE, altered_by, renamed_by
from checks.sql.statements import Statement
from checks.sql.transactions import unit_of
from checks.sql.tree import (
    Tree,
    bare,
    body_of,
    constant,
    dotted,
    line_in_body,
    line_of,
    nodes,
    of_kind,
    parts,
    relation_name,
)

_ENUM_WORDS = re.compile(rb"\benum\b|\badd\s+value\b|\brename\s+value\b", re.IGNORECASE)
# 'gold'::public.loyalty_tier, in bodies that are strings to the parser.
_CAST = re.compile(r"'(?P<label>(?:[^']|'')*)'::(?:\"?[\w$]+\"?\.)?(?P<type>\"[^\"]+\"|[\w$]+)(?!\s*\[|[\w$.])")


@dataclass
class EnumLabels:
    """`labels` by bare type name as of now; `added` are those that the present file added to an existing type."""

    context: FilesContext
    labels: dict[str, list[str]] = field(default_factory=dict)
    columns: dict[tuple[str, str], str] = field(default_factory=dict)
    added: dict[tuple[str, str], Statement] = field(default_factory=dict)
    pending_enums: int = 0

    def __post_init__(self) -> None:
        for file in self.context.applied:
            # One that does not parse was applied all the same; its labels stay unknown.
            with contextlib.suppress(CannotRun):
                for statement in self.context.statements(file) if _ENUM_WORDS.search(file.content) else ():
                    self.follow(statement)
        self.pending_enums = 0
        self.added.clear()

    @property
    def count(self) -> int:
        return sum(len(labels) for labels in self.labels.values())

    def follow(self, statement: Statement) -> None:
        """What a statement makes of types and columns."""
        tree = statement.tree
        match statement.kind:
            case "CreateEnumStmt":
                self.labels[bare(dotted(tree["typeName"]))] = [v["String"]["sval"] for v in tree.get("vals", ())]
                self.pending_enums += 1
            case "AlterEnumStmt":
                self._alter(statement, tree)
            case "RenameStmt" if tree["renameType"] == "OBJECT_TYPE":
                old, new = bare(dotted(tree["object"]["List"]["items"])), tree["newname"]
                if old in self.labels:
                    self.labels[new] = self.labels.pop(old)
                    self.columns = {at: new if enum == old else enum for at, enum in self.columns.items()}
            case "CreateStmt":
                for column in of_kind(tree.get("tableElts"), "ColumnDef"):
                    self._column(tree, column["colname"], column)
            case "AlterTableStmt":
                for command in of_kind(tree.get("cmds"), "AlterTableCmd"):
                    column = command.get("def", {}).get("ColumnDef", {})
                    self._column(tree, column.get("colname") or command.get("name", ""), column)

    def _alter(self, statement: Statement, tree: Tree) -> None:
        name = bare(dotted(tree["typeName"]))
        self.pending_enums += 1
        if name not in self.labels:
            return
        if "oldVal" in tree:
            self.labels[name] = [tree["newVal"] if v == tree["oldVal"] else v for v in self.labels[name]]
        else:
            self.labels[name].append(tree["newVal"])
            self.added[name, tree["newVal"]] = statement

    def _column(self, tree: Tree, name: str, column: Tree) -> None:
        enum = _type_name(column.get("typeName"))
        if enum:
            self.columns[relation_name(tree["relation"]), name] = enum


def label_faults(enums: EnumLabels, statement: Statement) -> Iterator[Finding]:
    """Literals in a statement that are no labels of the enum they are taken for, or not usable yet."""
    if not enums.labels or statement.kind in ("CreateEnumStmt", "AlterEnumStmt", "CommentStmt"):
        return
    for enum, label, line in _literals(enums, statement):
        if label not in enums.labels[enum]:
            known = ", ".join(enums.labels[enum])
            message = f'"{label}" is no label of {enum} ({known})'
            hint = "correct it, or add the label in an earlier file"
            yield Finding(message, enum, statement.file.name, line, hint, ERROR)
        elif (adder := enums.added.get((enum, label))) and _same_transaction(enums.context, adder, statement):
            message = f'"{label}" of {enum} is added in the same transaction, and cannot be used in it (55P04)'
            yield Finding(message, enum, statement.file.name, line, "add the label in an earlier file", ERROR)


def _same_transaction(context: FilesContext, adder: Statement, user: Statement) -> bool:
    if adder.file is not user.file or body_of(user):
        return False
    unit = unit_of(user, context.statements(user.file), context.migrations.tool)
    return unit.is_transaction and adder in unit.statements


def _literals(enums: EnumLabels, statement: Statement) -> Iterator[tuple[str, str, int]]:
    for node in nodes(statement.tree):
        if "TypeCast" in node:
            yield from _cast(enums, statement, node["TypeCast"])
        elif "colname" in node and "constraints" in node:
            yield from _defaults(enums, statement, node)
    yield from _compared(enums, statement)
    yield from _in_body(enums, statement)


def _cast(enums: EnumLabels, statement: Statement, cast: Tree) -> Iterator[tuple[str, str, int]]:
    enum = _type_name(cast.get("typeName"))
    label = constant(cast.get("arg", {}))
    if enum in enums.labels and label is not None:
        yield enum, label, line_of(statement, cast["arg"].get("A_Const", {}).get("location"))


def _defaults(enums: EnumLabels, statement: Statement, column: Tree) -> Iterator[tuple[str, str, int]]:
    enum = _type_name(column.get("typeName"))
    for constraint in of_kind(column["constraints"], "Constraint") if enum in enums.labels else ():
        literal = constraint.get("raw_expr", {}).get("A_Const", {})
        if constraint["contype"] == "CONSTR_DEFAULT" and "sval" in literal:
            yield enum, literal["sval"].get("sval", ""), line_of(statement, literal.get("location"))


def _compared(enums: EnumLabels, statement: Statement) -> Iterator[tuple[str, str, int]]:
    """Literals beside a column in CHECKs and in predicates of indexes, of the statement's own table."""
    if statement.kind not in ("CreateStmt", "AlterTableStmt", "IndexStmt"):
        return
    table = relation_name(statement.tree["relation"])
    for node in nodes(statement.tree):
        if "lexpr" not in node or "rexpr" not in node:
            continue
        column = (parts(node["lexpr"].get("ColumnRef", {}).get("fields", ())) or [""])[-1]
        enum = enums.columns.get((table, column), "")
        enum = enum if enum in enums.labels else ""
        right = node["rexpr"]
        for item in (right["List"].get("items", ()) if "List" in right else [right]) if enum else ():
            literal = item.get("A_Const", {})
            if "sval" in literal:
                yield enum, literal["sval"].get("sval", ""), line_of(statement, literal.get("location"))


def _in_body(enums: EnumLabels, statement: Statement) -> Iterator[tuple[str, str, int]]:
    body = body_of(statement)
    for match in _CAST.finditer(body) if body else ():
        enum = match["type"].strip('"') if match["type"].startswith('"') else match["type"].lower()
        if enum in enums.labels:
            yield enum, match["label"].replace("''", "'"), line_in_body(statement, body, match.start())


def _type_name(type_name: Tree | None) -> str:
    """The bare name of a type that is no array."""
    if not type_name or "arrayBounds" in type_name:
        return ""
    return bare(dotted(type_name.get("names", ())))


def dropped_labels(context: FilesContext) -> Iterator[Finding]:
    """Labels of enums that pending files make anew without them, at the first column that is switched."""
    if not any(s.kind == "CreateEnumStmt" for s in context.all_statements(context.pending)):
        return
    enums = EnumLabels(context)
    before = {name: list(labels) for name, labels in enums.labels.items()}
    # The type that each statement makes or switches a column to, by its name of now.
    makers: list[tuple[str, Statement]] = []
    for statement in context.all_statements(context.pending):
        enums.follow(statement)
        before = {name: _renamed(statement, name, labels) for name, labels in before.items()}
        if (renamed := renamed_by(statement.kind, statement.tree)) and renamed.kind == TYPE:
            makers = [(renamed.new.bare if name == renamed.old.bare else name, s) for name, s in makers]
        makers += [(name, statement) for name in _types_taken(statement)]
    for name, labels in before.items():
        lost = [label for label in labels if label not in enums.labels.get(name, labels)]
        takers = [statement for taken, statement in makers if taken == name]
        for label in lost if takers else ():
            yield _dropped(context, name, label, takers)


def _renamed(statement: Statement, name: str, labels: list[str]) -> list[str]:
    tree = statement.tree
    if statement.kind != "AlterEnumStmt" or "oldVal" not in tree or bare(dotted(tree["typeName"])) != name:
        return labels
    return [tree["newVal"] if label == tree["oldVal"] else label for label in labels]


def _types_taken(statement: Statement) -> Iterator[str]:
    if statement.kind == "CreateEnumStmt":
        yield bare(dotted(statement.tree["typeName"]))
    yield from (_type_name(command["def"]["ColumnDef"].get("typeName")) for command in _switches(statement))


def _switches(statement: Statement) -> list[Tree]:
    return altered_by(statement.kind, statement.tree, "AT_AlterColumnType")


def _dropped(context: FilesContext, enum: str, label: str, takers: list[Statement]) -> Finding:
    columns = [(s, command) for s in takers for command in _switches(s)]
    told, hint = [], "look for it in rows and in the application first"
    if columns:
        (statement, command), literal = columns[0], label.replace("'", "''")
        relation, column = statement.tree["relation"], quoted(command["name"])
        table = qualified(relation.get("schemaname", ""), relation["relname"])
        says = "becomes what USING says" if _has_literal(command) else "stops the file (22P02)"
        told.append(f"{_places(columns)} {'is' if len(columns) == 1 else 'are'} switched, a row that has it {says}")
        hint = f"SELECT count(*) FROM {table} WHERE {column}::text = '{literal}'"
    told += [f"function {name} still names it" for name in _naming(context, enum, label, columns)]
    message = f'drops label "{label}" of {enum}{": " if told else ""}{"; ".join(told)}'
    return (columns[0][0] if columns else takers[0]).finding(message, enum, hint)


def _places(columns: list[tuple[Statement, Tree]]) -> str:
    return ", ".join(f"{relation_name(s.tree['relation'])}.{quoted(command['name'])}" for s, command in columns)


def _has_literal(command: Tree) -> bool:
    """Whether USING maps one label to another, rather than casting all."""
    return any("sval" in node.get("A_Const", {}) for node in nodes(command["def"]["ColumnDef"].get("raw_default")))


def _naming(context: FilesContext, enum: str, label: str, columns: list[tuple[Statement, Tree]]) -> Iterator[str]:
    """Functions, as the last file leaves them, that have the label as a string and speak of the enum or its tables."""
    literal, words = "'" + label.replace("'", "''") + "'", {enum, *(s.tree["relation"]["relname"] for s, _ in columns)}
    speaks = re.compile(rf"\b(?:{'|'.join(map(re.escape, words))})\b")
    with contextlib.suppress(CannotRun):
        for function in context.declared.of(FUNCTION):
            body = body_of(function.statement)
            if literal in body and speaks.search(function.statement.text):
                yield f"{function.name} ({function.file}:{function.line})"
