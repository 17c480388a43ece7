"""CHECK constraints mean the same tomorrow, and no constraint is left unvalidated."""

from __future__ import annotations

import contextlib
import re
from collections import Counter
from typing import Any

from checks.base import CannotRun, Finding, NotApplicable, Result, counted, scratch_check
from checks.findings import verdict
from checks.scratch.places import PG_CONSTRAINT, Places
from checks.scratchdb.context import ScratchContext
from checks.sql import mends
from checks.sql.names import quoted
from checks.sql.statements import without_values
from checks.targetdb.asking import USER_SCHEMA, short

_MEANINGS = f"""
SELECT c.oid::bigint AS oid, c.conrelid::regclass::text AS table, c.conname::text AS name, c.contype AS kind,
       pg_get_constraintdef(c.oid) AS definition, pg_get_expr(c.conbin, c.conrelid) AS expression,
       (SELECT string_agg(p.proname, ', ') FROM pg_depend d JOIN pg_proc p ON p.oid = d.refobjid
        WHERE d.classid = 'pg_constraint'::regclass AND d.objid = c.oid AND d.refclassid = 'pg_proc'::regclass
          AND p.provolatile <> 'i') AS volatile,
       (SELECT a.attname::text FROM pg_attribute a WHERE cardinality(c.conkey) = 1
          AND a.attrelid = c.conrelid AND a.attnum = c.conkey[1]) AS column,
       (SELECT format('CAST(%s AS %s)', pg_get_expr(f.adbin, f.adrelid), format_type(a.atttypid, a.atttypmod))
        FROM pg_attrdef f JOIN pg_attribute a ON a.attrelid = f.adrelid AND a.attnum = f.adnum
        WHERE cardinality(c.conkey) = 1 AND f.adrelid = c.conrelid AND f.adnum = c.conkey[1]
          AND a.attgenerated = '') AS fallback
FROM pg_constraint c JOIN pg_namespace n ON n.oid = c.connamespace
WHERE c.conrelid <> 0 AND c.conparentid = 0 AND c.contype IN ('p', 'u', 'f', 'c', 'x') AND {USER_SCHEMA} ORDER BY c.oid
"""
_KINDS = {"p": "primary", "u": "unique", "f": "foreign", "c": "check", "x": "exclusion"}
_CLOCK = re.compile(r"\b(now\(\)|CURRENT_DATE|CURRENT_TIMESTAMP|LOCALTIMESTAMP|clock_timestamp\(\)|random\(\))", re.I)


@scratch_check(
    title="New constraints are sound",
    decides="Counts the constraints that pending files add. Fails when a column's default breaks its own CHECK; a "
    "warning for a CHECK that calls something that is not immutable (the time, or a function that reads rows).",
    cost="One catalog query in the scratch database, and one for each CHECK of a column with a default.",
    fix="Mend the default, or the CHECK; rules about the time or about other rows belong into a trigger.",
)
def constraints_valid(context: ScratchContext) -> Result:
    places = Places(context)
    rows = places.new(PG_CONSTRAINT, _MEANINGS, "no pending file adds a constraint")
    found = [finding for row in rows if row.kind == "c" for finding in _meaning_faults(context, places, row)]
    kinds = Counter(_KINDS[row.kind] for row in rows)
    shown = ", ".join(f"{number} {kind}" for kind, number in kinds.most_common())
    return verdict(found, f"{counted(len(rows), 'new constraint')}: {shown}; defaults pass their checks")


def _meaning_faults(context: ScratchContext, places: Places, row: Any) -> list[Finding]:
    table, statement = short(row.table), places.made_by(PG_CONSTRAINT, row.oid)
    object_ = f"{row.name} on {table}"
    if unstable := row.volatile or ", ".join(dict.fromkeys(_CLOCK.findall(row.definition))):
        message = f"CHECK {object_} calls {unstable}: a row that passed may not pass when it is restored"
        hint = "compare with a column, or check it in a trigger"
        return [places.finding(statement, message, object_, hint)]
    if row.fallback and row.expression and _refuses(context, row):
        message = f"CHECK {object_} refuses the default of {row.column}: {without_values(row.definition)}"
        hint = f"ALTER TABLE {table} ALTER COLUMN {quoted(row.column)} DROP DEFAULT; -- or give it another"
        return [places.finding(statement, message, object_, hint, "error")]
    return []


def _refuses(context: ScratchContext, row: Any) -> bool:
    """Asks the server, with the default in the column's place; what it cannot evaluate is no finding."""
    from psycopg import sql

    query = sql.SQL("SELECT ({}) IS FALSE FROM (SELECT {} AS {}) t")
    with contextlib.suppress(CannotRun):
        filled = query.format(sql.SQL(row.expression), sql.SQL(row.fallback), sql.Identifier(row.column))
        return bool(context.value(filled))
    return False


_STATES = f"""
SELECT c.oid::bigint AS oid, c.conrelid::regclass::text AS table, c.conname::text AS name,
       c.contype::text AS kind, c.convalidated AS is_valid, %s AS is_enforced,
       pg_get_constraintdef(c.oid) AS definition
FROM pg_constraint c JOIN pg_namespace n ON n.oid = c.connamespace
WHERE c.conrelid <> 0 AND c.conparentid = 0 AND c.coninhcount = 0 AND {USER_SCHEMA} ORDER BY c.oid
"""


@scratch_check(
    title="New constraints are validated",
    decides="Passes when each constraint that pending files add is validated at their end and, from PostgreSQL 18 on, "
    "enforced.",
    fix="ADD … NOT VALID is the right first step on a large table: add a file with VALIDATE CONSTRAINT after it.",
)
def unvalidated_constraints(context: ScratchContext) -> Result:
    places = Places(context)
    enforced = "c.conenforced" if context.server_version >= 180000 else "true"
    rows = [row for row in context.rows(_STATES % enforced) if places.is_new(PG_CONSTRAINT, row.oid)]
    shown = sum(row.kind != "n" for row in rows)
    if not shown and all(row.is_valid and row.is_enforced for row in rows):
        raise NotApplicable("no pending file adds a constraint")
    found = []
    for row in rows:
        if row.is_valid and row.is_enforced:
            continue
        word = "NOT VALID" if row.is_enforced else "NOT ENFORCED"
        table = short(row.table)
        message = f"constraint {row.name} on {table} stays {word}: old rows may break it"
        hint = f"{mends.validate(table, row.name)}; -- in a later file"
        if not row.is_enforced:
            hint = mends.enforce(table, row.name, row.kind, row.definition)
        found.append(places.finding(places.made_by(PG_CONSTRAINT, row.oid), message, f"{row.name} on {table}", hint))
    return verdict(found, f"{counted(shown, 'new constraint')}, all validated")
