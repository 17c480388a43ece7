"""What ALTER COLUMN … TYPE costs, from the old type and the new one: nothing, its indexes built anew, a rewrite.

PostgreSQL manual, ALTER TABLE, "Notes"; the pairs that are binary alike are `pg_cast.castmethod = 'b'`, the lengths
those that the cast's support function leaves out. tests/checks/files/test_online_observed.py observes each on a server.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from checks.sql.tree import Tree, dotted, of_kind, parts

_SERIAL = {"smallserial": "int2", "serial2": "int2", "serial": "int4", "serial4": "int4"}
_SERIAL |= {"bigserial": "int8", "serial8": "int8"}
_BUILT_IN_WORDS = """
    int2 int4 int8 numeric float4 float8 money bool text varchar bpchar name citext bytea uuid json jsonb xml date
    time timetz timestamp timestamptz interval inet cidr macaddr macaddr8 bit varbit oid regclass point tsvector
"""
BUILT_IN = frozenset(_BUILT_IN_WORDS.split())
_STAMPS = ("timestamp", "timestamptz")
_WITH_LENGTH = ("varchar", "varbit", "time", "timetz", *_STAMPS)
_ALIKE = {("varchar", "text"), ("text", "varchar"), ("cidr", "inet"), ("xml", "text"), ("xml", "varchar")}
# Alike, but another operator class: what is not rewritten is indexed anew.
_ALIKE_UNINDEXED = {
    *(("int4", "oid"), ("oid", "int4"), ("int4", "regclass"), ("oid", "regclass"), ("regclass", "oid")),
    *(("regclass", "int4"), ("text", "bpchar"), ("varchar", "bpchar"), ("bit", "varbit")),
    *((one, other) for one in ("text", "varchar", "citext") for other in ("text", "varchar", "citext")),
} - _ALIKE


class Effect(Enum):
    """`IN_UTC`: its indexes built anew where the session's TimeZone is UTC, a rewrite in any other."""

    NOTHING = "nothing"
    INDEXES = "indexes"
    IN_UTC = "in UTC"
    REWRITE = "rewrite"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class ColumnType:
    """A type as it is written: `name` without `pg_catalog.` and `public.`, `modifiers` such as length or scale."""

    name: str
    modifiers: tuple[int, ...] = ()
    is_array: bool = False


def type_of(type_name: Tree) -> ColumnType:
    """Of the parser's TypeName; serial types are the integers that they stand for."""
    words = parts(type_name.get("names", ()))
    name = words[-1] if words[:-1] == ["pg_catalog"] else dotted(type_name.get("names", ()))
    modifiers = tuple(c.get("ival", {}).get("ival", 0) for c in of_kind(type_name.get("typmods"), "A_Const"))
    return ColumnType(_SERIAL.get(name, name), modifiers, "arrayBounds" in type_name)


def is_serial(type_name: Tree) -> bool:
    return dotted(type_name.get("names", ())) in _SERIAL


def effect_of(old: ColumnType | None, new: ColumnType) -> Effect:
    """`old` is None where nobody knows it; domains stand here as what they are over."""
    if old is None or old == new:
        return Effect.UNKNOWN if old is None else Effect.NOTHING
    if old.is_array or new.is_array:
        return Effect.REWRITE if {old.name, new.name} <= BUILT_IN else Effect.UNKNOWN
    if old.name == new.name:
        return _of_modifiers(old, new)
    pair = (old.name, new.name)
    if set(pair) == set(_STAMPS):
        return Effect.IN_UTC if _is_wide_enough(old, new) else Effect.REWRITE
    if pair in _ALIKE | _ALIKE_UNINDEXED and not new.modifiers:
        return Effect.NOTHING if pair in _ALIKE else Effect.INDEXES
    return Effect.REWRITE if set(pair) <= BUILT_IN else Effect.UNKNOWN


def _of_modifiers(old: ColumnType, new: ColumnType) -> Effect:
    if old.name == "interval" or old.name not in BUILT_IN:
        known = not new.modifiers or (old.modifiers[:1] == new.modifiers[:1] and old.modifiers <= new.modifiers)
        return Effect.NOTHING if known and old.name == "interval" else Effect.UNKNOWN
    return Effect.NOTHING if _is_wide_enough(old, new) else Effect.REWRITE


def _is_wide_enough(old: ColumnType, new: ColumnType) -> bool:
    """Whether every old value fits the new length, precision or scale as it is stored."""
    if not new.modifiers:
        return old.name in (*_WITH_LENGTH, "numeric")
    if old.name == "numeric":
        return bool(old.modifiers) and _scale(old) == _scale(new) and new.modifiers[0] >= old.modifiers[0]
    if old.name in _WITH_LENGTH:
        is_finest = "time" in old.name and new.modifiers == (6,)
        return is_finest or (bool(old.modifiers) and new.modifiers >= old.modifiers)
    return False


def _scale(numeric: ColumnType) -> int:
    return numeric.modifiers[1] if len(numeric.modifiers) > 1 else 0
