"""triggers-created: every declared trigger exists and is enabled, and a made-up row goes through it without error."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from checks.base import Check, Finding, Need, Result, counted
from checks.created import declared_of, missing_finding, verdict
from checks.scratchdb.context import ScratchContext
from checks.sql.declared import Declared
from checks.sql.objects import TRIGGER

if TYPE_CHECKING:
    from checks.targetdb.session import Connection

_TRIGGERS = """
SELECT t.tgname::text AS trigger, t.tgenabled AS enabled, c.oid::int AS oid, c.relkind AS kind,
       n.nspname::text AS schema, c.relname::text AS name,
       CASE n.nspname WHEN 'public' THEN c.relname ELSE n.nspname || '.' || c.relname END AS table
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE NOT t.tgisinternal AND t.tgparentid = 0 ORDER BY n.nspname, c.relname, t.tgname
"""
_FIRE_TIMEOUT = "5s"
# 42: the trigger names what is not there; 0A and 39: it returns what it may not; 2F: no RETURN. Other errors may come
# from a row without meaning, or be the trigger's own refusal (P0001), which shows that it runs.
_WRONG = ("42", "0A", "39", "2F")


def run(context: ScratchContext) -> Result:
    """Failed for a missing, disabled or erring trigger; a warning where a BEFORE trigger lets the row vanish."""
    declared = declared_of(context, TRIGGER)
    rows = context.rows(_TRIGGERS)
    there = {(row.trigger, row.table): row for row in rows}
    findings = [missing_finding(context, trigger) for trigger in declared if (trigger.name, trigger.table) not in there]
    findings += [_disabled(trigger) for trigger in declared if _is_disabled(there.get((trigger.name, trigger.table)))]
    tables = {row.table: row for row in rows if row.kind in "rp"}
    fired, unfired, broken = _fire_all(context, declared, list(tables.values()))
    present = f"{len(declared) - len(findings)} of {len(declared)} triggers present and enabled"
    note = f"; fired by a test row on {counted(fired, 'table')}, 0 errors" if fired else ""
    note += f"; no test row could be made for {', '.join(unfired)}" if unfired else ""
    return verdict(context, "triggers", len(declared), findings + broken, present + note)


def _is_disabled(row: Any) -> bool:
    return row is not None and row.enabled not in ("O", "A")


def _disabled(trigger: Declared) -> Finding:
    message = f"trigger {trigger.label} is disabled"
    hint = f"ALTER TABLE {trigger.table} ENABLE TRIGGER {trigger.name}"
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
        connection.execute(f"SET LOCAL statement_timeout = '{_FIRE_TIMEOUT}'".encode())
        if insert_row(connection, table) == 0:
            return "gone", "a BEFORE INSERT trigger returned NULL, so the row was not inserted"
        if any(connection.execute(statement).rowcount == 0 for statement in _update(connection, table)):
            return "gone", "a BEFORE UPDATE trigger returned NULL, so the row was not changed"
        # A trigger may keep the row on purpose: that is how some soft-delete.
        connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table.schema, table.name)))
        connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
    except psycopg.Error as fault:
        return fault.sqlstate or "08", f"{fault.sqlstate} {fault.diag.message_primary}"
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


CHECK = Check(
    id="triggers-created",
    title="All triggers are created and run",
    needs=Need.SCRATCH,
    run=run,
    decides="Passes when each trigger that the files create and do not drop exists and is enabled, and a row made from "
    "column types goes through INSERT, UPDATE and DELETE without an error of the trigger's own. Whether it does the "
    "right thing is for people.",
    cost="A row a table with triggers, in the scratch database, rolled back.",
    fix="Mend the trigger's function: it names a column or table that is not there, or returns nothing.",
)
