"""slow-queries: which statements got slower since the baseline, or take most time (pg_stat_statements)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from checks.base import CannotRun, Check, Finding, Need, Result, counted, evidence
from checks.baseline_read import statements
from checks.contexts import TargetContext
from checks.measures import duration
from checks.targetdb.asking import number_option
from checks.verdict import and_more

_MEND = "shared_preload_libraries = 'pg_stat_statements' (restart), then CREATE EXTENSION pg_stat_statements"


def run(context: TargetContext) -> Result:
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


CHECK = Check(
    id="slow-queries",
    title="Statements that got slower",
    needs=Need.TARGET,
    run=run,
    decides="Shows statements that are twice as slow on average as before go (`ratio`), or new, and take 50 ms or more "
    "(`milliseconds`); without a baseline the one that takes most time. A person reads it.",
    cost="One query of pg_stat_statements; waits for no lock.",
    fix="EXPLAIN the statement; compare its plan with that of the environment before.",
    also=("baseline",),
)
