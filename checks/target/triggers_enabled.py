"""triggers-enabled: no trigger is switched off, neither a team's own nor those behind foreign keys."""

from __future__ import annotations

from typing import Any

from checks.base import Check, Finding, Need, Result, counted
from checks.contexts import TargetContext
from checks.targetdb.asking import USER_SCHEMA, short
from checks.verdict import judged

_TRIGGERS = f"""
SELECT count(*) FILTER (WHERE NOT t.tgisinternal) AS own, count(*) FILTER (WHERE t.tgisinternal) AS internal
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {USER_SCHEMA}
"""
_OFF = f"""
SELECT t.tgname::text AS name, t.tgrelid::regclass::text AS on_table, t.tgisinternal AS internal, t.tgenabled::text AS
       state
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE t.tgenabled IN ('D', 'R') AND {USER_SCHEMA} ORDER BY 2, 1
"""
# A role or database that always runs as a replica fires no ordinary trigger.
_REPLICA = """
SELECT coalesce(r.rolname, 'all roles')::text AS role FROM pg_db_role_setting s LEFT JOIN pg_roles r ON r.oid =
       s.setrole
WHERE EXISTS (SELECT FROM unnest(s.setconfig) AS x WHERE x = 'session_replication_role=replica')
"""


def run(context: TargetContext) -> Result:
    """Failed for each that is off; a warning for one that fires on replicas only."""
    with context.session() as session:
        counts, rows, replicas = session.row(_TRIGGERS), session.rows(_OFF), session.rows(_REPLICA)
    findings = [_finding(row) for row in rows]
    for row in replicas:
        hint = "ALTER ROLE … RESET session_replication_role"
        message = f"sessions of {row.role} fire no trigger: session_replication_role = replica"
        findings.append(Finding(message, row.role, hint=hint, severity="error"))
    return judged(findings, f"{counted(counts.own, 'trigger')} enabled, and {counts.internal} behind foreign keys")


def _finding(row: Any) -> Finding:
    table = short(row.on_table)
    if row.state == "R":
        return Finding(f"trigger {row.name} on {table} fires only on a replica", table, hint="is that meant?")
    what = "a trigger behind a foreign key" if row.internal else f"trigger {row.name}"
    hint = f"ALTER TABLE {table} ENABLE TRIGGER {'ALL' if row.internal else row.name}"
    return Finding(f"{what} on {table} is switched off", table, hint=hint, severity="error")


CHECK = Check(
    id="triggers-enabled",
    title="No trigger is switched off",
    needs=Need.TARGET,
    run=run,
    decides="Passes when every trigger of user tables is enabled, also the internal ones that enforce foreign keys, "
    "and no role runs with session_replication_role = replica. Whether their logic is right is for a person.",
    cost="Three catalog queries; wait for no lock.",
    fix="ALTER TABLE … ENABLE TRIGGER; look for what was written meanwhile.",
)
