"""What a statement makes, renames, drops and touches, read from its tree; no other place knows where names stand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from checks.sql.tree import Tree, of_kind, options, parts, qualified, relation_name, text_of

if TYPE_CHECKING:
    from checks.sql.statements import Statement

TABLE, VIEW, MATVIEW, INDEX, COLUMN = "table", "view", "materialized view", "index", "column"
FUNCTION, TRIGGER, TYPE, SEQUENCE, SCHEMA = "function", "trigger", "type", "sequence", "schema"
FOREIGN_TABLE, AGGREGATE, MULTIRANGE, EXTENSION, ROLE = "foreign table", "aggregate", "multirange", "extension", "role"
RELATIONS = (TABLE, VIEW, MATVIEW, INDEX, SEQUENCE)

# The parser's words for what is dropped or renamed.
KINDS = {
    "OBJECT_TABLE": TABLE,
    "OBJECT_FOREIGN_TABLE": FOREIGN_TABLE,
    "OBJECT_VIEW": VIEW,
    "OBJECT_MATVIEW": MATVIEW,
    "OBJECT_SEQUENCE": SEQUENCE,
    "OBJECT_INDEX": INDEX,
    "OBJECT_COLUMN": COLUMN,
    "OBJECT_TYPE": TYPE,
    "OBJECT_DOMAIN": TYPE,
    "OBJECT_FUNCTION": FUNCTION,
    "OBJECT_PROCEDURE": FUNCTION,
    "OBJECT_ROUTINE": FUNCTION,
    "OBJECT_SCHEMA": SCHEMA,
    "OBJECT_EXTENSION": EXTENSION,
    "OBJECT_TRIGGER": TRIGGER,
    "OBJECT_ROLE": ROLE,
    "OBJECT_TABCONSTRAINT": "constraint",
}
# Where the name of a new relation stands; that of a composite type stands as one, too.
_RANGES = {
    "CreateStmt": (TABLE, "relation"),
    "ViewStmt": (VIEW, "view"),
    "CreateSeqStmt": (SEQUENCE, "sequence"),
    "CompositeTypeStmt": (TYPE, "typevar"),
}
_DOTTED = {
    "CreateEnumStmt": (TYPE, "typeName"),
    "CreateRangeStmt": (TYPE, "typeName"),
    "CreateDomainStmt": (TYPE, "domainname"),
    "CreateFunctionStmt": (FUNCTION, "funcname"),
}
_PLAIN = {"CreateExtensionStmt": (EXTENSION, "extname"), "CreateRoleStmt": (ROLE, "role")}
_DEFINED = {"OBJECT_TYPE": TYPE, "OBJECT_AGGREGATE": AGGREGATE}


class Name(NamedTuple):
    """A name as it is written; `schema` is "" where none is."""

    schema: str
    bare: str

    def within(self, schema: str) -> str:
        """`orders`, `billing.orders`: `schema` stands for one that is not written, `public.` is left out."""
        return qualified(self.schema or schema, self.bare)

    def __str__(self) -> str:
        return self.within("")


@dataclass(frozen=True)
class Made:
    """A new object. `table`: what an index, a trigger, a column or a partition belongs to, or a sequence's owner.

    `location` in bytes of the file; `columns` an index's plain ones; `function` what a trigger calls; `arguments` how
    many a function takes. `replaces`: OR REPLACE; `may_be_there`: IF NOT EXISTS.
    """

    kind: str
    name: Name
    table: Name | None = None
    location: int | None = None
    columns: tuple[str, ...] = ()
    function: Name | None = None
    arguments: int | None = None
    replaces: bool = False
    may_be_there: bool = False
    is_temporary: bool = False


class Dropped(NamedTuple):
    """An object that goes; a trigger has its `table`. `kind` is "" for kinds that nobody follows."""

    kind: str
    name: Name
    table: Name | None = None


class Renamed(NamedTuple):
    kind: str
    old: Name
    new: Name
    table: Name | None = None


def name_of(range_var: Tree) -> Name:
    return Name(range_var.get("schemaname", ""), range_var["relname"])


def made_by(kind: str, tree: Tree) -> Iterator[Made]:
    """What a statement of the kind creates, in the order of its text."""
    if kind in _RANGES:
        yield _relation(*_RANGES[kind], tree)
    elif kind in _DOTTED:
        yield from _dotted(kind, tree)
    elif kind in _PLAIN:
        yield Made(_PLAIN[kind][0], Name("", tree[_PLAIN[kind][1]]))
    else:
        yield from _others(kind, tree)


def renamed_by(kind: str, tree: Tree) -> Renamed | None:
    """What RENAME gives another name; None for what nobody follows."""
    what = KINDS.get(tree["renameType"]) if kind == "RenameStmt" else None
    if what is None:
        return None
    if what in (TYPE, FUNCTION):
        old = _named(_words(tree["object"]))
    elif what in (*RELATIONS, FOREIGN_TABLE):
        old = name_of(tree["relation"])
    else:
        table = name_of(tree["relation"]) if "relation" in tree else None
        return Renamed(what, Name("", tree.get("subname", "")), Name("", tree["newname"]), table)
    return Renamed(what, old, Name(old.schema, tree["newname"]))


def dropped_by(kind: str, tree: Tree) -> tuple[Dropped, ...]:
    """What DROP takes away, one for each object."""
    what = KINDS.get(tree["removeType"], "") if kind == "DropStmt" else ""
    words = [_words(each) for each in tree["objects"]] if what else []
    if what == TRIGGER:
        return tuple(Dropped(what, Name("", each[-1]), _named(each[:-1])) for each in words)
    return tuple(Dropped(what, _named(each)) for each in words)


def altered_by(kind: str, tree: Tree, subtype: str) -> list[Tree]:
    """The commands of one sort of an ALTER TABLE, such as `AT_DropColumn`."""
    commands = of_kind(tree.get("cmds"), "AlterTableCmd") if kind == "AlterTableStmt" else ()
    return [command for command in commands if command["subtype"] == subtype]


def touched(statement: Statement) -> tuple[str, ...]:
    """The existing tables, views, indexes or types that a statement changes or locks, without `public.`."""
    tree = statement.tree
    if statement.kind == "DropStmt":
        return tuple(str(_named(_words(each))) for each in tree["objects"])
    if statement.kind == "TruncateStmt":
        return tuple(relation_name(relation) for relation in of_kind(tree["relations"], "RangeVar"))
    if statement.kind == "AlterDomainStmt":
        return (str(_named(parts(tree["typeName"]))),)
    return (relation_name(tree["relation"]),) if "relname" in tree.get("relation", {}) else ()


def _relation(kind: str, place: str, tree: Tree) -> Made:
    relation, belongs = tree[place], None
    if "partbound" in tree:
        belongs = next((name_of(parent) for parent in of_kind(tree.get("inhRelations"), "RangeVar")), None)
    elif kind == SEQUENCE and (owner := options(tree.get("options")).get("owned_by")):
        belongs = _named(_words(owner)[:-1])
    return Made(
        kind,
        name_of(relation),
        belongs,
        relation.get("location"),
        replaces=bool(tree.get("replace")),
        may_be_there=bool(tree.get("if_not_exists")),
        is_temporary=relation.get("relpersistence") == "t",
    )


def _dotted(kind: str, tree: Tree) -> Iterator[Made]:
    what, place = _DOTTED[kind]
    name = _named(parts(tree[place]))
    yield Made(what, name, arguments=_inputs(tree) if what == FUNCTION else None, replaces=bool(tree.get("replace")))
    if kind == "CreateRangeStmt":
        # A range type brings its multirange: PostgreSQL manual, CREATE TYPE.
        given = text_of(options(tree.get("params")).get("multirange_type_name"))
        usual = name.bare.replace("range", "multirange") if "range" in name.bare else f"{name.bare}_multirange"
        yield Made(MULTIRANGE, Name("" if given else name.schema, given or usual))


def _others(kind: str, tree: Tree) -> Iterator[Made]:
    match kind:
        case "CreateForeignTableStmt":
            yield _relation(FOREIGN_TABLE, "relation", tree["base"])
        case "CreateTableAsStmt":
            made = _relation(MATVIEW if tree["objtype"] == "OBJECT_MATVIEW" else TABLE, "rel", tree["into"])
            yield replace(made, may_be_there=bool(tree.get("if_not_exists")))
        case "IndexStmt":
            yield _index(tree)
        case "CreateTrigStmt":
            function, table = _named(parts(tree["funcname"])), name_of(tree["relation"])
            replaces = bool(tree.get("replace"))
            yield Made(TRIGGER, Name("", tree["trigname"]), table, function=function, replaces=replaces)
        case "CreateSchemaStmt":
            name = tree.get("schemaname") or tree.get("authrole", {}).get("rolename", "")
            yield Made(SCHEMA, Name("", name), may_be_there=bool(tree.get("if_not_exists")))
        case "DefineStmt" if tree["kind"] in _DEFINED:
            yield Made(_DEFINED[tree["kind"]], _named(parts(tree["defnames"])))
        case "AlterTableStmt":
            table = name_of(tree["relation"])
            for command in altered_by(kind, tree, "AT_AddColumn"):
                yield Made(COLUMN, Name("", command["def"]["ColumnDef"]["colname"]), table)


def _index(tree: Tree) -> Made:
    """In its table's schema; without a name where PostgreSQL gives it one."""
    table = name_of(tree["relation"])
    columns = tuple(element["name"] for element in of_kind(tree.get("indexParams"), "IndexElem") if "name" in element)
    name = Name(table.schema, tree.get("idxname", ""))
    return Made(INDEX, name, table, columns=columns, may_be_there=bool(tree.get("if_not_exists")))


def _inputs(tree: Tree) -> int:
    outputs = ("FUNC_PARAM_OUT", "FUNC_PARAM_TABLE")
    return sum(1 for p in of_kind(tree.get("parameters"), "FunctionParameter") if p["mode"] not in outputs)


def _words(wrapped: Tree) -> list[str]:
    """Objects are lists of names, type names, functions with arguments, or plain names (schemas)."""
    if "List" in wrapped:
        return parts(wrapped["List"].get("items", ()))
    if "TypeName" in wrapped:
        return parts(wrapped["TypeName"]["names"])
    if "ObjectWithArgs" in wrapped:
        return parts(wrapped["ObjectWithArgs"]["objname"])
    return [str(wrapped.get("String", {}).get("sval", ""))]


def _named(words: list[str]) -> Name:
    return Name(words[-2] if len(words) > 1 else "", words[-1] if words else "")
