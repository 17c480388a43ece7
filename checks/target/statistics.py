"""The database's own statistics since the baseline: cache hits, errors, slow statements."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from checks.base import CannotRun, Finding, Result, counted, evidence, passed, target_check, warning
from checks.contexts import TargetContext
from checks.findings import and_more, ending
from checks.measures import duration, percent, size
from checks.targetdb.asking import number_option
from checks.targetdb.baseline import Difference, difference, statements


@target_check(
    title="Metrics of the database since go",
    decides="Shows commits a second, hit ratio, temporary files, WAL, deadlocks and connections since the baseline; a "
    "person judges them beside the application's metrics.",
    cost="One statistics snapshot; waits for no lock.",
    fix="What stands out: slow-queries, seq-scans and blocking look closer.",
    also=("baseline",),
)
def performance(context: TargetContext) -> Result:
    since = difference(context)
    seconds = max(since.seconds, 1.0)
    commits, hits = since.counter("xact_commit"), since.counter("blks_hit")
    parts = [
        f"{commits / seconds:.1f} commits a second",
        f"hit ratio {percent(hits, hits + since.counter('blks_read'))}",
        f"{since.counter('temp_files')} temporary files ({size(since.counter('temp_bytes'))})",
        f"{since.counter('deadlocks')} deadlocks",
        f"{since.now['connections']['used']} connections ({since.before['connections'].get('used', 0)} before go)",
    ]
    if since.now.get("wal"):
        parts.insert(3, f"WAL {size(since.counter('wal_bytes', 'wal'))}")
    reset = " (statistics were reset meanwhile)" if since.was_reset else ""
    return evidence(f"in {duration(since.seconds)}: {', '.join(parts)}{reset}")


# Fewer blocks than these say nothing about a ratio.
_ENOUGH = 10_000


@target_check(
    title="Blocks come from memory",
    decides="Compares blocks hit and read since the baseline; a warning below 98 % (`percent`). The totals since the "
    "counters began say nothing about this deployment and are not used.",
    cost="One statistics snapshot; waits for no lock.",
    fix="Find the query that reads (slow-queries, seq-scans); enlarge shared_buffers only when it is a habit.",
    also=("baseline",),
)
def cache_hits(context: TargetContext) -> Result:
    limit = number_option(context, "percent", 98)
    since = difference(context)
    hits, reads = since.counter("blks_hit"), since.counter("blks_read")
    shown = f"hit ratio {percent(hits, hits + reads)} of {hits + reads} blocks in {duration(since.seconds)}"
    if hits + reads < _ENOUGH:
        return evidence(f"{shown}: too few to tell")
    if 100 * hits < limit * (hits + reads):
        hint = "which query reads? ask slow-queries and seq-scans; a cold cache after a restart warms up by itself"
        return warning(f"{shown}, limit {limit:g} %", [Finding(shown, "shared buffers", hint=hint)], hint)
    return passed(f"{shown}, limit {limit:g} %")


@target_check(
    title="Signs of errors in the database",
    decides="Shows deadlocks, rolled back transactions and broken sessions since the baseline, for a person to read "
    "beside the logs. A warning for a deadlock or a share of rollbacks that doubled and is above 5 % "
    "(`rollback_percent`); failed for a checksum failure.",
    cost="One statistics snapshot; waits for no lock.",
    fix="Look at the server's and the application's log of that time.",
    also=("baseline",),
)
def error_signs(context: TargetContext) -> Result:
    since = difference(context)
    limit = number_option(context, "rollback_percent", 5)
    commits, rollbacks = since.counter("xact_commit"), since.counter("xact_rollback")
    shown = (
        f"{counted(since.counter('deadlocks'), 'deadlock')}, {rollbacks} of {commits + rollbacks} transactions rolled "
        f"back ({percent(rollbacks, commits + rollbacks)}), "
        f"{counted(since.counter('sessions_fatal'), 'session')} ended by an error in {duration(since.seconds)}"
    )
    found = list(_sign_findings(since, rollbacks, commits, limit))
    return ending(found, f"{found[0].message}; {shown}" if found else "", evidence(shown))


def _sign_findings(since: Difference, rollbacks: int, commits: int, limit: float) -> Iterator[Finding]:
    if bad := since.counter("checksum_failures"):
        hint = "a disk or memory fault: keep the server's log, restore the page from the backup"
        yield Finding(f"{counted(bad, 'checksum failure')}", "data pages", hint=hint, severity="error")
    if deadlocks := since.counter("deadlocks"):
        hint = "the server's log names both statements of each"
        yield Finding(f"{counted(deadlocks, 'deadlock')} since the baseline", "deadlocks", hint=hint)
    # A few of a quiet database are a large share and no sign.
    is_large = rollbacks > 500 and 100 * rollbacks > limit * (rollbacks + commits)
    before = since.before["database"]
    usual = float(before.get("xact_rollback", 0)) / max(1, int(before.get("xact_commit", 0)))
    if is_large and usual * 2 < rollbacks / max(1, commits):
        message = f"{percent(rollbacks, rollbacks + commits)} of transactions are rolled back"
        yield Finding(message, "rollbacks", hint="the application's log says why")


_MEND = "shared_preload_libraries = 'pg_stat_statements' (restart), then CREATE EXTENSION pg_stat_statements"


@target_check(
    title="Statements that got slower",
    decides="Shows statements that are twice as slow on average as before go (`ratio`), or new, and take 50 ms or more "
    "(`milliseconds`); without a baseline the one that takes most time. A person reads it.",
    cost="One query of pg_stat_statements; waits for no lock.",
    fix="EXPLAIN the statement; compare its plan with that of the environment before.",
    also=("baseline",),
)
def slow_queries(context: TargetContext) -> Result:
    """Evidence: statements that are `ratio` (2) times slower or new, and slower than `milliseconds` (50) on average."""
    slow, ratio = number_option(context, "milliseconds", 50), number_option(context, "ratio", 2)
    with context.session() as session:
        now = statements(session)
    if now is None:
        raise CannotRun(f"pg_stat_statements is not installed on {context.name}", _MEND)
    before = (context.inputs.baseline or {}).get("statements")
    if not isinstance(before, Mapping):
        return evidence(f"{_top(now)} (totals: no baseline to compare with)")
    found = sorted(_slower(before, now, slow, ratio), key=lambda finding: finding.message)
    if found:
        return evidence(f"{found[0].message}{and_more(found)}", found, found[0].hint)
    return evidence(f"{counted(len(now), 'statement')}, none {ratio:g} times slower than before go; {_top(now)}")


def _slower(before: Mapping[str, Any], now: Mapping[str, Any], slow: float, ratio: float) -> Iterator[Finding]:
    for queryid, row in now.items():
        old = before.get(queryid, {"calls": 0, "total_ms": 0})
        calls, total = row["calls"] - old["calls"], row["total_ms"] - old["total_ms"]
        mean = total / calls if calls > 0 else 0.0
        was = old["total_ms"] / old["calls"] if old["calls"] else 0.0
        if mean >= slow and mean >= ratio * was:
            against = f"{mean:.0f} ms, was {was:.0f} ms" if old["calls"] else f"{mean:.0f} ms, new"
            message = f"{against}, {counted(calls, 'call')}: {row['query']}"
            yield Finding(message, f"queryid {queryid}", hint="EXPLAIN it: is an index missing or no longer used?")


def _top(now: Mapping[str, Any]) -> str:
    if not now:
        return "no statement recorded yet"
    row = max(now.values(), key=lambda row: row["total_ms"])
    total, calls = row["total_ms"], row["calls"]
    each = f"{total / max(calls, 1):.0f} ms"
    return f"most time: {duration(total / 1000)} in {counted(calls, 'call')} of {each}: {row['query']}"
