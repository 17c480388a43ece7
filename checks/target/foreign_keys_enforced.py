"""foreign-keys-enforced: every foreign key is validated, and its triggers are on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from checks.base import Check, Finding, Need, Result, counted, evidence
from checks.contexts import TargetContext
from checks.targetdb.asking import USER_SCHEMA, short
from checks.verdict import judged

if TYPE_CHECKING:
    from checks.targetdb.session import Session

CONSTRAINTS = f"""
SELECT c.conname::text AS name, c.conrelid::regclass::text AS on_table, c.convalidated AS validated,
       {{enforced}} AS enforced,
       (SELECT count(*) FROM pg_trigger t WHERE t.tgconstraint = c.oid AND t.tgenabled = 'D') AS disabled
FROM pg_constraint c JOIN pg_class r ON r.oid = c.conrelid JOIN pg_namespace n ON n.oid = r.relnamespace
WHERE c.contype = %s AND {USER_SCHEMA} ORDER BY 2, 1
"""


def run(context: TargetContext) -> Result:
    """Failed for triggers that are off, a warning for NOT VALID and NOT ENFORCED; else evidence."""
    with context.session() as session:
        rows = read_constraints(session, "f")
    shown = f"{counted(len(rows), 'foreign key')}, all validated, enforced, their triggers on"
    return judged(findings_of(rows), evidence(f"{shown}; rows are not read"))


def read_constraints(session: Session, kind: str) -> list[Any]:
    """Constraints of one kind: `f`, `c`, `u`, `p`. NOT ENFORCED came with 18."""
    enforced = "c.conenforced" if session.server_version >= 180000 else "true"
    return session.rows(CONSTRAINTS.format(enforced=enforced), [kind])


def findings_of(rows: list[Any]) -> Iterator[Finding]:
    """What keeps a constraint from holding for every row."""
    for row in rows:
        table, where = short(row.on_table), f"{row.name} on {short(row.on_table)}"
        if row.disabled:
            hint = f"ALTER TABLE {table} ENABLE TRIGGER ALL; rows changed meanwhile were not checked"
            yield Finding(f"{where} is switched off by disabled triggers", table, hint=hint, severity="error")
        if not row.enforced:
            yield Finding(f"{where} is NOT ENFORCED", table, hint=f"ALTER TABLE {table} ALTER CONSTRAINT … ENFORCED")
        elif not row.validated:
            yield Finding(f"{where} is NOT VALID", table, hint=f"ALTER TABLE {table} VALIDATE CONSTRAINT {row.name}")


CHECK = Check(
    id="foreign-keys-enforced",
    title="Foreign keys hold",
    needs=Need.TARGET,
    run=run,
    decides="Fails for a foreign key whose internal triggers are disabled; warns of NOT VALID and NOT ENFORCED. Else "
    "it is evidence: no row is read.",
    cost="One catalog query; waits for no lock.",
    fix="Enable the triggers, find rows without a parent, then VALIDATE CONSTRAINT, which lets writers go on.",
)
