"""operations-document: when the procedures of daily operation were last changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from checks.base import Check, Need, Result
from checks.repository.asking import since_start

if TYPE_CHECKING:
    from checks.contexts import FilesContext

ID = "operations-document"


def run(context: FilesContext) -> Result:
    """Evidence always: that it changed is a fact, that it says enough a reader knows."""
    return since_start(context, ID)


CHECK = Check(
    id=ID,
    title="When the operational procedures were last changed",
    needs=Need.FILES,
    run=run,
    option="file",
    decides='Nothing: with `[checks.operations-document] file = "docs/operations/*.md"` (or a list) it says '
    "which procedures were changed since the deployment began, when, and by whom.",
    cost="Asks git, or the file's date; connects to nothing.",
    fix="Write down how the new tables, jobs and partitions are looked after.",
)
