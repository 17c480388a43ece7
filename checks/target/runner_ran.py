"""runner-ran: the migration runner has run since go, as the history shows."""

from __future__ import annotations

from datetime import UTC, datetime

from checks.base import CannotRun, Check, Finding, Need, Result, counted, failed, passed, version_key, warning
from checks.contexts import TargetContext
from checks.history.problems import history_of, problems
from checks.history.reading import Comparison, History, HistoryRow
from checks.migrations import range_of


def run(context: TargetContext) -> Result:
    """Passed when rows came since go; a warning while there are none; failed for a dirty or failed one."""
    since = _since(context)
    history, comparison = history_of(context)
    if found := [finding for finding in problems(history, comparison) if "changed" not in finding.message]:
        return failed(found[0].message, found, found[0].hint)
    if any(row.applied_at for row in history.rows):
        newer = [row for row in history.rows if row.applied_at and _time(row.applied_at) >= since]
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
        raise CannotRun(
            f"{history.tool or 'the tool'} keeps no times, and no file was pending", "look at the runner's output"
        )
    if not came:
        return _not_yet(f"{history.table or 'the database'} has none of {range_of(asked)}")
    return passed(f"{history.table} went on to {came[-1].version}: {range_of(came)} (the tool keeps no times)")


def _not_yet(message: str) -> Result:
    hint = "run the migration runner"
    return warning(f"{message}: the runner has not run, or found nothing to do", [Finding(message, "history")], hint)


def _since(context: TargetContext) -> datetime:
    if not context.inputs.since:
        raise CannotRun("there is no go yet, so nothing can have run since", "ask again after go")
    return _time(context.inputs.since)


def _time(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


CHECK = Check(
    id="runner-ran",
    title="The migration runner has run",
    needs=Need.TARGET,
    run=run,
    decides="Passes when the history has rows newer than go, or, where the tool keeps no times, when it has files "
    "that it did not have at the start. Whether all are there is for migrations-completed.",
    cost="Two short queries; needs SELECT on the history table.",
    fix="Run the runner; where it ended with an error, its output names the file.",
    also=("since",),
)
