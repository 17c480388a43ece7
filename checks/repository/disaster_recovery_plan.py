"""disaster-recovery-plan: the plan is there, and somebody has looked at it lately."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

from checks.base import CannotRun, Check, Finding, Need, Result, evidence, warning
from checks.contexts import FilesContext
from checks.documents import documents_of
from checks.options import option
from checks.repository.asking import found_files, identified, paths_option

ID = "disaster-recovery-plan"
_DAYS = 365
_REVIEWED = re.compile(
    r"^\W*(?:last[ _-])?reviewed(?:[ _-](?:on|at))?\W+(\d{4}-\d{2}-\d{2})", re.IGNORECASE | re.MULTILINE
)


def run(context: FilesContext) -> Result:
    """Evidence with the age of the review, or of the last change; a warning when it is too old."""
    documents = documents_of(context.options)
    path = found_files(documents, paths_option(context.options, ID))[0]
    text = documents.text(path)
    if not text.strip():
        raise CannotRun(f"{path} is empty", "write the plan")
    word, day = _looked_at(text) or ("last changed", documents.changed(path).at.date())
    age = (datetime.now(UTC).date() - day).days
    limit = _limit(context)
    told = f"{path} {word} {day}, {age} d ago"
    identity = f"{path} {word} {day} {age > limit}"
    if age > limit:
        hint = f"read it again, then write `reviewed: {datetime.now(UTC):%Y-%m-%d}` into {path}"
        return identified(
            warning(f"{told}: longer than {limit} d", [Finding(told, path, path, hint=hint)], hint), identity
        )
    return identified(evidence(told), identity)


def _looked_at(text: str) -> tuple[str, date] | None:
    """`reviewed: 2026-10-19`, in front matter or in a line of its own; the newest of several."""
    days = []
    for found in _REVIEWED.finditer(text):
        try:
            days.append(date.fromisoformat(found[1]))
        except ValueError:
            continue
    return ("reviewed", max(days)) if days else None


def _limit(context: FilesContext) -> int:
    value = option(context.options, ID, "days")
    if value is None:
        return _DAYS
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return value
    raise CannotRun(f"[checks.{ID}] days is no number of days", f"days = {_DAYS}")


CHECK = Check(
    id=ID,
    title="The disaster recovery plan was looked at lately",
    needs=Need.FILES,
    run=run,
    option="file",
    decides='With `[checks.disaster-recovery-plan] file = "docs/disaster.md"`: a warning when its newest line '
    "`reviewed: 2026-10-19`, or without one its last change, is older than 365 days (`days`). Otherwise evidence: "
    "whether the plan would work, a person judges.",
    cost="Reads one file; connects to nothing.",
    fix="Read it again, try what can be tried, and write the day into it.",
)
