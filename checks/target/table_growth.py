"""table-growth: which tables grew since the baseline, and by how much."""

from __future__ import annotations

from checks.base import Check, Finding, Need, Result, evidence, warning
from checks.baseline import Difference, difference
from checks.contexts import TargetContext
from checks.measures import MEGABYTE, duration, size
from checks.targetdb.asking import number_option, short


def run(context: TargetContext) -> Result:
    """Evidence of the growth a day; a warning for a table above `megabytes_a_day`, where that is set."""
    limit = number_option(context, "megabytes_a_day", 0) * MEGABYTE
    since = difference(context)
    days = max(since.seconds, 1.0) / 86400
    grown = {name: since.table(name, "bytes") for name in since.now["tables"]}
    top = sorted(grown, key=lambda name: -abs(grown[name]))[:3]
    parts = [f"{short(name)} {size(grown[name])}" for name in top if grown[name]]
    total = size(sum(grown.values()))
    shown = f"{total} in {duration(since.seconds)}" + (f": {', '.join(parts)}" if parts else ", no table grew")
    found = [_finding(name, grown[name] / days) for name in grown if limit and grown[name] / days > limit]
    if found:
        return warning(f"{shown}; {found[0].message}", found, found[0].hint)
    return evidence(f"{shown}; {_new(since)}{len(grown)} tables, {size(_all(since))} as of the last VACUUM or ANALYZE")


def _finding(name: str, a_day: float) -> Finding:
    message = f"{short(name)} grows by {size(a_day)} a day"
    return Finding(message, short(name), hint="is the growth expected? partition it, or delete what is old")


def _new(since: Difference) -> str:
    new = [short(name) for name in since.now["tables"] if name not in since.before["tables"]]
    return f"new: {', '.join(new[:5])}; " if new else ""


def _all(since: Difference) -> int:
    return sum(table["bytes"] for table in since.now["tables"].values())


CHECK = Check(
    id="table-growth",
    title="How fast tables grow",
    needs=Need.TARGET,
    run=run,
    decides="Shows growth since the baseline by relpages, which VACUUM and ANALYZE bring up to date; a warning for a "
    "table that grows by more than `megabytes_a_day`, where that is set.",
    cost="One statistics snapshot; waits for no lock, opens no table.",
    fix="Decide whether the growth is expected; plan partitions, retention, or disk.",
    also=("baseline",),
)
