"""What a new column costs, and another type of one: rules of online-safety, read from files alone."""

from __future__ import annotations

from collections.abc import Iterator

from checks.files.online_rules import (
    CHECK_OF_NEW_COLUMN,
    LIMITED_DOMAIN,
    MAY_BE_VOLATILE,
    NOT_IN_UTC,
    TYPE_CHECKED,
    TYPE_INDEXED,
    TYPE_UNKNOWN,
    OnlineRule,
    Read,
    broken,
)
from checks.sql.columns import Table, Tables, constraints_of
from checks.sql.tree import Tree, dotted, nodes, parts
from checks.sql.type_changes import Effect, effect_of, is_serial, type_of

# pg_proc.provolatile = 'v' among what a default may call; and those of which people know that they are not.
_VOLATILE_WORDS = """
    clock_timestamp timeofday nextval currval lastval setval random random_normal gen_random_uuid uuidv4 uuidv7
    uuid_generate_v1 uuid_generate_v1mc uuid_generate_v4 gen_random_bytes gen_salt current_query pg_sleep
"""
_VOLATILE = frozenset(_VOLATILE_WORDS.split())
_NOT_VOLATILE_WORDS = """
    now transaction_timestamp statement_timestamp timezone date_trunc to_char to_date to_timestamp make_interval
    make_date age lower upper md5 sha256 concat coalesce length replace substring trim btrim round floor ceil abs
    current_setting current_database current_schema jsonb_build_object jsonb_build_array json_build_object
    json_build_array to_json to_jsonb array_fill string_to_array int4range int8range numrange daterange tsrange
    tstzrange uuid_nil uuid_generate_v3 uuid_generate_v5 decode encode convert_to to_tsvector extract date_part
"""
_NOT_VOLATILE = frozenset(_NOT_VOLATILE_WORDS.split())
KNOWN_FUNCTIONS = _VOLATILE | _NOT_VOLATILE


def of_new_column(table: str, column: Tree, tables: Tables) -> Iterator[Read]:
    constraints = {constraint["contype"]: constraint for constraint in constraints_of(column)}
    at = column.get("location")
    fills = _fills(column, constraints)
    is_limited = tables.resolved(type_of(column["typeName"]))[1]
    default = constraints.get("CONSTR_DEFAULT", {}).get("raw_expr", {})
    volatile = _is_volatile(default, tables)
    if fills or is_limited or volatile:
        yield broken("adding-field-with-default", table, LIMITED_DOMAIN if is_limited and not fills else None, at)
    elif volatile is None:
        yield broken("adding-field-with-default", table, MAY_BE_VOLATILE, at)
    if "CONSTR_CHECK" in constraints and not (fills or volatile):
        yield broken("constraint-missing-not-valid", table, CHECK_OF_NEW_COLUMN, at)
    if "CONSTR_FOREIGN" in constraints and (default or fills):
        yield broken("adding-foreign-key-constraint", table, at=at)
    if "CONSTR_UNIQUE" in constraints:
        yield broken("disallowed-unique-constraint", table, at=at)
    is_filled = fills or ("CONSTR_GENERATED" in constraints) or (default and "isnull" not in default.get("A_Const", {}))
    if {"CONSTR_NOTNULL", "CONSTR_PRIMARY"} & constraints.keys() and not is_filled:
        yield broken("adding-required-field", table, at=at)
    elif "CONSTR_PRIMARY" in constraints:
        yield broken("adding-serial-primary-key-field", table, at=at)


def _fills(column: Tree, constraints: dict[str, Tree]) -> bool:
    """Whether each row gets a value of its own: serial, identity, a generated column that is stored."""
    generated = constraints.get("CONSTR_GENERATED", {"generated_kind": "v"})
    is_stored = generated.get("generated_kind", "s") != "v"
    return is_serial(column["typeName"]) or "CONSTR_IDENTITY" in constraints or is_stored


def _is_volatile(default: Tree, tables: Tables) -> bool | None:
    """None where it calls a function that nobody knows. Only functions can be volatile: what has none is a constant."""
    called = [dotted(node["FuncCall"]["funcname"]) for node in nodes(default) if "FuncCall" in node]
    names = {name.removeprefix("pg_catalog.") for name in called}
    if any(tables.volatile.get(name, name.rpartition(".")[2] in _VOLATILE) for name in names):
        return True
    return None if names - tables.volatile.keys() - _NOT_VOLATILE else False


def of_type(table: str, column: str, definition: Tree, tables: Tables, is_utc: bool | None) -> Iterator[Read]:
    known, name, at = tables.of(table), "changing-column-type", definition.get("location")
    old = known.columns.get(column)
    written = type_of(definition["typeName"])
    new, is_limited = tables.resolved(written)
    effect = effect_of(tables.resolved(old)[0] if old else None, new)
    of_the_team = {new.name, old.name if old else ""} & tables.enums
    if old == written:
        effect = Effect.NOTHING
    elif is_limited or of_the_team or not _is_plain(definition.get("raw_default"), column, definition["typeName"]):
        effect = Effect.REWRITE
    if effect is Effect.IN_UTC and is_utc is False:
        effect = Effect.REWRITE
    if effect is Effect.REWRITE:
        yield broken(name, table, at=at)
    elif effect is Effect.UNKNOWN:
        yield broken(name, table, TYPE_UNKNOWN, at)
    elif effect is Effect.IN_UTC and is_utc is None:
        yield broken(name, table, NOT_IN_UTC, at)
    else:
        yield from (broken(name, table, rule, at) for rule in _kept(known, column, effect, "collClause" in definition))


def _kept(known: Table, column: str, effect: Effect, is_collated: bool) -> Iterator[OnlineRule]:
    """What is done without a rewrite: indexes that are built anew, rows that are checked again."""
    anew = effect is not Effect.NOTHING or is_collated
    if any(column in i.derived or (anew and column in i.columns) for i in known.indexes.values()):
        yield TYPE_INDEXED
    if any(column in check.mentions for check in known.checks.values()):
        yield TYPE_CHECKED


def _is_plain(using: Tree | None, column: str, type_name: Tree) -> bool:
    """Whether USING says no more than the type: `column`, `column::type`."""
    if using is None:
        return True
    if "TypeCast" in using:
        is_same = type_of(using["TypeCast"]["typeName"]) == type_of(type_name)
        return is_same and _is_plain(using["TypeCast"]["arg"], column, type_name)
    return parts(using.get("ColumnRef", {}).get("fields", ())) == [column]
