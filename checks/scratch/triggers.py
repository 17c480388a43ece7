"""Triggers that files make: they exist and work, none is left off, and audited tables have theirs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from checks.base import Finding, NotApplicable, Result, counted, evidence, scratch_check
from checks.findings import not_these, verdict
from checks.options import list_option, option, pattern_option
from checks.scratch.places import PG_CLASS, PG_TRIGGER, Places, all_there, declared_of, missing_finding
from checks.scratchdb.apply_errors import said_by
from checks.scratchdb.context import ScratchContext
from checks.sql import mends
from checks.sql.declared import Declared
from checks.sql.objects import TRIGGER
from checks.targetdb.asking import USER_SCHEMA, short

if TYPE_CHECKING:
    from checks.targetdb.session import Connection


_OWN_TRIGGERS = """
SELECT t.tgname::text AS trigger, t.tgenabled AS enabled, c.oid::int AS oid, c.relkind AS kind,
       n.nspname::text AS schema, c.relname::text AS name, c.oid::regclass::text AS typed,
       CASE n.nspname WHEN 'public' THEN c.relname ELSE n.nspname || '.' || c.relname END AS table
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE NOT t.tgisinternal AND t.tgparentid = 0 ORDER BY n.nspname, c.relname, t.tgname
"""
# 42: the trigger names what is not there; 0A and 39: it returns what it may not; 2F: no RETURN. Other errors may come
# from a row without meaning, or be the trigger's own refusal (P0001), which shows that it runs.
_WRONG = ("42", "0A", "39", "2F")


@scratch_check(
    title="All triggers are created and run",
    decides="Passes when each trigger that the files create and do not drop exists and is enabled, and a row made from "
    "column types goes through INSERT, UPDATE and DELETE without an error of the trigger's own. Whether it does the "
    "right thing is for people.",
    cost="A row a table with triggers, in the scratch database, rolled back.",
    fix="Mend the trigger's function: it names a column or table that is not there, or returns nothing.",
)
def triggers_created(context: ScratchContext) -> Result:
    declared = declared_of(context, TRIGGER)
    rows = context.rows(_OWN_TRIGGERS)
    there = {(row.trigger, row.table): row for row in rows}
    findings = [missing_finding(context, trigger) for trigger in declared if (trigger.name, trigger.table) not in there]
    off = {key: row for key, row in there.items() if row.enabled not in ("O", "A")}
    found = [(trigger, off.get((trigger.name, trigger.table))) for trigger in declared]
    findings += [_disabled(trigger, row) for trigger, row in found if row is not None]
    tables = {row.table: row for row in rows if row.kind in "rp"}
    fired, unfired, broken = _fire_all(context, declared, list(tables.values()))
    present = f"{len(declared) - len(findings)} of {len(declared)} triggers present and enabled"
    note = f"; fired by a test row on {counted(fired, 'table')}, 0 errors" if fired else ""
    note += f"; no test row could be made for {', '.join(unfired)}" if unfired else ""
    return all_there(context, "triggers", len(declared), findings + broken, present + note)


def _disabled(trigger: Declared, row: Any) -> Finding:
    message = f"trigger {trigger.label} is disabled"
    hint = mends.enable(short(row.typed), row.trigger)
    return Finding(message, trigger.label, trigger.file, trigger.line, hint, "error")


def _fire_all(
    context: ScratchContext, declared: Sequence[Declared], tables: Sequence[Any]
) -> tuple[int, list[str], list[Finding]]:
    """Tables whose triggers ran, tables for which no row could be made, and findings."""
    fired, unfired = 0, []
    broken: list[Finding] = []
    for table in tables:
        with context.trial() as connection:
            state, message = _fire(connection, table)
        if state == "":
            fired += 1
        elif state == "gone" or state[:2] in _WRONG:
            broken.extend(_broken(declared, table.table, state, message))
        else:
            unfired.append(table.table)
    return fired, unfired, broken


def _fire(connection: Connection, table: Any) -> tuple[str, str]:
    """("", "") when INSERT, UPDATE and DELETE of a made-up row went through; else SQLSTATE or `gone`, and why."""
    import psycopg
    from psycopg import sql

    from checks.scratchdb.generated_row import insert_row

    try:
        if insert_row(connection, table) == 0:
            return "gone", "a BEFORE INSERT trigger returned NULL, so the row was not inserted"
        if any(connection.execute(statement).rowcount == 0 for statement in _update(connection, table)):
            return "gone", "a BEFORE UPDATE trigger returned NULL, so the row was not changed"
        # A trigger may keep the row on purpose: that is how some soft-delete.
        connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table.schema, table.name)))
        connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
    except psycopg.Error as fault:
        return fault.sqlstate or "08", said_by(fault)
    return "", ""


def _update(connection: Connection, table: Any) -> Iterator[Any]:
    """UPDATE of a column to itself, where the table has one that may be set."""
    from psycopg import sql

    place = sql.Identifier(table.schema, table.name)
    query = "SELECT attname::text FROM pg_attribute WHERE attrelid = %s::oid AND attnum > 0 AND NOT attisdropped \
             AND attgenerated = '' AND attidentity <> 'a' ORDER BY attnum DESC LIMIT 1"
    column = connection.execute(query, [table.oid]).fetchone()
    if column is not None:
        name = sql.Identifier(column[0])
        yield sql.SQL("UPDATE {} SET {} = {}").format(place, name, name)


def _broken(declared: Sequence[Declared], table: str, state: str, message: str) -> Iterator[Finding]:
    """At the statement of each trigger of the table, since the error does not say which one."""
    severity = "warning" if state == "gone" else "error"
    for trigger in declared:
        if trigger.table == table:
            text = f"a test row on {table} failed: {message}" if severity == "error" else f"{table}: {message}"
            hint = f"mend the function {trigger.function}()"
            yield Finding(text, trigger.label, trigger.file, trigger.line, hint, severity)


_ALL_TRIGGERS = f"""
SELECT t.oid::bigint AS oid, t.tgrelid::bigint AS table_oid, t.tgrelid::regclass::text AS table,
       t.tgname::text AS name, t.tgisinternal AS is_internal, t.tgenabled IN ('O', 'A') AS fires
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE {USER_SCHEMA} ORDER BY t.oid
"""


@scratch_check(
    title="No trigger is left disabled",
    decides="Fails when a trigger that pending files make, or of a table whose triggers they switch, does not fire at "
    "their end; those of foreign keys count too.",
    fix="Enable it in the same file that disables it, after the rows are changed.",
)
def disabled_triggers(context: ScratchContext) -> Result:
    """Also a trigger that fires on replicas only: it is off for the application."""
    places = Places(context)
    found, looked_at = [], 0
    for row in context.rows(_ALL_TRIGGERS):
        statement = places.touched_by(row.table_oid, "trigger") or places.made_by(PG_TRIGGER, row.oid)
        looked_at += statement is not None and not row.is_internal
        if statement is None or row.fires:
            continue
        table = short(row.table)
        what = "the trigger of a foreign key" if row.is_internal else f"trigger {row.name}"
        message = f"{what} on {table} is left disabled"
        hint = mends.enable(table, row.name) + ("; -- as a superuser" if row.is_internal else "")
        found.append(places.finding(statement, message, f"{row.name} on {table}", hint, "error"))
    if not looked_at and not found:
        raise NotApplicable("no pending file touches a trigger")
    return verdict(found, f"{counted(looked_at, 'trigger')}, all enabled")


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
_ALL_EVENTS = sum(_EVENTS.values())
_AUDITS = "audit|history|journal"
# Logs of their own, what is derived, and what tools keep: nobody audits them.
_EXEMPT = re.compile(
    r"(^|_)(audits?|logs?|events?|history|journal|archives?|outbox|queue|jobs?|sessions?|cache|tmp|temp|staging"
    r"|migrations?|versions?)(_|$)"
)


@scratch_check(
    title="Audited tables have their trigger",
    decides="With [checks.audit-coverage] tables = […] each of these has an enabled trigger for INSERT, UPDATE and "
    "DELETE whose function's name matches `function` (audit, history, journal); with except = […] each new table but "
    "those. Without either, new tables with such a trigger are counted once any table has one, and a finding is only "
    "one whose trigger leaves out an event that half of the audited tables have. Nobody looks at partitioned and "
    "unlogged tables, and names such as audit_log, page_events, sessions, job_queue.",
    fix="Add the trigger in the file that makes the table, or name the table in except.",
)
def audit_coverage(context: ScratchContext) -> Result:
    places = Places(context)
    audits = pattern_option(context.inputs.options, audit_coverage.id, "function", _AUDITS)
    rows = context.rows(_TABLES)
    is_asked = any(option(context.inputs.options, audit_coverage.id, key) is not None for key in ("tables", "except"))
    demanded = _ALL_EVENTS if is_asked else _usual_events(rows, audits)
    wanted = _demanded(context, places, rows, audits)
    gaps = {row.oid: demanded & ~_covered(row, audits) for row in wanted if is_asked or _covered(row, audits)}
    found = [_audit_finding(places, row, gaps[row.oid]) for row in wanted if gaps.get(row.oid)]
    without = [short(row.table) for row in wanted if row.oid not in gaps]
    if without and not found:
        tables = counted(len(wanted), "new table")
        return evidence(f"{len(gaps)} of {tables} with an audit trigger; {not_these(without)}")
    shown = ", ".join(short(row.table) for row in wanted[:6]) + (" …" if len(wanted) > 6 else "")
    return verdict(found, f"{counted(len(wanted), 'table')} with an audit trigger: {shown}")


def _demanded(context: ScratchContext, places: Places, rows: Sequence[Any], audits: re.Pattern[str]) -> list[Any]:
    tables = list_option(context.inputs.options, audit_coverage.id, "tables")
    if tables:
        return [row for row in rows if short(row.table) in tables]
    if not any(_covered(row, audits) for row in rows):
        raise NotApplicable("no table has an audit trigger, and [checks.audit-coverage] tables is not set")
    new = [row for row in rows if places.is_new(PG_CLASS, row.oid) or places.touched_by(row.oid, "drop trigger")]
    exempt = list_option(context.inputs.options, audit_coverage.id, "except")
    wanted = [r for r in new if not r.is_special and not _EXEMPT.search(r.bare) and short(r.table) not in exempt]
    if not wanted:
        raise NotApplicable("no pending file makes a table that is audited")
    return wanted


def _covered(row: Any, audits: re.Pattern[str]) -> int:
    """The events that are audited, as bits of `pg_trigger.tgtype`."""
    return reduce(or_, (events & _ALL_EVENTS for name, events in row.triggers if audits.search(name)), 0)


def _usual_events(rows: Sequence[Any], audits: re.Pattern[str]) -> int:
    """What at least half of the audited tables record."""
    audited = [covered for row in rows if (covered := _covered(row, audits))]
    return sum(bit for bit in _EVENTS.values() if 2 * sum(bool(each & bit) for each in audited) >= len(audited))


def _audit_finding(places: Places, row: Any, missing: int) -> Finding:
    table = short(row.table)
    gap = "any change" if missing == _ALL_EVENTS else " and ".join(e for e, bit in _EVENTS.items() if bit & missing)
    statement = places.touched_by(row.oid, "trigger") or places.made_by(PG_CLASS, row.oid)
    hint = f'give it a trigger AFTER INSERT OR UPDATE OR DELETE, or except = ["{table}"]'
    return places.finding(statement, f"{table}: no audit trigger records {gap}", row.table, hint)
