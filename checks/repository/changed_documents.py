"""schema-, api-, deployment-, operations- and backup-document: when each was last changed."""

from __future__ import annotations

from functools import partial
from typing import Any

from checks.base import Check, Need, Result
from checks.contexts import FilesContext
from checks.repository.asking import since_start


def run(context: FilesContext, check_id: str) -> Result:
    """Evidence always: that it changed is a fact, that it says enough a reader knows."""
    return since_start(context, check_id)


def _document(noun: str, title: str, example: str, whether: str, fix: str) -> Check[Any]:
    check_id = f"{noun}-document"
    return Check(
        id=check_id,
        title=title,
        needs=Need.FILES,
        run=partial(run, check_id=check_id),
        option="file",
        decides=f'Nothing: with `[checks.{check_id}] file = "{example}"` (or a list) it says {whether} changed since '
        "the deployment began, when, and by whom.",
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
