"""Tables that files make: they exist, say what they are for, keep their rows, and let in whom their policies name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from checks.base import Finding, NotApplicable, Result, counted, evidence, scratch_check
from checks.findings import not_these, verdict
from checks.options import flag_option
from checks.scratch.places import PG_CLASS, Places, all_there, declared_of, missing, relations
from checks.scratchdb.context import ScratchContext
from checks.sql.names import quoted
from checks.sql.objects import TABLE
from checks.targetdb.asking import USER_SCHEMA, short


@scratch_check(
    title="All tables are created",
    decides="Passes when each table that the files create and do not drop exists after applying all of them.",
    fix="Mend the statement that the finding names, or what undoes it later.",
)
def tables_created(context: ScratchContext) -> Result:
    existing = relations(context, "rp")
    declared = declared_of(context, TABLE)
    findings = missing(context, declared, existing)
    partitions = sum(existing.values())
    note = f" ({partitions} are partitions)" if partitions else ""
    there = len(declared) - len(findings)
    return all_there(context, "tables", len(declared), findings, f"{there} of {len(declared)} tables present{note}")


_PERSISTENCE = f"""
SELECT c.oid::bigint AS oid, c.oid::regclass::text AS table, c.relpersistence = 'u' AS is_unlogged,
       c.relkind = 'p' AS is_parted
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND {USER_SCHEMA} ORDER BY c.oid
"""


@scratch_check(
    title="No table is unlogged",
    decides="Passes when no table that pending files create or switch is UNLOGGED.",
    fix="Leave the word out. Where the rows may be lost, silence it with that reason.",
)
def unlogged_tables(context: ScratchContext) -> Result:
    places = Places(context)
    found, looked_at = [], 0
    for row in context.rows(_PERSISTENCE):
        statement = places.touched_by(row.oid, "unlogged") or places.made_by(PG_CLASS, row.oid)
        looked_at += statement is not None
        if statement is not None and row.is_unlogged:
            table = short(row.table)
            message = f"table {table} is UNLOGGED: a crash empties it, and replicas and backups have no rows of it"
            # Nothing happens to a partitioned one: its partitions hold the rows.
            hint = "leave the word out" if row.is_parted else f"ALTER TABLE {table} SET LOGGED"
            found.append(places.finding(statement, message, row.table, hint))
    if not looked_at:
        raise NotApplicable("no pending file creates a table")
    return verdict(found, f"{counted(looked_at, 'table')}, all logged")


_RELATIONS = f"""
SELECT c.oid::bigint AS oid, c.oid::regclass::text AS name,
       obj_description(c.oid, 'pg_class') IS NOT NULL AS has_comment,
       CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' ELSE 'TABLE' END AS kind,
       ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
             AND c.relkind IN ('r', 'p') AND col_description(c.oid, a.attnum) IS NULL ORDER BY a.attnum) AS bare_columns
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm') AND NOT c.relispartition AND {USER_SCHEMA} ORDER BY c.oid
"""


@scratch_check(
    title="New tables and views have a comment",
    decides="Tells how many tables, views and materialized views that pending files make have a COMMENT, and passes "
    "when all do; partitions are left out. The others are findings with [checks.comments] required = true, and with "
    "columns = true each column of a new table needs one too.",
    fix="COMMENT ON TABLE … IS '…': one sentence that says what a row is.",
)
def comments(context: ScratchContext) -> Result:
    places = Places(context)
    rows = places.new(PG_CLASS, _RELATIONS, "no pending file makes a table or view")
    columns = flag_option(context.inputs.options, comments.id, "columns")
    without = [short(row.name) for row in rows if not row.has_comment]
    new = counted(len(rows), "new table or view", "new tables and views")
    if without and not columns and not flag_option(context.inputs.options, comments.id, "required"):
        return evidence(f"{len(rows) - len(without)} of {new} with a comment; {not_these(without)}")
    found = [finding for row in rows for finding in _uncommented(places, row, columns)]
    return verdict(found, f"{new}, each with a comment{', columns too' if columns else ''}")


def _uncommented(places: Places, row: Any, columns: bool) -> Iterator[Finding]:
    statement, name = places.made_by(PG_CLASS, row.oid), short(row.name)
    if not row.has_comment:
        message, hint = f"{row.kind.lower()} {name} has no comment", f"COMMENT ON {row.kind} {name} IS '…'"
        yield places.finding(statement, message, row.name, hint)
    if columns and row.bare_columns:
        shown = ", ".join(row.bare_columns[:3]) + (" …" if len(row.bare_columns) > 3 else "")
        message = f"{counted(len(row.bare_columns), 'column')} of {name} without comment: {shown}"
        hint = f"COMMENT ON COLUMN {name}.{quoted(row.bare_columns[0])} IS '…'"
        yield places.finding(statement, message, row.name, hint)


_POLICIES = f"""
SELECT c.oid::bigint AS oid, c.oid::regclass::text AS table, c.relrowsecurity AS is_on,
       (SELECT count(*) FROM pg_policy p WHERE p.polrelid = c.oid) AS policies
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND {USER_SCHEMA} ORDER BY c.oid
"""


@scratch_check(
    title="Row security is on where there are policies",
    decides="Looks at tables whose row security or policies pending files make or change. Fails for policies on a "
    "table where row security is off; a warning where it is on and no policy lets anybody see a row.",
    fix="ENABLE ROW LEVEL SECURITY in the file that makes the policies.",
)
def row_security(context: ScratchContext) -> Result:
    places = Places(context)
    found, looked_at = [], 0
    for row in context.rows(_POLICIES):
        touched = places.touched_by(row.oid, "policy") or places.touched_by(row.oid, "row level security")
        statement = touched or places.made_by(PG_CLASS, row.oid)
        if statement is None or not (row.is_on or row.policies):
            continue
        looked_at += 1
        message, hint, severity = _policy_fault(row)
        if message:
            found.append(places.finding(statement, message, row.table, hint, severity))
    if not looked_at:
        raise NotApplicable("no pending file touches row security")
    return verdict(found, f"{counted(looked_at, 'table')} with row security, each with policies")


def _policy_fault(row: Any) -> tuple[str, str, str]:
    table = short(row.table)
    if not row.is_on:
        message = f"{table} has {counted(row.policies, 'policy', 'policies')} without effect: row security is off"
        return message, f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY", "error"
    if not row.policies:
        message = f"row security is on for {table} without a policy: only its owner sees a row"
        return message, "write a policy that says who sees which row", "warning"
    return "", "", ""
