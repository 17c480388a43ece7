"""materialized-views-populated: every materialized view has been filled, and can be refreshed without a lock."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from checks.base import Check, Finding, Need, NotApplicable, Result, counted
from checks.contexts import TargetContext
from checks.targetdb.asking import USER_SCHEMA, short
from checks.verdict import judged

VIEWS = f"""
SELECT c.oid::regclass::text AS name, c.relispopulated AS populated, coalesce(s.n_live_tup, 0) AS rows,
       EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisunique AND i.indisvalid AND i.indimmediate
               AND i.indpred IS NULL AND i.indexprs IS NULL) AS concurrently
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_stat_user_tables s ON s.relid = c.oid
WHERE c.relkind = 'm' AND {USER_SCHEMA} ORDER BY 1
"""


def run(context: TargetContext) -> Result:
    """Failed for a view that was never filled; a warning for one that only a locking REFRESH can renew."""
    rows = context.rows(VIEWS)
    if not rows:
        raise NotApplicable(f"{context.name} has no materialized view")
    filled = sum(row.populated for row in rows)
    shown = f"{filled} of {counted(len(rows), 'materialized view')} populated"
    return judged(_findings(rows), f"{shown}, all can be refreshed CONCURRENTLY", shown)


def _findings(rows: list[Any]) -> Iterator[Finding]:
    for row in rows:
        name = short(row.name)
        if not row.populated:
            hint = f"REFRESH MATERIALIZED VIEW {name}"
            yield Finding(f"{name} was never filled: reading it fails", name, hint=hint, severity="error")
        elif not row.concurrently:
            message = f"{name} has no unique index over whole columns: a refresh locks readers out"
            yield Finding(message, name, hint=f"CREATE UNIQUE INDEX CONCURRENTLY ON {name} (…)")


CHECK = Check(
    id="materialized-views-populated",
    title="Materialized views are filled",
    needs=Need.TARGET,
    run=run,
    decides="Passes when each materialized view is populated and has a unique index, so that REFRESH … CONCURRENTLY "
    "works. PostgreSQL does not keep the time of a refresh: see materialized-views-fresh.",
    cost="One catalog query; waits for no lock.",
    fix="REFRESH MATERIALIZED VIEW, with CONCURRENTLY where it is filled already.",
)
