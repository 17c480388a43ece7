"""key-overflow: sequences and the integer columns that they fill do not run out."""

from __future__ import annotations

from typing import Any

from checks.base import CannotRun, Check, Finding, Need, Result, counted, passed
from checks.contexts import TargetContext
from checks.targetdb.asking import USER_SCHEMA, number_option, short
from checks.verdict import judged

# Owned sequences, identity columns, and defaults that call nextval of a sequence of nobody's.
_SEQUENCES = f"""
SELECT c.oid::regclass::text AS name, coalesce(t.relname, '') AS on_table, coalesce(a.attname, '') AS column_name,
       least(s.seqmax, CASE a.atttypid WHEN 21 THEN 32767 WHEN 23 THEN 2147483647 ELSE 9223372036854775807 END) AS last,
       coalesce(format_type(a.atttypid, NULL), 'bigint') AS type,
       has_sequence_privilege(c.oid, 'SELECT,USAGE') AS readable, c.oid::bigint AS oid
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


# pg_sequence_last_value keeps ROW EXCLUSIVE until the transaction ends: few at a time, and none that a change holds.
_VALUES = """
SELECT c.oid::bigint AS oid, pg_sequence_last_value(c.oid) AS value FROM unnest(%s::oid[]) AS c(oid)
WHERE NOT EXISTS (SELECT FROM pg_locks l WHERE l.locktype = 'relation' AND l.relation = c.oid
  AND l.mode NOT IN ('AccessShareLock', 'RowShareLock', 'RowExclusiveLock'))
"""
_AT_A_TIME = 40


def run(context: TargetContext) -> Result:
    """A warning from 70 % (`percent`) on, failed from 90 % on."""
    limit = number_option(context, "percent", 70)
    rows = context.rows(_SEQUENCES)
    if not rows:
        return passed("no sequence")
    readable = [row for row in rows if row.readable]
    if not readable:
        sentence = f"{context.name}: the role may not read its {counted(len(rows), 'sequence')}"
        raise CannotRun(sentence, "GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO …")
    values = _values(context, [row.oid for row in readable])
    shares = {row: 100 * float(values.get(row.oid) or 0) / row.last for row in readable}
    most = max(readable, key=lambda row: shares[row])
    unread = len(rows) - len(values)
    hidden = f", {unread} locked or not readable" if unread else ""
    shown = f"{counted(len(values), 'sequence')}{hidden}, fullest: {_where(most)} {shares[most]:.1f} % of {most.type}"
    return judged([_finding(row, share) for row, share in shares.items() if share >= limit], shown)


def _values(context: TargetContext, oids: list[int]) -> dict[int, int | None]:
    found: dict[int, int | None] = {}
    for start in range(0, len(oids), _AT_A_TIME):
        found |= {row.oid: row.value for row in context.rows(_VALUES, [oids[start : start + _AT_A_TIME]])}
    return found


def _where(row: Any) -> str:
    return f"{row.on_table}.{row.column_name}" if row.on_table else short(row.name)


def _finding(row: Any, share: float) -> Finding:
    message = f"{_where(row)} has used {share:.0f} % of {row.type}"
    hint = "change column and sequence to bigint before it runs out: a new column, filled in batches, then swapped"
    return Finding(message, _where(row), hint=hint, severity="error" if share >= 90 else "warning")


CHECK = Check(
    id="key-overflow",
    title="Keys do not run out of numbers",
    needs=Need.TARGET,
    run=run,
    decides="Passes while every sequence is below 70 % (`percent`) of its maximum or of its column's type; fails from "
    "90 % on. Needs SELECT on the sequences.",
    cost="One catalog query, then forty sequences at a time for their values; those that a change holds are skipped.",
    fix="Widen the column to bigint, by a new column that is filled in batches.",
)
