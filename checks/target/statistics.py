"""The database's own statistics since the baseline: cache hits, errors, slow statements."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from checks.base import CannotRun, Finding, Result, counted, evidence, passed, target_check, warning
from checks.contexts import TargetContext
from checks.findings import ending, judged
from checks.measures import duration, percent, size
from checks.targetdb.asking import number_option
from checks.targetdb.baseline import Difference, difference, statements


@target_check(
    title="Metrics of the database since go",
    decides="Passes when nothing is twice (`ratio`) what it was before go: time of a statement, blocks read and "
    "temporary bytes of a commit, connections; a warning with the number for what is, and for a deadlock. Below 100 "
    "commits it is evidence.",
    cost="One statistics snapshot; waits for no lock.",
    fix="What stands out: slow-queries, seq-scans and blocking look closer.",
    also=("baseline",),
)
def performance(context: TargetContext) -> Result:
    since, limit = difference(context), number_option(context, "ratio", 2)
    seconds, commits, hits = max(since.seconds, 1.0), since.counter("xact_commit"), since.counter("blks_hit")
    parts = [
        f"{commits / seconds:.1f} commits a second",
        *_statement_time(since),
        f"hit ratio {percent(hits, hits + since.counter('blks_read'))}",
        f"{since.counter('temp_files')} temporary files ({size(since.counter('temp_bytes'))})",
        counted(since.counter("deadlocks"), "deadlock"),
        f"{since.now['connections']['used']} connections ({since.before['connections'].get('used', 0)} before go)",
    ]
    if since.now.get("wal"):
        parts.insert(3, f"WAL {size(since.counter('wal_bytes', 'wal'))}")
    shown = f"in {duration(since.seconds)}: {', '.join(parts)}{since.reset_words}"
    enough = passed(shown) if commits >= _ENOUGH_COMMITS else evidence(f"{shown}: too few commits to tell")
    return judged(_worse(since, limit), enough, shown)


# Fewer commits than these say nothing about an average.
_ENOUGH_COMMITS = 100


def _statement_time(since: Difference) -> list[str]:
    """`2.1 ms a statement, ×1.04`; nothing without pg_stat_statements on both sides."""
    was, mean = _mean_times(since)
    return [f"{mean:.1f} ms a statement, ×{mean / was:.2f}"] if was and mean else []


def _mean_times(since: Difference) -> tuple[float, float]:
    """Milliseconds of a statement on average, before go and since; 0 where nothing is known."""
    before, now = since.before.get("statements") or {}, since.now.get("statements") or {}
    grown = [_grown(before.get(queryid), row) for queryid, row in now.items() if queryid in before]
    was = _mean(sum(row["calls"] for row in before.values()), sum(row["total_ms"] for row in before.values()))
    return was, _mean(sum(calls for calls, _ in grown), sum(total for _, total in grown))


def _mean(calls: int, total: float) -> float:
    return total / calls if calls else 0.0


def _worse(since: Difference, limit: float) -> Iterator[Finding]:
    """What is `limit` times what it was, and large enough to be felt."""
    if deadlocks := since.counter("deadlocks"):
        hint = "the server's log names both statements of each"
        yield Finding(f"{counted(deadlocks, 'deadlock')} since the baseline", "deadlocks", hint=hint)
    used, usual = since.now["connections"]["used"], since.before["connections"].get("used", 0)
    measured = [("ms a statement", *_mean_times(since), 5.0), ("connections", usual, used, 20.0)]
    if since.counter("xact_commit") >= _ENOUGH_COMMITS:
        columns = (("blocks read a commit", "blks_read", 50.0), ("temporary bytes a commit", "temp_bytes", 1e5))
        measured += [(words, *_a_commit(since, name), least) for words, name, least in columns]
    for words, was, now, least in measured:
        if now >= least and now >= limit * was:
            hint = "slow-queries, seq-scans and connections look closer"
            times = f" ×{now / was:.1f}" if was else ""
            yield Finding(f"{words}{times}: {now:.0f}, was {was:.0f}", words, hint=hint)


def _a_commit(since: Difference, name: str) -> tuple[float, float]:
    """A counter by commits, before go and since."""
    before, commits = since.before["database"], since.counter("xact_commit")
    return before.get(name, 0) / max(1, before.get("xact_commit", 0)), since.counter(name) / max(1, commits)


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
    decides="Passes with the numbers when there is no sign: deadlocks, rolled back transactions and broken sessions "
    "since the baseline. A warning for a deadlock or a share of rollbacks that doubled and is above 5 % "
    "(`rollback_percent`); failed for a checksum failure. The logs themselves are for a probe.",
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
        f"{since.reset_words}"
    )
    found = list(_sign_findings(since, rollbacks, commits, limit))
    return ending(found, f"{found[0].message}; {shown}" if found else "", passed(shown))


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
    decides="Passes when no statement that ran 5 times (`calls`) since go takes 50 ms or more (`milliseconds`) and "
    "twice (`ratio`) the average of before; a warning for one that does, or is new. Without a baseline the statement "
    "that takes most time is evidence. What gonogo itself asks never counts.",
    cost="One query of pg_stat_statements; waits for no lock.",
    fix="EXPLAIN the statement; compare its plan with that of the environment before.",
    also=("baseline",),
)
def slow_queries(context: TargetContext) -> Result:
    """The statements of the migration itself run once, so that `calls` leaves them out."""
    slow, ratio = number_option(context, "milliseconds", 50), number_option(context, "ratio", 2)
    least = number_option(context, "calls", 5)
    with context.session() as session:
        now = statements(session)
    if now is None:
        raise CannotRun(f"pg_stat_statements is not installed on {context.name}", _MEND)
    before = (context.inputs.baseline or {}).get("statements")
    if not isinstance(before, Mapping):
        return evidence(f"{_top(now)} (totals: no baseline to compare with)")
    found = sorted(_slower(before, now, slow, ratio, least), key=lambda finding: finding.message)
    good = f"{counted(len(now), 'statement')}, none {ratio:g} times slower than before go; {_top(now)}"
    return judged(found, good if now else evidence("no statement recorded yet"))


def _slower(
    before: Mapping[str, Any], now: Mapping[str, Any], slow: float, ratio: float, least: float
) -> Iterator[Finding]:
    for queryid, row in now.items():
        old = before.get(queryid)
        calls, total = _grown(old, row)
        mean, was = _mean(calls, total), _mean(old["calls"], old["total_ms"]) if old else 0.0
        if calls >= least and mean >= slow and mean >= ratio * was:
            against = f"{mean:.0f} ms, was {was:.0f} ms" if old else f"{mean:.0f} ms, new"
            message = f"{against}, {counted(calls, 'call')}: {row['query']}"
            yield Finding(
                message, f"queryid {queryid}", hint="look at its plan: is an index missing or no longer used?"
            )


def _grown(old: Mapping[str, Any] | None, row: Mapping[str, Any]) -> tuple[int, float]:
    """Calls and milliseconds since the baseline; since the reset, where the counters went back."""
    if old is None or row["calls"] < old["calls"]:
        return row["calls"], row["total_ms"]
    return row["calls"] - old["calls"], row["total_ms"] - old["total_ms"]


def _top(now: Mapping[str, Any]) -> str:
    if not now:
        return "no statement recorded yet"
    row = max(now.values(), key=lambda row: row["total_ms"])
    total, calls = row["total_ms"], row["calls"]
    each = f"{total / max(calls, 1):.0f} ms"
    return f"most time: {duration(total / 1000)} in {counted(calls, 'call')} of {each}: {row['query']}"
