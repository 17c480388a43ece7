"""row-security: policies and the switch that makes them count belong together."""

from __future__ import annotations

from typing import Any

from checks.base import Check, Need, NotApplicable, Result, counted
from checks.scratch.places import CLASS, Places
from checks.scratchdb.context import ScratchContext
from checks.targetdb.asking import USER_SCHEMA, short
from checks.verdict import verdict

_TABLES = f"""
SELECT c.oid::bigint AS oid, c.oid::regclass::text AS table, c.relrowsecurity AS is_on,
       (SELECT count(*) FROM pg_policy p WHERE p.polrelid = c.oid) AS policies
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND {USER_SCHEMA} ORDER BY c.oid
"""


def run(context: ScratchContext) -> Result:
    """Failed for policies without effect; a warning for a table that shows nobody any row."""
    places = Places(context)
    found, looked_at = [], 0
    for row in context.rows(_TABLES):
        touched = places.touched_by(row.oid, "policy") or places.touched_by(row.oid, "row level security")
        statement = touched or places.made_by(CLASS, row.oid)
        if statement is None or not (row.is_on or row.policies):
            continue
        looked_at += 1
        message, hint, severity = _fault(row)
        if message:
            found.append(places.finding(statement, message, row.table, hint, severity))
    if not looked_at:
        raise NotApplicable("no pending file touches row security")
    return verdict(found, f"{counted(looked_at, 'table')} with row security, each with policies")


def _fault(row: Any) -> tuple[str, str, str]:
    table = short(row.table)
    if not row.is_on:
        message = f"{table} has {counted(row.policies, 'policy', 'policies')} without effect: row security is off"
        return message, f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY", "error"
    if not row.policies:
        message = f"row security is on for {table} without a policy: only its owner sees a row"
        return message, f"CREATE POLICY … ON {table} USING (…)", "warning"
    return "", "", ""


CHECK = Check(
    id="row-security",
    title="Row security is on where there are policies",
    needs=Need.SCRATCH,
    run=run,
    decides="Looks at tables whose row security or policies pending files make or change. Fails for policies on a "
    "table where row security is off; a warning where it is on and no policy lets anybody see a row.",
    cost="One catalog query in the scratch database, once the files are applied.",
    fix="ENABLE ROW LEVEL SECURITY in the file that makes the policies.",
)
