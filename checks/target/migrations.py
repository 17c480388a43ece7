"""The target's history against the files: what it lacks, what is wrong with it, and whether the runner has run."""

from __future__ import annotations

from datetime import datetime

from checks.base import CannotRun, Result, evidence, failed, passed, target_check, version_key, warning
from checks.contexts import TargetContext
from checks.history.problems import history_of, pending_finding, problems, remarks, where
from checks.history.reading import Comparison, History, HistoryRow
from checks.migrations import range_of
from checks.result import Finding, counted
from checks.targetdb.asking import moment


@target_check(
    title="What the history lacks",
    decides="Shows which files the target does not have yet. Fails for a dirty or failed version and for files changed "
    "after they were applied; warns of versions without a file and of files that come too late.",
    cost="Two short queries; needs SELECT on the history table.",
    fix="Mend a dirty version before anything else; put a changed file back and write a new migration.",
    also=("migrations",),
)
def migrations_pending(context: TargetContext) -> Result:
    history, comparison = history_of(context)
    waits = comparison.pending
    pending = f"{len(waits)} pending: {range_of(waits)}" if waits else "none pending"
    last = comparison.applied[-1].version if comparison.applied else "none"
    shown = f"{pending}; last applied: {last} ({where(history)})"
    if found := list(problems(history, comparison)):
        return failed(f"{found[0].message}; {shown}", [*found, *remarks(history, comparison)], found[0].hint)
    if noted := list(remarks(history, comparison)):
        return warning(f"{shown}; {noted[0].message}", noted, noted[0].hint)
    return evidence(shown)


@target_check(
    title="All migrations are applied",
    decides="Passes when every up file is in the history table as successful, nothing there is dirty, and the "
    "checksums, where the tool keeps them, are those of the files.",
    cost="Two short queries; needs SELECT on the history table.",
    fix="Run the runner for what is pending; for a dirty version first look at what it left behind.",
    also=("migrations",),
)
def migrations_completed(context: TargetContext) -> Result:
    history, comparison = history_of(context)
    files = context.migrations.ups
    findings = [*problems(history, comparison), *map(pending_finding, comparison.pending)]
    shown = f"{where(history)}: {len(comparison.applied)} of {len(files)} applied"
    if findings:
        summary = f"{shown}; {_what(comparison)}"
        return failed(summary, [*findings, *remarks(history, comparison)], findings[0].hint or "run the migrations")
    unknown = list(remarks(history, comparison))
    kept = "checksums equal" if any(row.checksum for row in history.rows) else f"{history.tool} keeps no checksums"
    evidence = f"{shown}, {range_of(files)}, none dirty, {kept}"
    if unknown:
        return warning(f"{evidence}; {unknown[0].message}", unknown, unknown[0].hint)
    return passed(evidence)


def _what(comparison: Comparison) -> str:
    """`3 pending, 1 dirty, 1 changed`, with the versions."""
    parts = {
        "dirty": [row.version for row in comparison.dirty],
        "failed": [row.version for row in comparison.failed],
        "changed": [file.version for _, file in comparison.changed],
        "pending": [range_of(comparison.pending)] if comparison.pending else [],
    }
    return "; ".join(f"{word}: {', '.join(versions)}" for word, versions in parts.items() if versions)


@target_check(
    title="The migration runner has run",
    decides="Passes when the history has rows newer than go, or, where the tool keeps no times, when it has files "
    "that it did not have at the start. Whether all are there is for migrations-completed.",
    cost="Two short queries; needs SELECT on the history table.",
    fix="Run the runner; where it ended with an error, its output names the file.",
    also=("since",),
)
def runner_ran(context: TargetContext) -> Result:
    """Passed when rows came since go; a warning while there are none; failed for a dirty or failed one."""
    if not context.inputs.since:
        raise CannotRun("there is no go yet, so nothing can have run since", "ask again after go")
    since = moment(context.inputs.since)
    history, comparison = history_of(context)
    if found := [finding for finding in problems(history, comparison) if "changed" not in finding.message]:
        return failed(found[0].message, found, found[0].hint)
    if any(row.applied_at for row in history.rows):
        newer = [row for row in history.rows if row.applied_at and moment(row.applied_at) >= since]
        return _by_time(context, history, newer, since)
    return _by_range(context, history, comparison)


def _by_time(context: TargetContext, history: History, newer: list[HistoryRow], since: datetime) -> Result:
    at = since.strftime("%H:%M:%S UTC")
    if not newer:
        return _not_yet(f"no row in {history.table} since {at}")
    rows = counted(len(newer), "row")
    written = {version_key(file.version): file.version for file in context.migrations.ups}
    first, last = (written.get(version_key(row.version), row.version) for row in (newer[0], newer[-1]))
    return passed(f"{rows} in {history.table} since {at}: {first if first == last else f'{first}–{last}'}")


def _by_range(context: TargetContext, history: History, comparison: Comparison) -> Result:
    """A tool that keeps no times: whether the history is further than at the start."""
    asked = context.migrations.pending
    came = [file for file in comparison.applied if file in asked]
    if not asked:
        sentence = f"{history.tool or 'the tool'} keeps no times, and no file was pending"
        raise CannotRun(sentence, "look at the runner's output")
    if not came:
        return _not_yet(f"{history.table or 'the database'} has none of {range_of(asked)}")
    return passed(f"{history.table} went on to {came[-1].version}: {range_of(came)} (the tool keeps no times)")


def _not_yet(message: str) -> Result:
    hint = "run the migration runner"
    return warning(f"{message}: the runner has not run, or found nothing to do", [Finding(message, "history")], hint)
