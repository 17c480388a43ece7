"""The paths of an option, and when the documents behind them were last changed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

from checks.base import CannotRun, Check, Finding, Need, Result, counted, evidence, passed
from checks.contexts import FilesContext
from checks.documents import Change, Documents, documents_of
from checks.options import option

_MOST_FILES = 500


@dataclass(frozen=True)
class Dated:
    """One document and its last change."""

    path: str
    change: Change


def paths_option(options: Mapping[str, object], check_id: str) -> tuple[str, ...]:
    """One path or pattern of `file`, or a list of them. Raises CannotRun for anything else."""
    value = option(options, check_id, "file")
    given = [value] if isinstance(value, str) else value
    if isinstance(given, Sequence) and given and all(isinstance(path, str) and path.strip() for path in given):
        return tuple(str(path).strip() for path in given)
    raise CannotRun(f"[checks.{check_id}] file is neither a path nor a list of paths", 'file = "docs/…"')


def found_files(documents: Documents, patterns: Sequence[str]) -> list[str]:
    """The files behind the patterns, each of which has to find one. Raises CannotRun."""
    found: dict[str, None] = {}
    for pattern in patterns:
        matching = documents.matching(pattern)
        if not matching:
            raise CannotRun(f"{pattern} is not there", "paths begin at the folder of gonogo.toml, or at the repository")
        found.update(dict.fromkeys(matching))
    if len(found) > _MOST_FILES:
        raise CannotRun(f"{len(found)} files behind {', '.join(patterns)}", "name fewer")
    return list(found)


def asked_for(context: FilesContext, check_id: str) -> tuple[Documents, list[str]]:
    """Where documents are read, and the files behind the check's option `file`. Raises CannotRun."""
    documents = documents_of(context.options)
    return documents, found_files(documents, paths_option(context.options, check_id))


def since_start(context: FilesContext, check_id: str) -> Result:
    """Passed where the newest of the documents was changed since the deployment began, or with its migrations.

    Else evidence, with when it was: that nothing of it had to change, a reader knows. A date of a file tells of a
    change since the start, but not of one with the migrations: a fresh copy has the same date everywhere.
    """
    documents, paths = asked_for(context, check_id)
    dated = [Dated(path, documents.changed(path)) for path in paths]
    dated.sort(key=lambda one: one.change.at, reverse=True)
    notes = [Finding(f"last changed {one.change}", one.path, one.path, severity="note") for one in dated]
    start, newest = started(context), dated[0]
    parts = [str(one) for one in dated]
    if start is not None and newest.change.at >= start:
        return identified(passed(_told(dated, start), notes), *parts)
    written = _written(context, documents) if newest.change.commit else None
    if written is not None and newest.change.at >= written:
        return identified(passed(f"changed with the migrations: {newest.path}, {newest.change}", notes), *parts)
    return identified(evidence(_told(dated, start), notes), *parts)


def _written(context: FilesContext, documents: Documents) -> datetime | None:
    """When the first of the pending migrations was last changed; None where no commit says so of each."""
    folder = context.options.get("migrations_directory")
    paths = [f"{folder}/{file.name}" for file in context.pending] if folder else []
    if not paths or not all(documents.has(path) for path in paths):
        return None
    changes = [documents.changed(path) for path in paths]
    return min(change.at for change in changes) if all(change.commit for change in changes) else None


def started(context: FilesContext) -> datetime | None:
    """When the deployment began; None outside of one."""
    text = context.options.get("started")
    if not isinstance(text, str) or not text:
        return None
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def identified(result: Result, *parts: str) -> Result:
    """With an `inputs_hash` of what was read: a document may change while the migrations do not."""
    return replace(result, inputs_hash=hashlib.sha256("\n".join(parts).encode()).hexdigest())


def _told(dated: Sequence[Dated], start: datetime | None) -> str:
    newest = dated[0]
    changed = [one for one in dated if start is not None and one.change.at >= start]
    if changed:
        many = f"{len(changed)} of {counted(len(dated), 'document')} changed" if len(dated) > 1 else "changed"
        return f"{many} since the deployment began: {newest.path}, {newest.change}"
    unchanged = "not changed since the deployment began; " if start is not None else ""
    of_many = f", the newest of {counted(len(dated), 'document')}" if len(dated) > 1 else ""
    return f"{unchanged}{newest.path}{of_many}: last changed {newest.change}"


def _document(noun: str, title: str, example: str, whether: str, fix: str) -> Check[Any]:
    check_id = f"{noun}-document"
    return Check(
        id=check_id,
        title=title,
        needs=Need.FILES,
        run=partial(since_start, check_id=check_id),
        option="file",
        decides=f'With `[checks.{check_id}] file = "{example}"` (or a list): passes when {whether} changed since the '
        "deployment began, or in a commit no older than the pending migrations; else it is evidence of when, and by "
        "whom.",
        cost="Asks git, or the file's date; connects to nothing.",
        fix=fix,
    )


SCHEMA = _document(
    "schema",
    "When the schema documentation was last changed",
    "docs/schema.md",
    "whether the description of the schema was",
    "Describe what the migrations change, or run the generator of your documentation again.",
)
API = _document(
    "api",
    "When the API documentation was last changed",
    "openapi.yaml",
    "whether the description of the API was",
    "Where a column that the API shows was added, renamed or dropped, change its description too.",
)
DEPLOYMENT = _document(
    "deployment",
    "When the deployment procedure was last changed",
    "docs/deploy.md",
    "whether the procedure was",
    "Write down what was done differently this time; if nothing was, a person says Done.",
)
OPERATIONS = _document(
    "operations",
    "When the operational procedures were last changed",
    "docs/operations/*.md",
    "which procedures were",
    "Write down how the new tables, jobs and partitions are looked after.",
)
BACKUP = _document(
    "backup",
    "When the backup procedure was last changed",
    "docs/backup.md",
    "whether the procedure was",
    "Write down what backups have to hold now, and how long a restore takes; unchanged, a person says Done.",
)
