"""Sequences that number columns, and whether the next number is there already."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from checks.base import ERROR, WARNING, Finding
from checks.targetdb.asking import USER_SCHEMA, short

# Further away than this, nobody meets it soon.
_FAR = 1_000_000

# Identity columns, and columns whose whole default is nextval, cast or not: pg_get_expr would open the table, so the
# stored tree is looked at. Then all partitions and children of their tables, each with the index that gives a maximum.
NUMBERED = f"""
WITH RECURSIVE used AS (
  SELECT d.objid AS seq, d.refobjid AS root, a.attname FROM pg_depend d
  JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid AND a.attidentity <> ''
  WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.deptype = 'i'
  UNION
  SELECT d.refobjid, x.adrelid, a.attname FROM pg_depend d JOIN pg_attrdef x ON x.oid = d.objid
  JOIN pg_attribute a ON a.attrelid = x.adrelid AND a.attnum = x.adnum
  WHERE d.classid = 'pg_attrdef'::regclass AND d.refclassid = 'pg_class'::regclass AND x.adbin::text ~
    '^{{FUNCEXPR :funcid (1574 |(480|714) [^{{]*{{FUNCEXPR :funcid 1574 )'
), tree AS (
  SELECT seq, root, root AS relid, attname FROM used
  UNION SELECT t.seq, t.root, i.inhrelid, t.attname FROM tree t JOIN pg_inherits i ON i.inhparent = t.relid
)
SELECT s.seqrelid::bigint AS seq, s.seqrelid::regclass::text AS seq_name, s.seqincrement AS step,
       (SELECT format('%I.%I', m.nspname, q.relname) FROM pg_class q JOIN pg_namespace m ON m.oid = q.relnamespace
        WHERE q.oid = s.seqrelid) AS seq_quoted,
       t.root::bigint AS root, t.root::regclass::text AS root_name, c.relkind <> 'p' AS has_rows,
       format('%I.%I', n.nspname, c.relname) AS quoted, c.oid::bigint AS oid, c.oid::regclass::text AS name,
       CASE n.nspname WHEN 'public' THEN c.relname ELSE n.nspname || '.' || c.relname END AS plain,
       quote_ident(a.attname) AS "column", a.attname::text AS plain_column,
       i.unique IS NOT NULL AS indexed, coalesce(i.unique, false) AS is_unique
FROM tree t JOIN pg_sequence s ON s.seqrelid = t.seq AND s.seqincrement > 0 AND NOT s.seqcycle
JOIN pg_class c ON c.oid = t.relid AND c.relkind IN ('r', 'p') JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = t.attname AND a.atttypid IN (20, 21, 23)
LEFT JOIN LATERAL (SELECT bool_or(x.indisunique AND x.indnkeyatts = 1) AS unique FROM pg_index x
  JOIN pg_class y ON y.oid = x.indexrelid AND y.relam = 403
  WHERE x.indrelid = c.oid AND x.indkey[0] = a.attnum AND x.indisvalid AND x.indpred IS NULL) i ON true
WHERE {USER_SCHEMA} ORDER BY t.root::regclass::text, t.seq, t.root, c.oid
"""

# The first value of a query, run where its relations may be read.
Ask = Callable[[str], Any]


@dataclass(frozen=True)
class Numbered:
    """A sequence, its step, and the tables that it numbers, each a row of NUMBERED; `roots` are no child of another."""

    oid: int
    name: str
    quoted: str
    step: int
    tables: tuple[Any, ...]
    roots: tuple[Any, ...]

    @property
    def where(self) -> str:
        """`orders.id`."""
        return f"{short(self.roots[0].root_name)}.{self.roots[0].column}"


def numbered(rows: Iterable[Any]) -> list[Numbered]:
    """The sequences of the rows that NUMBERED gives, by the names of their tables."""
    found = []
    by_sequence = sorted(rows, key=lambda row: row.seq)
    for oid, group in groupby(by_sequence, key=lambda row: row.seq):
        all_rows = list(group)
        children = {row.oid for row in all_rows if row.oid != row.root}
        roots = tuple(row for row in all_rows if row.oid == row.root and row.oid not in children)
        tables = {(row.oid, row.column): row for row in all_rows if row.has_rows}
        if roots:
            first = all_rows[0]
            found.append(Numbered(oid, first.seq_name, first.seq_quoted, first.step, tuple(tables.values()), roots))
    return sorted(found, key=lambda one: one.where)


def highest(table: Any) -> str:
    """The query for the largest number of one table; by its index a matter of microseconds."""
    return f"SELECT max({table.column}) FROM ONLY {table.quoted}"


def met(table: Any, sequence: Numbered, following: int, high: int) -> str:
    """The query for the first number of one table that the sequence will give, too."""
    steps = f" AND ({table.column}::numeric - {following}) % {sequence.step} = 0" if sequence.step > 1 else ""
    between = f"{table.column} >= {following} AND {table.column} <= {high}"
    return f"SELECT {table.column} FROM ONLY {table.quoted} WHERE {between}{steps} ORDER BY 1 LIMIT 1"


def following(sequence: Numbered, last_value: int, is_called: bool) -> int:
    """The number that nextval gives next."""
    return last_value + sequence.step if is_called else last_value


def behind(sequence: Numbered, number: int, high: int, first: int, is_unique: bool) -> Finding:
    """The finding of a sequence that gives `number` next, where `high` is there and `first` is met first."""
    told = f"the insert that gets {first} fails (23505)" if is_unique else "numbers will be there twice"
    message = f"{sequence.where}: its sequence gives {number} next, and {high} is there: {told}"
    severity = ERROR if is_unique and first - number < _FAR * sequence.step else WARNING
    return Finding(message, sequence.where, hint=_setval(sequence, number, high), severity=severity)


def _setval(sequence: Numbered, number: int, high: int) -> str:
    """To be pasted by the owner; a step of its own is kept."""
    name = "'" + sequence.quoted.replace("'", "''") + "'"
    if sequence.step > 1:
        return f"SELECT setval({name}, {number + (high - number) // sequence.step * sequence.step})"
    most = [f"(SELECT max({root.column}) FROM {root.quoted})" for root in sequence.roots]
    return f"SELECT setval({name}, {most[0] if len(most) == 1 else 'greatest(' + ', '.join(most) + ')'})"
