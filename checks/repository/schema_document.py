"""schema-document: when the description of the schema was last changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from checks.base import Check, Need, Result
from checks.repository.asking import since_start

if TYPE_CHECKING:
    from checks.contexts import FilesContext

ID = "schema-document"


def run(context: FilesContext) -> Result:
    """Evidence always: that it changed is a fact, that it says enough a reader knows."""
    return since_start(context, ID)


CHECK = Check(
    id=ID,
    title="When the schema documentation was last changed",
    needs=Need.FILES,
    run=run,
    option="file",
    decides='Nothing: with `[checks.schema-document] file = "docs/schema.md"` (or a list) it says '
    "whether the description of the schema was changed since the deployment began, when, and by whom.",
    cost="Asks git, or the file's date; connects to nothing.",
    fix="Describe what the migrations change, or run the generator of your documentation again.",
)
