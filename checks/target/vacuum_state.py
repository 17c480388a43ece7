"""vacuum-state: tables that want VACUUM or ANALYZE, which a migration that rewrites or fills them leaves behind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from checks.base import Check, Finding, Need, Result, counted
from checks.contexts import TargetContext
from checks.targetdb.asking import number_option, short
from checks.verdict import judged

_TABLES = """
SELECT relid::regclass::text AS name, n_live_tup AS live, n_dead_tup AS dead, n_mod_since_analyze AS changed,
       greatest(last_analyze, last_autoanalyze) IS NOT NULL AS analyzed,
       (SELECT reltuples FROM pg_class WHERE oid = relid) >= 0 AS known
FROM pg_stat_user_tables ORDER BY n_dead_tup DESC, 1
"""


def run(context: TargetContext) -> Result:
    """A warning for tables without statistics and for many dead rows."""
    share = number_option(context, "dead_percent", 20)
    rows = context.rows(_TABLES)
    found = [finding for row in rows for finding in _findings(row, share)]
    dead = sum(row.dead for row in rows)
    shown = f"{counted(len(rows), 'table')}, {dead} dead rows"
    return judged(found, f"{shown}, none wants VACUUM or ANALYZE", shown)


def _findings(row: Any, share: float) -> Iterator[Finding]:
    name = short(row.name)
    if row.live > 1000 and not row.analyzed and row.changed >= row.live:
        yield Finding(f"{name} ({row.live} rows) was never analyzed", name, hint=f"ANALYZE {name}")
    if row.dead > 1000 + row.live * share / 100:
        message = f"{name} has {row.dead} dead rows beside {row.live}"
        yield Finding(message, name, hint=f"VACUUM (ANALYZE) {name}")


CHECK = Check(
    id="vacuum-state",
    title="Tables are vacuumed and analyzed",
    needs=Need.TARGET,
    run=run,
    decides="A warning for tables of more than 1,000 rows that were never analyzed, and for more dead rows than 1,000 "
    "plus 20 % (`dead_percent`) of the live ones.",
    cost="One statistics query; waits for no lock.",
    fix="VACUUM (ANALYZE, SKIP_LOCKED) on the tables named, by their owner; autovacuum follows by itself later.",
)
