"""unique-indexes-valid: every unique index is valid, so that what it promises holds."""

from __future__ import annotations

from typing import Any

from checks.base import Check, Finding, Need, Result, counted, evidence
from checks.contexts import TargetContext
from checks.targetdb.asking import USER_SCHEMA, short
from checks.verdict import judged

_UNIQUE = f"""
SELECT c.oid::regclass::text AS name, i.indrelid::regclass::text AS on_table, i.indisvalid AND i.indisready AS valid,
       EXISTS (SELECT FROM pg_stat_progress_create_index p WHERE p.index_relid = i.indexrelid) AS building
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE i.indisunique AND {USER_SCHEMA} ORDER BY 1
"""


def run(context: TargetContext) -> Result:
    """Failed for an invalid one that is not being built; else evidence."""
    rows = context.rows(_UNIQUE)
    findings = [_finding(row) for row in rows if not row.valid and not row.building]
    building = sum(row.building for row in rows)
    shown = f"{counted(len(rows), 'unique index', 'unique indexes')}, {building} being built, the others valid"
    return judged(findings, evidence(f"{shown}; rows are not read"))


def _finding(row: Any) -> Finding:
    name = short(row.name)
    hint = f"look for duplicates in {short(row.on_table)}, DROP INDEX CONCURRENTLY {name}, build it again"
    message = f"unique index {name} on {short(row.on_table)} is invalid: duplicates may be there"
    return Finding(message, name, hint=hint, severity="error")


CHECK = Check(
    id="unique-indexes-valid",
    title="Unique indexes hold",
    needs=Need.TARGET,
    run=run,
    decides="Fails for a unique index that is invalid and not being built. Else it is evidence: no row is read; where "
    "amcheck is installed, bt_index_check looks into the index itself.",
    cost="One catalog query; waits for no lock.",
    fix="Remove the duplicates, drop the index, build it again with CONCURRENTLY.",
)
