"""Constraints hold for old rows too, the triggers behind foreign keys are on, and keys do not run out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from checks.base import CannotRun, Finding, Result, counted, evidence, passed, target_check
from checks.contexts import TargetContext
from checks.findings import judged
from checks.sql import mends
from checks.targetdb.asking import UNLOCKED, USER_SCHEMA, number_option, short

_CONSTRAINTS = f"""
SELECT k.conname::text AS name, k.conrelid::regclass::text AS on_table, k.convalidated AS validated,
       {{enforced}} AS enforced, k.coninhcount = 0 AS own, k.contype::text AS kind,
       CASE WHEN k.contype = 'c' AND NOT {{enforced}} AND {UNLOCKED} THEN pg_get_constraintdef(k.oid) END AS definition,
       (SELECT coalesce(json_agg(json_build_array(t.tgrelid::regclass::text, t.tgname) ORDER BY t.oid), '[]')
        FROM pg_trigger t WHERE t.tgconstraint = k.oid AND t.tgenabled = 'D') AS disabled
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE k.contype = %s AND {USER_SCHEMA} ORDER BY 2, 1
"""


@target_check(
    title="Foreign keys hold",
    decides="Fails for a foreign key whose internal triggers are disabled; warns of NOT VALID and NOT ENFORCED. Else "
    "it is evidence: no row is read.",
    cost="One catalog query; waits for no lock.",
    fix="Enable the triggers, find rows without a parent, then VALIDATE CONSTRAINT, which lets writers go on.",
)
def foreign_keys_enforced(context: TargetContext) -> Result:
    return _constraints_judged(context, "f", "foreign key", "all validated, enforced, their triggers on")


def _constraints_judged(context: TargetContext, kind: str, noun: str, good: str) -> Result:
    """Constraints of one kind, `f` or `c`. NOT ENFORCED came with 18."""
    with context.session() as session:
        enforced = "k.conenforced" if session.server_version >= 180000 else "true"
        rows = session.rows(_CONSTRAINTS.format(enforced=enforced), [kind])
    return judged(_not_holding(rows), evidence(f"{counted(len(rows), noun)}, {good}; rows are not read"))


def _not_holding(rows: list[Any]) -> Iterator[Finding]:
    """What a partition or child inherits is NOT VALID or NOT ENFORCED with its parent's, and mended there."""
    for row in rows:
        table, where = short(row.on_table), f"{row.name} on {short(row.on_table)}"
        if row.disabled:
            hint = "; ".join(mends.enable(*trigger) for trigger in row.disabled)
            hint += "; -- as a superuser; rows changed meanwhile were not checked"
            yield Finding(f"{where} is switched off by disabled triggers", table, hint=hint, severity="error")
        if row.own and not row.enforced:
            hint = mends.enforce(row.on_table, row.name, row.kind, row.definition or "")
            hint = hint if row.definition or row.kind == "f" else "ask again when nobody holds the table"
            yield Finding(f"{where} is NOT ENFORCED", table, hint=hint)
        elif row.own and not row.validated:
            yield Finding(f"{where} is NOT VALID", table, hint=mends.validate(row.on_table, row.name))


@target_check(
    title="Check constraints hold",
    decides="Warns of check constraints that are NOT VALID or NOT ENFORCED. Else it is evidence: no row is read.",
    cost="One catalog query; waits for no lock.",
    fix="Mend the rows, then VALIDATE CONSTRAINT, which lets readers and writers go on.",
)
def check_constraints_valid(context: TargetContext) -> Result:
    return _constraints_judged(context, "c", "check constraint", "all validated and enforced")


# Owned sequences, identity columns, and defaults that call nextval of a sequence of nobody's.
_SEQUENCES = f"""
SELECT c.oid::regclass::text AS name, coalesce(t.relname, '') AS on_table, coalesce(a.attname, '') AS column_name,
       least(s.seqmax, CASE a.atttypid WHEN 21 THEN 32767 WHEN 23 THEN 2147483647 ELSE 9223372036854775807 END) AS last,
       coalesce(format_type(a.atttypid, NULL), 'bigint') AS type,
       has_sequence_privilege(c.oid, 'SELECT,USAGE') AS readable, c.oid::bigint AS oid,
       quote_ident(n.nspname) AS schema, quote_ident(current_user) AS role
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


@target_check(
    title="Keys do not run out of numbers",
    decides="Passes while every sequence is below 70 % (`percent`) of its maximum or of its column's type; fails from "
    "90 % on. Needs SELECT on the sequences.",
    cost="One catalog query, then forty sequences at a time for their values; those that a change holds are skipped.",
    fix="Widen the column to bigint, by a new column that is filled in batches.",
)
def key_overflow(context: TargetContext) -> Result:
    limit = number_option(context, "percent", 70)
    rows = context.rows(_SEQUENCES)
    if not rows:
        return passed("no sequence")
    readable = [row for row in rows if row.readable]
    if not readable:
        sentence = f"{context.name}: the role may not read its {counted(len(rows), 'sequence')}"
        schemas = ", ".join(sorted({row.schema for row in rows}))
        raise CannotRun(sentence, f"GRANT SELECT ON ALL SEQUENCES IN SCHEMA {schemas} TO {rows[0].role}")
    values: dict[int, int | None] = {}
    for start in range(0, len(readable), _AT_A_TIME):
        oids = [row.oid for row in readable[start : start + _AT_A_TIME]]
        values |= {row.oid: row.value for row in context.rows(_VALUES, [oids])}
    shares = {row: 100 * float(values.get(row.oid) or 0) / row.last for row in readable}
    most = max(readable, key=lambda row: shares[row])
    unread = len(rows) - len(values)
    hidden = f", {unread} locked or not readable" if unread else ""
    shown = f"{counted(len(values), 'sequence')}{hidden}, fullest: {_where(most)} {shares[most]:.1f} % of {most.type}"
    return judged([_overflow_finding(row, share) for row, share in shares.items() if share >= limit], shown)


def _where(row: Any) -> str:
    return f"{row.on_table}.{row.column_name}" if row.on_table else short(row.name)


def _overflow_finding(row: Any, share: float) -> Finding:
    message = f"{_where(row)} has used {share:.0f} % of {row.type}"
    hint = "change column and sequence to bigint before it runs out: a new column, filled in batches, then swapped"
    return Finding(message, _where(row), hint=hint, severity="error" if share >= 90 else "warning")
