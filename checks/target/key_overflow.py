"""key-overflow: sequences and the integer columns that they fill do not run out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from checks.asking import UNLOCKED, USER_SCHEMA, judged, number_option, short
from checks.base import CannotRun, Check, Finding, Need, Result, counted, passed

if TYPE_CHECKING:
    from checks.contexts import TargetContext

# Owned sequences, identity columns, and defaults that call nextval of a sequence of nobody's.
_SEQUENCES = f"""
SELECT c.oid::regclass::text AS name, coalesce(t.relname, '') AS on_table, coalesce(a.attname, '') AS column_name,
       least(s.seqmax, CASE a.atttypid WHEN 21 THEN 32767 WHEN 23 THEN 2147483647 ELSE 9223372036854775807 END) AS last,
       coalesce(format_type(a.atttypid, NULL), 'bigint') AS type,
       has_sequence_privilege(c.oid, 'SELECT,USAGE') AS readable,
       CASE WHEN has_sequence_privilege(c.oid, 'SELECT,USAGE') AND {UNLOCKED} THEN pg_sequence_last_value(c.oid) END
       AS value
FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN LATERAL (
  SELECT d.refobjid AS relid, d.refobjsubid AS attnum FROM pg_depend d WHERE d.classid = 'pg_class'::regclass
    AND d.objid = s.seqrelid AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
  UNION ALL SELECT x.adrelid, x.adnum FROM pg_depend d JOIN pg_attrdef x ON x.oid = d.objid
    WHERE d.classid = 'pg_attrdef'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = s.seqrelid
  LIMIT 1) AS k ON true
LEFT JOIN pg_class t ON t.oid = k.relid LEFT JOIN pg_attribute a ON a.attrelid = k.relid AND a.attnum = k.attnum
WHERE {USER_SCHEMA} AND s.seqincrement > 0 AND NOT s.seqcycle
"""


def run(context: TargetContext) -> Result:
    """A warning from 70 % (`percent`) on, failed from 90 % on."""
    limit = number_option(context, "percent", 70)
    rows = context.rows(_SEQUENCES)
    readable = [row for row in rows if row.readable]
    if rows and not readable:
        sentence = f"{context.name}: the role may not read its {counted(len(rows), 'sequence')}"
        raise CannotRun(sentence, "GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO …")
    if not rows:
        return passed("no sequence")
    most = max(readable, key=_share)
    hidden = f", {len(rows) - len(readable)} may not be read" if len(rows) > len(readable) else ""
    shown = f"{counted(len(readable), 'sequence')}{hidden}, fullest: {_where(most)} {_share(most):.1f} % of {most.type}"
    return judged([_finding(row) for row in readable if _share(row) >= limit], shown)


def _share(row: Any) -> float:
    return float(100 * (row.value or 0) / row.last)


def _where(row: Any) -> str:
    return f"{row.on_table}.{row.column_name}" if row.on_table else short(row.name)


def _finding(row: Any) -> Finding:
    message = f"{_where(row)} has used {_share(row):.0f} % of {row.type} ({row.value})"
    hint = "change column and sequence to bigint before it runs out: a new column, filled in batches, then swapped"
    return Finding(message, _where(row), hint=hint, severity="error" if _share(row) >= 90 else "warning")


CHECK = Check(
    id="key-overflow",
    title="Keys do not run out of numbers",
    needs=Need.TARGET,
    run=run,
    decides="Passes while every sequence is below 70 % (`percent`) of its maximum or of its column's type; fails from "
    "90 % on. Needs SELECT on the sequences.",
    cost="One catalog query; sequences that somebody holds are skipped.",
    fix="Widen the column to bigint, by a new column that is filled in batches.",
)
