"""Indexes: none is invalid, which are read, and which are missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from checks.base import CannotRun, Finding, Result, counted, evidence, target_check
from checks.contexts import TargetContext
from checks.findings import judged
from checks.measures import duration, size
from checks.sql import mends
from checks.targetdb.asking import USER_SCHEMA, number_option, short
from checks.targetdb.baseline import INDEXES, INVALID, TIED, Difference, difference

_ALL = "SELECT count(*) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indexrelid >= 16384"


@target_check(
    title="No index is invalid",
    decides="Passes when every index is valid and ready; one that is being built now does not count, one that was "
    "invalid before go is a warning.",
    cost="One catalog query; waits for no lock.",
    fix="Drop it with DROP INDEX CONCURRENTLY, find out why it failed (a duplicate key, a deadlock), build it again.",
)
def invalid_indexes(context: TargetContext) -> Result:
    """Without a baseline every invalid index is a failure."""
    with context.session() as session:
        rows, indexes = session.rows(INVALID), session.value(_ALL)
    known = (context.inputs.baseline or {}).get("invalid_indexes")
    old = set(known) if isinstance(known, dict) else set()
    found = [_invalid(row, row.name in old) for row in rows]
    return judged(found, f"{indexes} indexes, none invalid", f"{len(rows)} of {indexes} invalid")


def _invalid(row: Any, is_old: bool) -> Finding:
    since = "since before go" if is_old else "left by an interrupted CREATE INDEX CONCURRENTLY or REINDEX"
    hint = mends.rebuild(row.name, row.is_tied)
    message = f"index {short(row.name)} on {short(row.on_table)} is invalid, {since}"
    return Finding(message, short(row.name), hint=hint, severity="warning" if is_old else "error")


_UNIQUE = f"""
SELECT c.oid::regclass::text AS name, i.indrelid::regclass::text AS on_table, i.indisvalid AND i.indisready AS valid,
       EXISTS (SELECT FROM pg_stat_progress_create_index p WHERE p.index_relid = i.indexrelid) AS building,
       {TIED} AS is_tied, coalesce(k.conname, '')::text AS constraint, CASE WHEN c.relkind = 'I' AND NOT i.indisvalid
         THEN coalesce(pg_get_constraintdef(k.oid), pg_get_indexdef(c.oid)) ELSE '' END AS definition
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_constraint k ON k.conindid = c.oid AND k.contype <> 'f'
WHERE i.indisunique AND {USER_SCHEMA} ORDER BY 1
"""


@target_check(
    title="Unique indexes hold",
    decides="Fails for a unique index that is invalid and not being built. Else it is evidence: no row is read; where "
    "amcheck is installed, bt_index_check looks into the index itself.",
    cost="One catalog query; waits for no lock.",
    fix="Remove the duplicates, drop the index, build it again with CONCURRENTLY.",
)
def unique_indexes_valid(context: TargetContext) -> Result:
    rows = context.rows(_UNIQUE)
    findings = [_invalid_unique(row) for row in rows if not row.valid and not row.building]
    building = sum(row.building for row in rows)
    shown = f"{counted(len(rows), 'unique index', 'unique indexes')}, {building} being built, the others valid"
    return judged(findings, evidence(f"{shown}; rows are not read"))


def _invalid_unique(row: Any) -> Finding:
    name, hint = short(row.name), mends.rebuild(row.name, row.is_tied)
    if row.definition:
        hint = mends.complete_index(row.name, row.on_table, row.constraint, row.definition)
    message = f"unique index {name} on {short(row.on_table)} is invalid: duplicates may be there"
    return Finding(message, name, hint=hint, severity="error")


_SINCE = """
SELECT extract(epoch FROM now() - coalesce(stats_reset, pg_postmaster_start_time()))::float AS seconds
FROM pg_stat_database WHERE datname = current_database()
"""
# Below these a counter that stands still says nothing.
_OFTEN, _END_TO_END = 100, 50


@target_check(
    title="Which indexes are used",
    decides="Since the baseline: a warning for a new index that nothing has read, and for one that was read before go "
    "and is not, while its table is read from end to end; else passed, with how many were never read. Unique ones and "
    "those of foreign keys never count, a standby has counters of its own. Without a baseline it is evidence, from "
    "counters of at least 7 days (`days`).",
    cost="A statistics snapshot; waits for no lock.",
    fix="An index that nobody reads costs each write: drop it with CONCURRENTLY, after asking the standbys.",
)
def index_usage(context: TargetContext) -> Result:
    if not isinstance((context.inputs.baseline or {}).get("indexes"), Mapping):
        return _usage_in_all(context)
    since = difference(context)
    unread = [name for name in since.now["indexes"] if not _scans(since, name)]
    total = size(sum(since.now["indexes"][name]["bytes"] for name in unread))
    shown = f"{len(unread)} of {counted(len(since.now['indexes']), 'index', 'indexes')} never read since go ({total}), "
    shown += f"{duration(since.seconds)} ago{since.reset_words}"
    return judged(_usage_findings(since, unread), shown, shown)


def _scans(since: Difference, name: str) -> int:
    """Since go; since the reset, where the counters went back."""
    before, now = since.before["indexes"].get(name, {}).get("scans", 0), since.now["indexes"][name]["scans"]
    return int(now - before) if now >= before else int(now)


def _usage_findings(since: Difference, unread: Sequence[str]) -> Iterator[Finding]:
    for name in unread:
        table = since.now["indexes"][name]["on_table"]
        old, read = since.before["indexes"].get(name), since.table(table, "seq_scan")
        if old is None:
            message = f"the new index {short(name)} on {short(table)} is not read"
            yield Finding(message, short(name), hint="look at the plan of its query; ask the standbys too")
        elif old["scans"] >= _OFTEN and read >= _END_TO_END:
            message = f"index {short(name)} was read before go and is not since"
            message += f"; {short(table)} was read from end to end {read} times"
            yield Finding(message, short(name), hint=f"ANALYZE {table}; -- then EXPLAIN its query")


def _usage_in_all(context: TargetContext) -> Result:
    """Evidence; says when the counters are too young to tell."""
    young = number_option(context, "days", 7) * 86400
    with context.session() as session:
        seconds, found = session.value(_SINCE), session.rows(INDEXES)
    age = f"counters {duration(seconds)} old"
    if seconds < young:
        return evidence(f"{counted(len(found), 'index', 'indexes')}; {age}, too young to call one unused")
    rows = [row for row in found if not row.scans]
    total = size(sum(row.bytes for row in rows))
    shown = f"{len(rows)} of {len(found)} indexes never read ({total}), {age}; standbys count apart"
    return evidence(shown, [_unread(row, seconds) for row in rows[:20]])


def _unread(row: Any, seconds: float) -> Finding:
    message = f"index {short(row.name)} on {short(row.on_table)} ({size(row.bytes)}) not read in {duration(seconds)}"
    hint = "ask the standbys too before it is dropped"
    return Finding(message, short(row.name), hint=hint, severity="info")


# An index counts when it begins with the key's columns in any order, and is whole or leaves out only NULLs.
_NO_INDEX = f"""
SELECT c.conrelid::regclass::text AS name, c.conname::text AS constraint,
       (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY k.n) FROM unnest(c.conkey) WITH ORDINALITY AS k(num, n)
        JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.num) AS columns,
       ARRAY(WITH RECURSIVE below AS (
         SELECT c.conrelid AS oid WHERE t.relkind = 'p'
         UNION ALL SELECT i.inhrelid FROM below JOIN pg_inherits i ON i.inhparent = below.oid
       ) SELECT x.oid::regclass::text FROM below JOIN pg_class x ON x.oid = below.oid AND x.relkind = 'r' ORDER BY 1)
         AS leaves
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


