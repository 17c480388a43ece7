"""What triggers and views keep: none is switched off, deleted rows are hidden, the audit table grows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from checks.base import CannotRun, Finding, NotApplicable, Result, counted, evidence, passed, target_check, warning
from checks.contexts import TargetContext
from checks.findings import judged
from checks.measures import duration
from checks.options import pattern_option, text_option
from checks.sql import mends
from checks.sql.names import quoted
from checks.targetdb.asking import USER_SCHEMA, short
from checks.targetdb.baseline import difference

_TRIGGERS = f"""
SELECT count(*) FILTER (WHERE NOT t.tgisinternal) AS own, count(*) FILTER (WHERE t.tgisinternal) AS internal
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {USER_SCHEMA}
"""
_OFF = f"""
SELECT t.tgname::text AS name, t.tgrelid::regclass::text AS on_table, t.tgisinternal AS internal,
       t.tgenabled::text AS state
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE t.tgenabled IN ('D', 'R') AND {USER_SCHEMA} ORDER BY 2, 1
"""
# A role or database that always runs as a replica fires no ordinary trigger.
_REPLICA = """
SELECT coalesce(r.rolname, 'all roles')::text AS role, CASE WHEN r.oid IS NULL AND d.oid IS NOT NULL
         THEN format('DATABASE %I', d.datname)
         ELSE 'ROLE ' || coalesce(quote_ident(r.rolname), 'ALL') || coalesce(format(' IN DATABASE %I', d.datname), '')
       END AS place
FROM pg_db_role_setting s LEFT JOIN pg_roles r ON r.oid = s.setrole LEFT JOIN pg_database d ON d.oid = s.setdatabase
WHERE coalesce(d.datname, current_database()) = current_database()
  AND EXISTS (SELECT FROM unnest(s.setconfig) AS x WHERE x = 'session_replication_role=replica')
"""


@target_check(
    title="No trigger is switched off",
    decides="Passes when every trigger of user tables is enabled, also the internal ones that enforce foreign keys, "
    "and no role runs with session_replication_role = replica. Whether their logic is right is for a person.",
    cost="Three catalog queries; wait for no lock.",
    fix="ALTER TABLE … ENABLE TRIGGER; look for what was written meanwhile.",
)
def triggers_enabled(context: TargetContext) -> Result:
    with context.session() as session:
        counts, rows, replicas = session.row(_TRIGGERS), session.rows(_OFF), session.rows(_REPLICA)
    findings = [_trigger_finding(row) for row in rows]
    for row in replicas:
        hint = f"ALTER {row.place} RESET session_replication_role"
        message = f"sessions of {row.role} fire no trigger: session_replication_role = replica"
        findings.append(Finding(message, row.role, hint=hint, severity="error"))
    return judged(findings, f"{counted(counts.own, 'trigger')} enabled, and {counts.internal} behind foreign keys")


def _trigger_finding(row: Any) -> Finding:
    table = short(row.on_table)
    if row.state == "R":
        return Finding(f"trigger {row.name} on {table} fires only on a replica", table, hint="is that meant?")
    what = "a trigger behind a foreign key" if row.internal else f"trigger {row.name}"
    hint = mends.enable(row.on_table, row.name) + ("; -- as a superuser" if row.internal else "")
    return Finding(f"{what} on {table} is switched off", table, hint=hint, severity="error")


_DELETABLE = f"""
SELECT c.oid::regclass::text AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = %s AND NOT a.attisdropped
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND {USER_SCHEMA} ORDER BY 1
"""
# Whether a view reads the column is in pg_depend: its definition need not be opened, so nothing is waited for.
_VIEWS = f"""
SELECT DISTINCT v.oid::regclass::text AS name, t.oid::regclass::text AS on_table,
       EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_rewrite'::regclass AND e.objid = r.oid
               AND e.refobjid = t.oid AND e.refobjsubid = a.attnum) AS looks
