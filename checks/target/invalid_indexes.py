"""invalid-indexes: no index was left INVALID; one made since go is a failure."""

from __future__ import annotations

from typing import Any

from checks.base import Check, Finding, Need, Result
from checks.baseline_read import INVALID
from checks.contexts import TargetContext
from checks.targetdb.asking import short
from checks.verdict import judged

_ALL = "SELECT count(*) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indexrelid >= 16384"


def run(context: TargetContext) -> Result:
    """Without a baseline every invalid index is a failure."""
    with context.session() as session:
        rows, indexes = session.rows(INVALID), session.value(_ALL)
    known = (context.inputs.baseline or {}).get("invalid_indexes")
    old = set(known) if isinstance(known, dict) else set()
    found = [_finding(row, row.name in old) for row in rows]
    return judged(found, f"{indexes} indexes, none invalid", f"{len(rows)} of {indexes} invalid")


def _finding(row: Any, is_old: bool) -> Finding:
    since = "since before go" if is_old else "left by an interrupted CREATE INDEX CONCURRENTLY or REINDEX"
    hint = f"DROP INDEX CONCURRENTLY {short(row.name)}; and build it again"
    message = f"index {short(row.name)} on {short(row.on_table)} is invalid, {since}"
    return Finding(message, short(row.name), hint=hint, severity="warning" if is_old else "error")


CHECK = Check(
    id="invalid-indexes",
    title="No index is invalid",
    needs=Need.TARGET,
    run=run,
    decides="Passes when every index is valid and ready; one that is being built now does not count, one that was "
    "invalid before go is a warning.",
    cost="One catalog query; waits for no lock.",
    fix="Drop it with DROP INDEX CONCURRENTLY, find out why it failed (a duplicate key, a deadlock), build it again.",
)