@target_check(
    title="Large tables read from end to end",
    decides="Shows tables of 10,000 rows (`rows`) or more that are read more often from end to end than by an index, "
    "and foreign keys without an index. Which index helps is for a person.",
    cost="Statistics and catalog queries; wait for no lock.",
    fix="CREATE INDEX CONCURRENTLY where the query deserves it.",
)
def seq_scans(context: TargetContext) -> Result:
    """Evidence: since the baseline where there is one, else since the counters began."""
    large = number_option(context, "rows", 10_000)
    keys = context.rows(_NO_INDEX)
    scanned, since = _scanned(context)
    tables = [row for row in scanned if row["rows"] >= large and row["seq"] >= 50 and row["seq"] > row["idx"]]
    found = [*map(_heavy, tables), *map(_unindexed_key, keys)]
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


def _heavy(row: dict[str, Any]) -> Finding:
    message = f"{short(row['name'])} ({row['rows']} rows): {row['seq']} sequential scans, {row['idx']} by index"
    return Finding(message, short(row["name"]), hint="which query? slow-queries names those that take most time")


def _unindexed_key(row: Any) -> Finding:
    message = f"foreign key {row.constraint} has no index on {short(row.name)} ({row.columns})"
    return Finding(message, short(row.name), hint=mends.index(row.name, row.columns, row.leaves))
