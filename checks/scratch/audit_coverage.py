"""audit-coverage: tables that have to be audited have a trigger that writes the audit log."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from checks.base import Check, Finding, Need, NotApplicable, Result, counted
from checks.options import list_option, pattern_option
from checks.scratch.places import CLASS, Places
from checks.scratchdb.context import ScratchContext
from checks.targetdb.asking import USER_SCHEMA, short
from checks.verdict import verdict

# pg_trigger.tgtype: 4 INSERT, 8 DELETE, 16 UPDATE.
_TABLES = f"""
SELECT c.oid::bigint AS oid, c.oid::regclass::text AS table, c.relname::text AS bare,
       c.relkind = 'p' OR c.relpersistence = 'u' AS is_special,
       coalesce((SELECT json_agg(json_build_array(p.proname, t.tgtype)) FROM pg_trigger t
                 JOIN pg_proc p ON p.oid = t.tgfoid
                 WHERE t.tgrelid = c.oid AND NOT t.tgisinternal AND t.tgenabled IN ('O', 'A')), '[]') AS triggers
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND {USER_SCHEMA} ORDER BY c.oid
"""
_EVENTS = {"INSERT": 4, "UPDATE": 16, "DELETE": 8}
_AUDITS = "audit|history|journal"
# Logs of their own, what is derived, and what tools keep: nobody audits them.
_EXEMPT = re.compile(
    r"(^|_)(audits?|logs?|events?|history|journal|archives?|outbox|queue|jobs?|sessions?|cache|tmp|temp|staging"
    r"|migrations?|versions?)(_|$)"
)


def run(context: ScratchContext) -> Result:
    """With `tables` these are demanded; else new tables, once any table of the schema has an audit trigger."""
    places = Places(context)
    audits = pattern_option(context.inputs.options, CHECK.id, "function", _AUDITS)
    rows = context.rows(_TABLES)
    wanted = _demanded(context, places, rows, audits)
    found = [_finding(places, row, gap) for row in wanted if (gap := _gap(row, audits))]
    shown = ", ".join(short(row.table) for row in wanted[:6]) + (" …" if len(wanted) > 6 else "")
    return verdict(found, f"{counted(len(wanted), 'table')} with an audit trigger: {shown}")


def _demanded(context: ScratchContext, places: Places, rows: Sequence[Any], audits: re.Pattern[str]) -> list[Any]:
    tables = list_option(context.inputs.options, CHECK.id, "tables")
    if tables:
        return [row for row in rows if short(row.table) in tables]
    if not any(audits.search(name) for row in rows for name, _ in row.triggers):
        raise NotApplicable("no table has an audit trigger, and [checks.audit-coverage] tables is not set")
    new = [row for row in rows if places.is_new(CLASS, row.oid) or places.touched_by(row.oid, "drop trigger")]
    exempt = list_option(context.inputs.options, CHECK.id, "except")
    wanted = [r for r in new if not r.is_special and not _EXEMPT.search(r.bare) and short(r.table) not in exempt]
    if not wanted:
        raise NotApplicable("no pending file makes a table that is audited")
    return wanted


def _gap(row: Any, audits: re.Pattern[str]) -> str:
    """Which changes are not audited; "" where all are."""
    covered = 0
    for name, events in row.triggers:
        covered |= events if audits.search(name) else 0
    missing = [event for event, bit in _EVENTS.items() if not covered & bit]
    return "" if not missing else "any change" if len(missing) == len(_EVENTS) else " and ".join(missing)


def _finding(places: Places, row: Any, gap: str) -> Finding:
    table = short(row.table)
    statement = places.touched_by(row.oid, "trigger") or places.made_by(CLASS, row.oid)
    hint = f'CREATE TRIGGER … AFTER INSERT OR UPDATE OR DELETE ON {table} …, or except = ["{table}"]'
    return places.finding(statement, f"{table}: no audit trigger records {gap}", row.table, hint)


CHECK = Check(
    id="audit-coverage",
    title="Audited tables have their trigger",
    needs=Need.SCRATCH,
    run=run,
    decides="With [checks.audit-coverage] tables = […] each of these has an enabled trigger for INSERT, UPDATE and "
    "DELETE whose function's name matches `function` (audit, history, journal). Without, new tables are looked at once "
    "any table has such a trigger; left out are partitioned and unlogged tables, what is named in `except`, and names "
    "such as audit_log, page_events, sessions, job_queue.",
    cost="One catalog query in the scratch database, once the files are applied.",
    fix="Add the trigger in the file that makes the table, or name the table in except.",
)
