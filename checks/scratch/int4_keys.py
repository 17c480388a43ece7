"""int4-keys: no new column is fed by a sequence that outgrows it."""

from __future__ import annotations

from checks.base import Check, Need, NotApplicable, Result, counted
from checks.scratch.places import CLASS, Places
from checks.scratchdb.context import ScratchContext
from checks.targetdb.asking import USER_SCHEMA, short
from checks.verdict import verdict

# Owned sequences (serial, identity), and sequences that a default alone names.
_COLUMNS = f"""
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


def run(context: ScratchContext) -> Result:
    places = Places(context)
    found, looked_at = [], 0
    for row in context.rows(_COLUMNS):
        statement = places.made_by(CLASS, row.oid) or places.made_by(CLASS, row.table_oid)
        looked_at += statement is not None
        if statement is not None and row.type in _NARROW:
            column = f"{short(row.table)}.{row.column}"
            message = f"{column} is {row.type} and counts up: INSERT fails after {_NARROW[row.type]}"
            hint = f"declare it bigint GENERATED ALWAYS AS IDENTITY; later it means rewriting {short(row.table)}"
            found.append(places.finding(statement, message, column, hint))
    if not looked_at:
        raise NotApplicable("no pending file makes a column that counts up")
    return verdict(found, f"{counted(looked_at, 'generated key')}, all bigint")


CHECK = Check(
    id="int4-keys",
    title="Generated keys are bigint",
    needs=Need.SCRATCH,
    run=run,
    decides="Passes when no column that pending files feed from a sequence (serial, identity, nextval) is smallint or "
    "integer.",
    cost="One catalog query in the scratch database, once the files are applied.",
    fix="bigint costs 4 bytes a row; widening later rewrites the table. One that stays small: silence it, saying so.",
)
