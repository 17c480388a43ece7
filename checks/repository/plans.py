"""Plans for bad days: the way back, disaster recovery, runbooks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import PurePosixPath
from posixpath import normpath
from urllib.parse import unquote

from checks.base import CannotRun, Finding, Result, counted, evidence, files_check, warning
from checks.contexts import FilesContext
from checks.documents import Documents
from checks.findings import verdict
from checks.options import numeric_option
from checks.repository.changed_documents import asked_for, identified, since_start


@files_check(
    title="What there is of a rollback plan",
    option="file",
    decides='Nothing: with `[checks.rollback-plan] file = "docs/rollback.md"` it says when the plan was last changed '
    "and how many of the pending versions have a down file. That the down files work, down-up decides.",
    cost="Asks git, or the file's date; connects to nothing.",
    fix="Write down who decides, which way back (down files, fix forward, restore), and what a restore would lose.",
)
def rollback_plan(context: FilesContext) -> Result:
    """Evidence always: whether a plan would work, a person judges."""
    documents, paths = asked_for(context, rollback_plan.id)
    newest = max(((documents.changed(path), path) for path in paths), key=lambda pair: pair[0].at)
    changes = [f"{path} {documents.changed(path)}" for path in paths]
    return identified(evidence(f"{newest[1]}, last changed {newest[0]}; {_down_files(context)}"), *changes)


def _down_files(context: FilesContext) -> str:
    pending = {file.version for file in context.pending}
    with_down = {file.version for file in context.pending_downs}
    if not with_down:
        return f"no down file for {counted(len(pending), 'pending version')}"
    return f"{len(with_down)} of {counted(len(pending), 'pending version')} with a down file"


_DAYS = 365
_REVIEWED = re.compile(
    r"^\W*(?:last[ _-])?reviewed(?:[ _-](?:on|at))?\W+(\d{4}-\d{2}-\d{2})", re.IGNORECASE | re.MULTILINE
)


@files_check(
    title="The disaster recovery plan was looked at lately",
    option="file",
    decides='With `[checks.disaster-recovery-plan] file = "docs/disaster.md"`: a warning when its newest line '
    "`reviewed: 2026-10-19`, or without one its last change, is older than 365 days (`days`). Otherwise evidence: "
    "whether the plan would work, a person judges.",
    cost="Reads one file; connects to nothing.",
    fix="Read it again, try what can be tried, and write the day into it.",
)
def disaster_recovery_plan(context: FilesContext) -> Result:
    """Evidence with the age of the review, or of the last change; a warning when it is too old."""
    documents, [path, *_] = asked_for(context, disaster_recovery_plan.id)
    text = documents.text(path)
    if not text.strip():
        raise CannotRun(f"{path} is empty", "write the plan")
    word, day = _looked_at(text) or ("last changed", documents.changed(path).at.date())
    age = (datetime.now(UTC).date() - day).days
    limit = numeric_option(context.options, disaster_recovery_plan.id, "days", _DAYS, " of days", (int,), least=1)
    told = f"{path} {word} {day}, {age} d ago"
    identity = f"{path} {word} {day} {age > limit}"
    if age > limit:
        hint = f"read it again, then write `reviewed: {datetime.now(UTC):%Y-%m-%d}` into {path}"
        too_old = warning(f"{told}: longer than {limit} d", [Finding(told, path, path, hint=hint)], hint)
        return identified(too_old, identity)
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


_LINK = re.compile(r"(?<!!)\[[^\]\n]*\]\(\s*<?(?P<to>[^)\s>]+)>?[^)\n]*\)")
_FENCE = re.compile(r"^\s*(```|~~~)")
_ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|//|#", re.IGNORECASE)


@files_check(
    title="Runbooks lead somewhere",
    option="file",
    decides='With `[checks.runbooks] file = "docs/runbooks/*.md"`: a warning for each link in them to a file that is '
    "not there. Otherwise it passes when one was changed since the deployment began or with the migrations, else it is "
    "evidence; web addresses are not asked.",
    cost="Reads the runbooks; connects to nothing.",
    fix="Mend the link, or write the page that it names.",
)
def runbooks(context: FilesContext) -> Result:
    """A warning for each link to a file that is not there; else what the last change says."""
    documents, paths = asked_for(context, runbooks.id)
    links = [(path, line, to) for path in paths for line, to in _links(documents.text(path))]
    broken = [
        Finding(f"{to} is not there", to, path, line, "mend the link, or write the page")
        for path, line, to in links
        if not _leads_somewhere(documents, path, to)
    ]
    if broken:
        return identified(verdict(broken, ""), *(f"{f.file} {f.object}" for f in broken))
    changed = since_start(context, runbooks.id)
    told = f"{changed.summary}; {counted(len(links), 'link')} to files, each there" if links else changed.summary
    return replace(changed, summary=told)


def _links(text: str) -> Iterator[tuple[int, str]]:
    """Line and target of each link to a file; code blocks and other places of the web do not count."""
    is_code = False
    for number, line in enumerate(text.splitlines(), 1):
        is_code ^= bool(_FENCE.match(line))
        for link in () if is_code else _LINK.finditer(line):
            if not _ELSEWHERE.match(link["to"]):
                yield number, unquote(link["to"].partition("#")[0])


def _leads_somewhere(documents: Documents, page: str, to: str) -> bool:
    place = to.lstrip("/") if to.startswith("/") else normpath((PurePosixPath(page).parent / to).as_posix())
    return place.startswith("..") or documents.has(place)
