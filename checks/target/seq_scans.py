"""seq-scans: large tables that are read from end to end, and foreign keys without an index."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from checks.base import CannotRun, Check, Finding, Need, Result, counted, evidence
from checks.baseline import difference
from checks.contexts import TargetContext
from checks.targetdb.asking import USER_SCHEMA, number_option, short

# An index counts when it begins with the key's columns in any order, and is whole or leaves out only NULLs.
_NO_INDEX = f"""
SELECT c.conrelid::regclass::text AS name, c.conname::text AS constraint,
       (SELECT string_agg(a.attname, ', ' ORDER BY k.n) FROM unnest(c.conkey) WITH ORDINALITY AS k(num, n)
        JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.num) AS columns
FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid JOIN pg_namespace n ON n.oid = t.relnamespace
WHERE c.contype = 'f' AND c.conparentid = 0 AND {USER_SCHEMA}
  AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.conrelid AND i.indisvalid AND i.indpred IS NULL
                  AND (i.indkey::int2[])[0:cardinality(c.conkey) - 1] @> c.conkey)
  AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.conrelid AND i.indisvalid
                  AND cardinality(c.conkey) = 1 AND i.indkey[0] = c.conkey[1]) ORDER BY 1, 2
"""
_TABLES = """
SELECT relid::regclass::text AS name, seq_scan, seq_tup_read, coalesce(idx_scan, 0) AS idx_scan, n_live_tup AS rows
FROM pg_stat_user_tables WHERE seq_scan > 0 ORDER BY seq_tup_read DESC LIMIT 200
"""


def run(context: TargetContext) -> Result:
    """Evidence: since the baseline where there is one, else since the counters began."""
    large = number_option(context, "rows", 10_000)
    with context.session() as session:
        keys = session.rows(_NO_INDEX)
    scanned, since = _scanned(context)
    tables = [row for row in scanned if row["rows"] >= large and row["seq"] >= 50 and row["seq"] > row["idx"]]
    found = [*_heavy(tables), *map(_key, keys)]
    shown = f"{counted(len(tables), 'large table')} mostly read from end to end {since}, "
    shown += counted(len(keys), "foreign key") + " without an index"
    return evidence(f"{shown}: {found[0].message}" if found else shown, found, found[0].hint if found else "")


def _scanned(context: TargetContext) -> tuple[list[dict[str, Any]], str]:
    try:
        since = difference(context)
    except CannotRun:
        rows = context.rows(_TABLES)
        return [{"name": r.name, "rows": r.rows, "seq": r.seq_scan, "idx": r.idx_scan} for r in rows], "in all"
    return [
        {"name": n, "rows": t["rows"], "seq": since.table(n, "seq_scan"), "idx": since.table(n, "idx_scan")}
        for n, t in since.now["tables"].items()
    ], "since go"


def _heavy(tables: list[dict[str, Any]]) -> Iterator[Finding]:
    for row in tables:
        message = f"{short(row['name'])} ({row['rows']} rows): {row['seq']} sequential scans, {row['idx']} by index"
        yield Finding(message, short(row["name"]), hint="which query? slow-queries names those that take most time")


def _key(row: Any) -> Finding:
    message = f"foreign key {row.constraint} has no index on {short(row.name)} ({row.columns})"
    return Finding(message, short(row.name), hint=f"CREATE INDEX CONCURRENTLY ON {short(row.name)} ({row.columns})")


CHECK = Check(
    id="seq-scans",
    title="Large tables read from end to end",
    needs=Need.TARGET,
    run=run,
    decides="Shows tables of 10,000 rows (`rows`) or more that are read more often from end to end than by an index, "
    "and foreign keys without an index. Which index helps is for a person.",
    cost="Statistics and catalog queries; wait for no lock.",
    fix="CREATE INDEX CONCURRENTLY where the query deserves it.",
)
