"""duplicate-indexes: no new index does what another one does already."""

from __future__ import annotations

from checks.base import Check, Need, Result, counted
from checks.scratch.places import CLASS, Places
from checks.scratchdb.context import ScratchContext
from checks.targetdb.asking import USER_SCHEMA, short
from checks.verdict import verdict

# Indexes of partitions are clones of their parent's.
_INDEXES = f"""
SELECT i.indexrelid::bigint AS oid, i.indexrelid::regclass::text AS name, i.indrelid::regclass::text AS table,
       count(*) OVER same AS alike, first_value(i.indexrelid::regclass::text)
         OVER (same ORDER BY i.indisprimary DESC, i.indisunique DESC, i.indexrelid) AS kept
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE i.indisvalid AND NOT c.relispartition AND {USER_SCHEMA}
WINDOW same AS (PARTITION BY i.indrelid, c.relam, i.indkey::text, i.indclass::text, i.indcollation::text,
  i.indoption::text, pg_get_expr(i.indexprs, i.indrelid), pg_get_expr(i.indpred, i.indrelid))
ORDER BY i.indexrelid
"""


def run(context: ScratchContext) -> Result:
    places = Places(context)
    rows = places.new(CLASS, _INDEXES, "no pending file makes an index")
    found = []
    for row in rows:
        if row.alike > 1 and row.name != row.kept:
            name, kept = short(row.name), short(row.kept)
            message = f"index {name} on {short(row.table)} is the same as {kept}: each write pays for both"
            hint = f"leave out {name}"
            found.append(places.finding(places.made_by(CLASS, row.oid), message, row.name, hint))
    return verdict(found, f"{counted(len(rows), 'new index', 'new indexes')}, no duplicate")


CHECK = Check(
    id="duplicate-indexes",
    title="No index is there twice",
    needs=Need.SCRATCH,
    run=run,
    decides="Passes when no index that pending files make equals another of the same table: same method, columns, "
    "operators, order, expressions and predicate. An index that begins like another is no duplicate.",
    cost="One catalog query in the scratch database, once the files are applied.",
    fix="Leave the new one out; a UNIQUE or PRIMARY KEY has its index already.",
)
