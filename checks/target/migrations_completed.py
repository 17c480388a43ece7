"""migrations-completed: the target's history has every file, in good state and with the files' checksums."""

from __future__ import annotations

from checks.base import Check, Need, Result, failed, passed, warning
from checks.contexts import TargetContext
from checks.history.problems import history_of, pending_finding, problems, remarks, where
from checks.history.reading import Comparison, History
from checks.migrations import range_of


def run(context: TargetContext) -> Result:
    """Failed for pending, dirty, failed and changed files; a warning for versions without a file."""
    history, comparison = history_of(context)
    files = context.migrations.ups
    findings = [*problems(history, comparison), *map(pending_finding, comparison.pending)]
    shown = f"{where(history)}: {len(comparison.applied)} of {len(files)} applied"
    if findings:
        summary = f"{shown}; {_what(comparison)}"
        return failed(summary, [*findings, *remarks(history, comparison)], findings[0].hint or "run the migrations")
    unknown = list(remarks(history, comparison))
    evidence = f"{shown}, {range_of(files)}, none dirty, {_checksums(history)}"
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


def _checksums(history: History) -> str:
    return "checksums equal" if any(row.checksum for row in history.rows) else f"{history.tool} keeps no checksums"


CHECK = Check(
    id="migrations-completed",
    title="All migrations are applied",
    needs=Need.TARGET,
    run=run,
    decides="Passes when every up file is in the history table as successful, nothing there is dirty, and the "
    "checksums, where the tool keeps them, are those of the files.",
    cost="Two short queries; needs SELECT on the history table.",
    fix="Run the runner for what is pending; for a dirty version first look at what it left behind.",
    also=("migrations",),
)
