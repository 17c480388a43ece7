"""index-strategy: the numbers that a person needs to judge the indexes of new tables."""

from __future__ import annotations

from checks.base import Check, Finding, Need, Result, counted, evidence
from checks.scratch.places import CLASS, Places
from checks.scratchdb.context import ScratchContext
from checks.targetdb.asking import USER_SCHEMA, short

_INDEXES = f"""
SELECT i.indexrelid::bigint AS oid, i.indexrelid::regclass::text AS name, i.indrelid::regclass::text AS table,
       i.indisunique AS is_unique, i.indpred IS NOT NULL AS is_partial, i.indexprs IS NOT NULL AS is_expression,
       m.amname::text AS method, pg_get_indexdef(i.indexrelid) AS definition,
       (SELECT count(*) FROM pg_index o WHERE o.indrelid = i.indrelid) AS on_table
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_am m ON m.oid = c.relam
WHERE NOT c.relispartition AND {USER_SCHEMA} ORDER BY i.indexrelid
"""


def run(context: ScratchContext) -> Result:
    """Evidence always: whether an index is worth its writes depends on the queries."""
    places = Places(context)
    rows = places.new(CLASS, _INDEXES, "no pending file makes an index")
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
        found.append(places.finding(places.made_by(CLASS, row.oid), definition, row.name, severity="note"))
    return evidence(shown, found)


CHECK = Check(
    id="index-strategy",
    title="Indexes of the pending files, counted",
    needs=Need.SCRATCH,
    run=run,
    decides="Nothing: lists the indexes that pending files make, how many are unique or partial, and the table with "
    "most of them, so that a person can judge. fk-index, duplicate-indexes and matview-unique-index decide.",
    cost="One catalog query in the scratch database, once the files are applied.",
    fix="Each index is paid for by every write: leave out what no query uses.",
)
