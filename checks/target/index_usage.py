"""index-usage: indexes that nobody read since the statistics began."""

from __future__ import annotations

from typing import Any

from checks.base import Check, Finding, Need, Result, counted, evidence
from checks.contexts import TargetContext
from checks.measures import duration, size
from checks.targetdb.asking import number_option, short

# Never unique ones, nor the only one that a foreign key can use: those work without being scanned.
_UNUSED = """
SELECT s.indexrelid::regclass::text AS name, s.relid::regclass::text AS on_table,
       c.relpages::bigint * current_setting('block_size')::int AS bytes
FROM pg_stat_user_indexes s JOIN pg_class c ON c.oid = s.indexrelid JOIN pg_index i ON i.indexrelid = s.indexrelid
WHERE s.idx_scan = 0 AND i.indisvalid AND NOT i.indisunique AND NOT i.indisexclusion AND NOT c.relispartition
  AND NOT EXISTS (SELECT FROM pg_constraint f WHERE f.contype = 'f' AND f.conrelid = i.indrelid
                  AND f.conkey[1] = i.indkey[0]) ORDER BY 3 DESC, 1
"""
_SINCE = """
SELECT extract(epoch FROM now() - coalesce(stats_reset, pg_postmaster_start_time()))::float AS seconds,
       (SELECT count(*) FROM pg_stat_user_indexes) AS indexes, pg_is_in_recovery() AS standby
FROM pg_stat_database WHERE datname = current_database()
"""


def run(context: TargetContext) -> Result:
    """Evidence; says when the counters are too young to tell (`days`, 7)."""
    young = number_option(context, "days", 7) * 86400
    with context.session() as session:
        since, rows = session.row(_SINCE), session.rows(_UNUSED)
    age = f"counters {duration(since.seconds)} old"
    if since.seconds < young:
        return evidence(f"{counted(since.indexes, 'index', 'indexes')}; {age}, too young to call one unused")
    found = [_finding(row, since.seconds) for row in rows[:20]]
    total = size(sum(row.bytes for row in rows))
    return evidence(f"{len(rows)} of {since.indexes} indexes never read ({total}), {age}; standbys count apart", found)


def _finding(row: Any, seconds: float) -> Finding:
    message = f"index {short(row.name)} on {short(row.on_table)} ({size(row.bytes)}) not read in {duration(seconds)}"
    hint = "ask the standbys too before DROP INDEX CONCURRENTLY"
    return Finding(message, short(row.name), hint=hint, severity="info")


CHECK = Check(
    id="index-usage",
    title="Which indexes are used",
    needs=Need.TARGET,
    run=run,
    decides="Shows indexes without a scan since the counters began, at least 7 days (`days`). Unique ones and those of "
    "foreign keys never count. A standby has counters of its own.",
    cost="Two statistics queries; wait for no lock.",
    fix="An index that nobody reads costs each write: drop it with CONCURRENTLY, after asking the standbys.",
)
