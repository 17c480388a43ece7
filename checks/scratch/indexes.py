"""Indexes that files make: they exist, none does what another does already, and the numbers to judge them by."""

from __future__ import annotations

from typing import Any

from checks.base import Finding, Result, counted, evidence, scratch_check
from checks.findings import verdict
from checks.history.tools import tables_of
from checks.scratch.places import PG_CLASS, Places, all_there, declared_of, missing_finding
from checks.scratchdb.context import ScratchContext
from checks.sql.declared import Declared
from checks.sql.mends import complete_index
from checks.sql.objects import INDEX
from checks.targetdb.asking import USER_SCHEMA, short

_BUILT = f"""
SELECT CASE n.nspname WHEN 'public' THEN c.relname ELSE n.nspname || '.' || c.relname END AS name,
       CASE m.nspname WHEN 'public' THEN t.relname ELSE m.nspname || '.' || t.relname END AS on_table,
       i.indisvalid AND i.indisready AS usable, c.oid::regclass::text AS typed, t.oid::regclass::text AS typed_table,
       CASE WHEN c.relkind = 'I' THEN coalesce(pg_get_constraintdef(k.oid), pg_get_indexdef(c.oid)) END AS definition,
       coalesce(k.conname, '')::text AS constraint,
       ARRAY(SELECT a.attname::text FROM unnest(i.indkey::int2[]) WITH ORDINALITY k(num, ord)
             JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.num
             WHERE k.ord <= i.indnkeyatts ORDER BY k.ord) AS columns
FROM pg_index i
JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_class t ON t.oid = i.indrelid JOIN pg_namespace m ON m.oid = t.relnamespace
LEFT JOIN pg_constraint k ON k.conindid = c.oid AND k.contype <> 'f'
WHERE {USER_SCHEMA}
"""


@scratch_check(
    title="All indexes are created and valid",
    decides="Passes when each index that the files create and do not drop exists on its table and is valid.",
    fix="An index of the same name on another table makes IF NOT EXISTS pass over it: rename. REINDEX what is invalid.",
)
def indexes_created(context: ScratchContext) -> Result:
    """Failed for a missing or invalid index; one without a name is known by its table and columns."""
    rows = context.rows(_BUILT)
    by_name = {row.name: row for row in rows}
    by_columns = {(row.on_table, tuple(row.columns)) for row in rows}
    declared = declared_of(context, INDEX)
    findings = [missing_finding(context, index) for index in declared if not _exists(index, by_name, by_columns)]
    places = {index.name: index for index in declared}
    findings += [_invalid(row, places.get(row.name)) for row in rows if not row.usable]
    shown = f"{len(declared)} of {len(declared)} declared indexes present"
    tools_own = tables_of(context.files.migrations.tool)
    there = sum(short(row.on_table) not in tools_own for row in rows)
    evidence = f"{shown}, {there} with those of constraints, all valid"
    return all_there(context, "indexes", len(declared), findings, evidence)


def _exists(index: Declared, by_name: dict[str, object], by_columns: set[tuple[str, tuple[str, ...]]]) -> bool:
    if not index.name:
        return (index.table, index.columns) in by_columns
    return index.name in by_name and getattr(by_name[index.name], "on_table", "") == index.table


def _invalid(row: Any, declared: Declared | None) -> Finding:
    file, line = (declared.file, declared.line) if declared else ("", None)
    hint = f"REINDEX INDEX {short(row.typed)}"
    if row.definition:
        hint = complete_index(short(row.typed), short(row.typed_table), row.constraint, row.definition)
    return Finding(f"index {row.name} is not valid, so no query uses it", row.name, file, line, hint, "error")


# Indexes of partitions are clones of their parent's.
_ALIKE = f"""
SELECT i.indexrelid::bigint AS oid, i.indexrelid::regclass::text AS name, i.indrelid::regclass::text AS table,
       count(*) OVER same AS alike, first_value(i.indexrelid::regclass::text)
         OVER (same ORDER BY i.indisprimary DESC, i.indisunique DESC, i.indexrelid) AS kept
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE i.indisvalid AND NOT c.relispartition AND {USER_SCHEMA}
WINDOW same AS (PARTITION BY i.indrelid, c.relam, i.indkey::text, i.indclass::text, i.indcollation::text,
  i.indoption::text, pg_get_expr(i.indexprs, i.indrelid), pg_get_expr(i.indpred, i.indrelid))
ORDER BY i.indexrelid
"""


@scratch_check(
    title="No index is there twice",
    decides="Passes when no index that pending files make equals another of the same table: same method, columns, "
    "operators, order, expressions and predicate. An index that begins like another is no duplicate.",
    fix="Leave the new one out; a UNIQUE or PRIMARY KEY has its index already.",
)
def duplicate_indexes(context: ScratchContext) -> Result:
    places = Places(context)
    rows = places.new(PG_CLASS, _ALIKE, "no pending file makes an index")
    found = []
    for row in rows:
        if row.alike > 1 and row.name != row.kept:
            name, kept = short(row.name), short(row.kept)
            message = f"index {name} on {short(row.table)} is the same as {kept}: each write pays for both"
            found.append(places.finding(places.made_by(PG_CLASS, row.oid), message, row.name, f"leave out {name}"))
    return verdict(found, f"{counted(len(rows), 'new index', 'new indexes')}, no duplicate")


_COUNTED = f"""
SELECT i.indexrelid::bigint AS oid, i.indexrelid::regclass::text AS name, i.indrelid::regclass::text AS table,
       i.indisunique AS is_unique, i.indpred IS NOT NULL AS is_partial, i.indexprs IS NOT NULL AS is_expression,
       m.amname::text AS method, pg_get_indexdef(i.indexrelid) AS definition,
       (SELECT count(*) FROM pg_index o WHERE o.indrelid = i.indrelid) AS on_table
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_am m ON m.oid = c.relam
WHERE NOT c.relispartition AND {USER_SCHEMA} ORDER BY i.indexrelid
"""


@scratch_check(
    title="Indexes of the pending files, counted",
    decides="Nothing: lists the indexes that pending files make, how many are unique or partial, and the table with "
    "most of them, so that a person can judge. fk-index, duplicate-indexes and matview-unique-index decide.",
    fix="Each index is paid for by every write: leave out what no query uses.",
)
def index_strategy(context: ScratchContext) -> Result:
    places = Places(context)
    rows = places.new(PG_CLASS, _COUNTED, "no pending file makes an index")
    unique = sum(row.is_unique for row in rows)
    partial = sum(row.is_partial for row in rows)
    most = max(rows, key=lambda row: row.on_table)
    others = sorted({row.method for row in rows} - {"btree"})
    shown = f"{counted(len(rows), 'new index', 'new indexes')} on {counted(len({r.table for r in rows}), 'table')}"
    shown += f": {unique} unique, {partial} partial" + (f", {', '.join(others)}" if others else "")
    shown += f"; most on {short(most.table)}: {most.on_table}"
    found: list[Finding] = []
    for row in rows:
        definition = row.definition.partition(" ON ")[2].replace("public.", "")
        found.append(places.finding(places.made_by(PG_CLASS, row.oid), definition, row.name, severity="note"))
    return evidence(shown, found)
