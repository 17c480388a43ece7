"""audit-log: the audit table grew along with the tables that it watches."""

from __future__ import annotations

from typing import Any

from checks.base import CannotRun, Check, Finding, Need, Result, evidence, warning
from checks.baseline import difference
from checks.contexts import TargetContext
from checks.measures import duration
from checks.options import pattern_option
from checks.targetdb.asking import USER_SCHEMA, short

_TABLES = f"""
SELECT c.oid::regclass::text AS name, coalesce(i.inhparent::regclass::text, '') AS parent,
       EXISTS (SELECT FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid WHERE t.tgrelid = c.oid
               AND NOT t.tgisinternal AND t.tgenabled IN ('O', 'A') AND p.proname ~ 'audit') AS audited
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_inherits i ON i.inhrelid = c.oid
WHERE c.relkind = 'r' AND {USER_SCHEMA}
"""


def run(context: TargetContext) -> Result:
    """Evidence from counters since the baseline; a warning where audited tables changed and no audit row came."""
    pattern = pattern_option(context.inputs.options, context.check_id, "table", r".*audit.*")
    tables = context.rows(_TABLES)
    logs = [row for row in tables if pattern.fullmatch(short(row.name)) or pattern.fullmatch(short(row.parent))]
    if not logs:
        hint = f'set table = "…" under [checks.{context.check_id}], a pattern of its name'
        raise CannotRun(f"{context.name} has no table named like an audit log", hint)
    since = difference(context)
    rows = sum(since.table(row.name, "inserted") for row in logs)
    changed = {row.name: _changes(since, row.name) for row in tables if row.audited}
    busiest = ", ".join(f"{short(name)} {n}" for name, n in sorted(changed.items(), key=lambda item: -item[1])[:3] if n)
    name = short(logs[0].parent or logs[0].name)
    shown = f"{name} +{rows} rows in {duration(since.seconds)}; changes: {busiest or 'none in audited tables'}"
    if sum(changed.values()) and not rows:
        hint = "are the triggers enabled? ask triggers-enabled"
        message = f"{sum(changed.values())} changes in audited tables, no audit row"
        return warning(f"{shown}: {message}", [Finding(message, name, hint=hint)], hint)
    return evidence(shown)


def _changes(since: Any, name: str) -> int:
    return int(sum(since.table(name, column) for column in ("inserted", "updated", "deleted")))


CHECK = Check(
    id="audit-log",
    title="The audit log is written",
    needs=Need.TARGET,
    run=run,
    decides="Shows rows that came into audit tables (`table`, a pattern; by default those with audit in their name) "
    "and changes of tables with an audit trigger since the baseline; a warning for changes without any audit row.",
    cost="Statistics and catalog queries; no row is read, no lock waited for.",
    fix="Enable the triggers; what was changed meanwhile is in the WAL only.",
    also=("baseline",),
)
