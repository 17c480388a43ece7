"""fk-index: columns of a new foreign key lead an index of their table."""

from __future__ import annotations

from checks.base import Check, Need, NotApplicable, Result, counted
from checks.scratch.places import CONSTRAINT, Places
from checks.scratchdb.context import ScratchContext
from checks.targetdb.asking import USER_SCHEMA, short
from checks.verdict import verdict

# An index serves when its first key columns are the key's, in any order, and it holds all rows with a value.
_KEYS = f"""
SELECT c.oid::bigint AS oid, c.conrelid::bigint AS table_oid, c.conrelid::regclass::text AS table,
       c.conname::text AS name, a.columns, EXISTS (
         SELECT 1 FROM pg_index i WHERE i.indrelid = c.conrelid AND i.indisvalid AND i.indexprs IS NULL
           AND i.indnkeyatts >= cardinality(c.conkey)
           AND (i.indkey::int2[])[0:cardinality(c.conkey) - 1] @> c.conkey
           AND (i.indpred IS NULL OR (cardinality(c.conkey) = 1
                AND pg_get_expr(i.indpred, i.indrelid) = format('(%I IS NOT NULL)', a.columns)))) AS served
FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid JOIN pg_namespace n ON n.oid = t.relnamespace
CROSS JOIN LATERAL (SELECT string_agg(x.attname, ', ' ORDER BY k.ord) AS columns
  FROM unnest(c.conkey) WITH ORDINALITY k(num, ord)
  JOIN pg_attribute x ON x.attrelid = c.conrelid AND x.attnum = k.num) a
WHERE c.contype = 'f' AND c.conparentid = 0 AND {USER_SCHEMA} ORDER BY c.oid
"""


def run(context: ScratchContext) -> Result:
    """A warning for each new foreign key without an index, and for an old one whose index a pending file drops."""
    places = Places(context)
    found = []
    rows = context.rows(_KEYS)
    looked_at = 0
    for row in rows:
        statement = places.made_by(CONSTRAINT, row.oid) or places.touched_by(row.table_oid, "drop index")
        looked_at += statement is not None
        if statement is not None and not row.served:
            column = f"{short(row.table)} ({row.columns})"
            message = f"foreign key {row.name} has no index on {column}: each DELETE on the other side scans it"
            found.append(places.finding(statement, message, row.table, f"CREATE INDEX ON {column}"))
    if not looked_at:
        raise NotApplicable("no pending file adds a foreign key")
    return verdict(found, f"{counted(looked_at, 'foreign key')}, each with an index")


CHECK = Check(
    id="fk-index",
    title="Foreign keys have an index",
    needs=Need.SCRATCH,
    run=run,
    decides="Passes when the columns of each foreign key that pending files add lead a valid index of the same table, "
    "in any order; a partial one counts only where it leaves out nothing but NULL.",
    cost="One catalog query in the scratch database, once the files are applied.",
    fix="CREATE INDEX on the columns; on a table that is in use CONCURRENTLY, in a file of its own. Where the other "
    "table never loses rows nor changes keys, silence it with that reason.",
)
