"""backup-document: when the procedure of backup and restore was last changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from checks.base import Check, Need, Result
from checks.repository.asking import since_start

if TYPE_CHECKING:
    from checks.contexts import FilesContext

ID = "backup-document"


def run(context: FilesContext) -> Result:
    """Evidence always: that it changed is a fact, that it says enough a reader knows."""
    return since_start(context, ID)


CHECK = Check(
    id=ID,
    title="When the backup procedure was last changed",
    needs=Need.FILES,
    run=run,
    option="file",
    decides='Nothing: with `[checks.backup-document] file = "docs/backup.md"` (or a list) it says '
    "whether the procedure was changed since the deployment began, when, and by whom.",
    cost="Asks git, or the file's date; connects to nothing.",
    fix="Write down what backups have to hold now, and how long a restore takes; unchanged, a person says Done.",
)
