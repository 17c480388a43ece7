"""rollback-plan: what there is of a way back: the plan's file, and the down files of what is pending."""

from __future__ import annotations

from checks.base import Check, Need, Result, counted, evidence
from checks.contexts import FilesContext
from checks.documents import documents_of
from checks.repository.asking import found_files, identified, paths_option

ID = "rollback-plan"


def run(context: FilesContext) -> Result:
    """Evidence always: whether a plan would work, a person judges."""
    documents = documents_of(context.options)
    paths = found_files(documents, paths_option(context.options, ID))
    newest = max(((documents.changed(path), path) for path in paths), key=lambda pair: pair[0].at)
    changes = [f"{path} {documents.changed(path)}" for path in paths]
    return identified(evidence(f"{newest[1]}, last changed {newest[0]}; {_down_files(context)}"), *changes)


def _down_files(context: FilesContext) -> str:
    pending = {file.version for file in context.pending}
    with_down = {file.version for file in context.pending_downs}
    if not with_down:
        return f"no down file for {counted(len(pending), 'pending version')}"
    return f"{len(with_down)} of {counted(len(pending), 'pending version')} with a down file"


CHECK = Check(
    id=ID,
    title="What there is of a rollback plan",
    needs=Need.FILES,
    run=run,
    option="file",
    decides='Nothing: with `[checks.rollback-plan] file = "docs/rollback.md"` it says when the plan was last changed '
    "and how many of the pending versions have a down file. That the down files work, down-up decides.",
    cost="Asks git, or the file's date; connects to nothing.",
    fix="Write down who decides, which way back (down files, fix forward, restore), and what a restore would lose.",
)