FROM pg_depend d JOIN pg_rewrite r ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid
JOIN pg_class v ON v.oid = r.ev_class AND v.relkind IN ('v', 'm') JOIN pg_namespace n ON n.oid = v.relnamespace
JOIN pg_class t ON d.refclassid = 'pg_class'::regclass AND t.oid = d.refobjid AND t.relkind IN ('r', 'p')
JOIN pg_attribute a ON a.attrelid = t.oid AND a.attname = %s AND NOT a.attisdropped WHERE {USER_SCHEMA} ORDER BY 1, 2
"""
_UNIQUES = f"""
SELECT i.indexrelid::regclass::text AS name, i.indrelid::regclass::text AS on_table FROM pg_index i
JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = %s AND NOT a.attisdropped
WHERE i.indisunique AND NOT i.indisprimary AND i.indpred IS NULL AND NOT a.attnum = ANY (i.indkey::int2[])
  AND NOT c.relispartition AND {USER_SCHEMA} ORDER BY 1
"""


@target_check(
    title="Deleted rows are hidden",
    decides="For tables with deleted_at (`column`): passes when every view over them looks at the column, and every "
    "unique index leaves deleted rows out. No row is read.",
    cost="Three catalog queries; wait for no lock.",
    fix="Add the condition to the view; make the unique index partial.",
)
def soft_delete_views(context: TargetContext) -> Result:
    column = text_option(context.inputs.options, context.check_id, "column") or "deleted_at"
    with context.session() as session:
        tables = session.rows(_DELETABLE, [column])
        views, uniques = session.rows(_VIEWS, [column]), session.rows(_UNIQUES, [column])
    if not tables:
        raise NotApplicable(f"no table of {context.name} has a column {column}")
    shown = f"{counted(len(tables), 'table')} with {column}, {counted(len(views), 'view')} over them"
    return judged(_deletion_findings(views, uniques, column), f"{shown}, all look at it", shown)


def _deletion_findings(views: list[Any], uniques: list[Any], column: str) -> Iterator[Finding]:
    for row in views:
        if not row.looks:
            view, table = short(row.name), short(row.on_table)
            message = f"view {view} shows deleted rows of {table}: it does not look at {column}"
            yield Finding(message, view, hint=f"add to it: WHERE {quoted(column)} IS NULL")
    for row in uniques:
        message = f"unique index {short(row.name)} counts deleted rows of {short(row.on_table)}"
        hint = f"make it anew with WHERE {quoted(column)} IS NULL, so that a value can be used again"
        yield Finding(message, short(row.name), hint=hint)


_AUDITED = f"""
SELECT c.oid::regclass::text AS name, coalesce(i.inhparent::regclass::text, '') AS parent,
       EXISTS (SELECT FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid WHERE t.tgrelid = c.oid
               AND NOT t.tgisinternal AND t.tgenabled IN ('O', 'A') AND p.proname ~ 'audit') AS audited
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_inherits i ON i.inhrelid = c.oid
WHERE c.relkind = 'r' AND {USER_SCHEMA}
"""


@target_check(
    title="The audit log is written",
    decides="Passes when rows came into audit tables (`table`, a pattern; by default those with audit in their name) "
    "for changes of tables with an audit trigger since the baseline; a warning for changes without any audit row. "
    "Where nothing was changed it is evidence.",
    cost="Statistics and catalog queries; no row is read, no lock waited for.",
    fix="Enable the triggers; what was changed meanwhile is in the WAL only.",
    also=("baseline",),
)
def audit_log(context: TargetContext) -> Result:
    pattern = pattern_option(context.inputs.options, context.check_id, "table", r".*audit.*")
    tables = context.rows(_AUDITED)
    logs = [row for row in tables if pattern.fullmatch(short(row.name)) or pattern.fullmatch(short(row.parent))]
    if not logs:
        hint = f'set table = "…" under [checks.{context.check_id}], a pattern of its name'
        raise CannotRun(f"{context.name} has no table named like an audit log", hint)
    since = difference(context)
    rows = sum(since.table(row.name, "inserted") for row in logs)
    columns = ("inserted", "updated", "deleted")
    changed = {row.name: sum(since.table(row.name, column) for column in columns) for row in tables if row.audited}
    busiest = ", ".join(f"{short(name)} {n}" for name, n in sorted(changed.items(), key=lambda item: -item[1])[:3] if n)
    name = short(logs[0].parent or logs[0].name)
    shown = f"{name} +{rows} rows in {duration(since.seconds)}; changes: {busiest or 'none in audited tables'}"
    if sum(changed.values()) and not rows:
        hint = "are the triggers enabled? ask triggers-enabled"
        message = f"{sum(changed.values())} changes in audited tables, no audit row"
        return warning(f"{shown}: {message}", [Finding(message, name, hint=hint)], hint)
    return passed(shown) if sum(changed.values()) else evidence(shown)
