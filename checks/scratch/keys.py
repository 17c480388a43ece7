"""Keys: primary keys, the sequences that feed them, foreign keys with their index and types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from checks.base import NotApplicable, Result, counted, scratch_check
from checks.findings import verdict
from checks.scratch.places import PG_CLASS, PG_CONSTRAINT, Places
from checks.scratchdb.context import ScratchContext
from checks.targetdb.asking import USER_SCHEMA, short

_TABLES = f"""
SELECT c.oid::bigint AS oid, c.oid::regclass::text AS table,
       EXISTS (SELECT 1 FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary) AS has_key,
       EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'id') AS has_id,
       c.relhassubclass OR c.relkind = 'p' AS has_others,
       EXISTS (SELECT 1 FROM pg_inherits h WHERE h.inhrelid = c.oid) AS is_child,
       coalesce(0 = ANY (p.partattrs::int2[]), false) AS by_expression,
       ARRAY(SELECT quote_ident(a.attname) FROM unnest(p.partattrs::int2[]) WITH ORDINALITY k(num, ord)
             JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.num AND a.attname <> 'id'
             ORDER BY k.ord) AS parted
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_partitioned_table p ON p.partrelid = c.oid
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND {USER_SCHEMA} ORDER BY c.oid
"""


@scratch_check(
    title="New tables have a primary key",
    decides="Passes when each table that pending files create, or take a constraint from, has a primary key; "
    "partitions are left out.",
    fix="Name the columns that identify a row in PRIMARY KEY (…), or add an identity column.",
)
def primary_keys(context: ScratchContext) -> Result:
    places = Places(context)
    found, looked_at = [], 0
    for row in context.rows(_TABLES):
        statement = places.made_by(PG_CLASS, row.oid) or places.touched_by(row.oid, "drop constraint")
        looked_at += statement is not None
        if statement is not None and not row.has_key:
            message = f"table {short(row.table)} has no primary key: logical replication cannot UPDATE or DELETE in it"
            found.append(places.finding(statement, message, row.table, _keyed(row)))
    if not looked_at:
        raise NotApplicable("no pending file creates a table")
    return verdict(found, f"{counted(looked_at, 'table')}, each with a primary key")


def _keyed(row: Any) -> str:
    """A partitioned table's key has its partition key in it; one with children takes no identity column, and gives
    them what it takes.
    """
    if row.by_expression:
        return "each partition needs a key of its own: it is partitioned by an expression"
    type_ = "bigserial" if row.has_others else "bigint GENERATED ALWAYS AS IDENTITY"
    column = "" if row.has_id else f"ADD COLUMN {'IF NOT EXISTS ' if row.is_child else ''}id {type_}, "
    return f"ALTER TABLE {short(row.table)} {column}ADD PRIMARY KEY ({', '.join(['id', *row.parted])})"


# Owned sequences (serial, identity), and sequences that a default alone names.
_FED_COLUMNS = f"""
WITH fed AS (
  SELECT d.objid AS sequence, d.refobjid AS relation, d.refobjsubid AS number FROM pg_sequence s
  JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = s.seqrelid AND d.deptype IN ('a', 'i')
  WHERE d.refclassid = 'pg_class'::regclass
  UNION SELECT s.seqrelid, f.adrelid, f.adnum FROM pg_sequence s
  JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = s.seqrelid
  JOIN pg_attrdef f ON d.classid = 'pg_attrdef'::regclass AND f.oid = d.objid
)
SELECT fed.sequence::bigint AS oid, fed.relation::bigint AS table_oid, fed.relation::regclass::text AS table,
       a.attname::text AS column, format_type(a.atttypid, NULL) AS type
FROM fed JOIN pg_attribute a ON a.attrelid = fed.relation AND a.attnum = fed.number
JOIN pg_class c ON c.oid = fed.relation AND NOT c.relispartition JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE {USER_SCHEMA} ORDER BY 1, 2, fed.number
"""
_NARROW = {"integer": "2147483647", "smallint": "32767"}


@scratch_check(
    title="Generated keys are bigint",
    decides="Passes when no column that pending files feed from a sequence (serial, identity, nextval) is smallint or "
    "integer.",
    fix="bigint costs 4 bytes a row; widening later rewrites the table. One that stays small: silence it, saying so.",
)
def int4_keys(context: ScratchContext) -> Result:
    places = Places(context)
    found, looked_at = [], 0
    for row in context.rows(_FED_COLUMNS):
        statement = places.made_by(PG_CLASS, row.oid) or places.made_by(PG_CLASS, row.table_oid)
        looked_at += statement is not None
        if statement is not None and row.type in _NARROW:
            column = f"{short(row.table)}.{row.column}"
            message = f"{column} is {row.type} and counts up: INSERT fails after {_NARROW[row.type]}"
            hint = f"declare it bigint GENERATED ALWAYS AS IDENTITY; later it means rewriting {short(row.table)}"
            found.append(places.finding(statement, message, column, hint))
    if not looked_at:
        raise NotApplicable("no pending file makes a column that counts up")
    return verdict(found, f"{counted(looked_at, 'generated key')}, all bigint")


# An index serves when its first key columns are the key's, in any order, and it holds all rows with a value.
_KEYS = f"""
SELECT c.oid::bigint AS oid, c.conrelid::bigint AS table_oid, c.conrelid::regclass::text AS table,
       c.conname::text AS name, a.columns, EXISTS (
         SELECT 1 FROM pg_index i WHERE i.indrelid = c.conrelid AND i.indisvalid AND i.indexprs IS NULL
           AND i.indnkeyatts >= cardinality(c.conkey)
           AND (i.indkey::int2[])[0:cardinality(c.conkey) - 1] @> c.conkey
           AND (i.indpred IS NULL OR (cardinality(c.conkey) = 1
                AND pg_get_expr(i.indpred, i.indrelid) = format('(%s IS NOT NULL)', a.columns)))) AS served
FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid JOIN pg_namespace n ON n.oid = t.relnamespace
CROSS JOIN LATERAL (SELECT string_agg(quote_ident(x.attname), ', ' ORDER BY k.ord) AS columns
  FROM unnest(c.conkey) WITH ORDINALITY k(num, ord)
  JOIN pg_attribute x ON x.attrelid = c.conrelid AND x.attnum = k.num) a
WHERE c.contype = 'f' AND c.conparentid = 0 AND {USER_SCHEMA} ORDER BY c.oid
"""


@scratch_check(
    title="Foreign keys have an index",
    decides="Passes when the columns of each foreign key that pending files add lead a valid index of the same table, "
    "in any order; a partial one counts only where it leaves out nothing but NULL.",
    fix="CREATE INDEX on the columns; on a table that is in use CONCURRENTLY, in a file of its own. Where the other "
    "table never loses rows nor changes keys, silence it with that reason.",
)
def fk_index(context: ScratchContext) -> Result:
    """A warning for each new foreign key without an index, and for an old one whose index a pending file drops."""
    places = Places(context)
    found, looked_at = [], 0
    for row in context.rows(_KEYS):
        statement = places.made_by(PG_CONSTRAINT, row.oid) or places.touched_by(row.table_oid, "drop index")
        looked_at += statement is not None
        if statement is not None and not row.served:
            column = f"{short(row.table)} ({row.columns})"
            message = f"foreign key {row.name} has no index on {column}: each DELETE on the other side scans it"
            found.append(places.finding(statement, message, row.table, f"CREATE INDEX ON {column}"))
    if not looked_at:
        raise NotApplicable("no pending file adds a foreign key")
    return verdict(found, f"{counted(looked_at, 'foreign key')}, each with an index")


_KEY_COLUMNS = f"""
SELECT c.oid::bigint AS oid, c.conrelid::regclass::text AS table, c.confrelid::regclass::text AS target,
       c.conname::text AS name, a.attname::text AS column, b.attname::text AS target_column,
       format_type(a.atttypid, a.atttypmod) AS type, format_type(b.atttypid, b.atttypmod) AS target_type,
       format_type(a.atttypid, NULL) AS base, format_type(b.atttypid, NULL) AS target_base,
       a.atttypmod AS limit, b.atttypmod AS target_limit
FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid JOIN pg_namespace n ON n.oid = t.relnamespace
CROSS JOIN LATERAL unnest(c.conkey, c.confkey) k(x, y)
JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.x
JOIN pg_attribute b ON b.attrelid = c.confrelid AND b.attnum = k.y
WHERE c.contype = 'f' AND c.conparentid = 0 AND {USER_SCHEMA} ORDER BY c.oid, k.x
"""
_WIDTHS: Mapping[str, int] = {"smallint": 2, "integer": 4, "bigint": 8}
_TEXTS = ("character varying", "character", "text")


@scratch_check(
    title="Foreign keys have the type of their target",
    decides="Passes when each column of a foreign key that pending files add holds every value of the column that it "
    "points to: PostgreSQL lets an integer point to a bigint, which fails when the other side passes 2147483647.",
    fix="Declare the column with the type of the column that it points to.",
)
def fk_types(context: ScratchContext) -> Result:
    places = Places(context)
    rows = places.new(PG_CONSTRAINT, _KEY_COLUMNS, "no pending file adds a foreign key")
    found = []
    for row in rows:
        if fault := _type_fault(row):
            column, target = f"{short(row.table)}.{row.column}", f"{short(row.target)}.{row.target_column}"
            message = f"{column} {row.type} -> {target} {row.target_type}: {fault}"
            fix = f"declare {column} as {row.target_type}"
            found.append(places.finding(places.made_by(PG_CONSTRAINT, row.oid), message, column, fix))
    return verdict(found, f"{counted(len({row.oid for row in rows}), 'foreign key')}, each of its target's type")


def _type_fault(row: Any) -> str:
    """Why the column is not fit to hold its target's values; "" where it is."""
    if row.base == row.target_base or (row.base in _TEXTS and row.target_base in _TEXTS):
        return "narrower than its target" if _is_shorter(row) else ""
    if row.base in _WIDTHS and row.target_base in _WIDTHS:
        return "narrower than its target" if _WIDTHS[row.base] < _WIDTHS[row.target_base] else ""
    return "another type than its target, so that joins have to cast"


def _is_shorter(row: Any) -> bool:
    """-1 means no limit. A numeric's holds precision and scale, of which any difference may cut a value."""
    if row.base == "numeric":
        return bool(row.limit not in (-1, row.target_limit))
    limited = row.limit != -1 and row.base in _TEXTS
    return bool(limited and (row.target_limit == -1 or row.limit < row.target_limit))
