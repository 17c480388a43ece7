"""release-notes: there are notes for the version that is deployed, in a file of its own or as a section."""

from __future__ import annotations

from checks.base import CannotRun, Check, Finding, Need, Result, counted, failed, passed
from checks.contexts import FilesContext
from checks.documents import documents_of
from checks.repository.asking import found_files, identified, paths_option
from checks.repository.versions import told, version_of

ID = "release-notes"
_PLACE = "{version}"


def run(context: FilesContext) -> Result:
    """Failed where the file of the version is not there or empty, or the file has no section for it."""
    path, version = paths_option(context.options, ID)[0], version_of(context, ID)
    if _PLACE not in path:
        return told(context, ID, found_files(documents_of(context.options), [path])[0], version)
    if not version:
        raise CannotRun("nothing says which version this is", f'[checks.{ID}] version = "2.4.0", or tag the commit')
    return _of_file(context, path.replace(_PLACE, version), version)


def _of_file(context: FilesContext, path: str, version: str) -> Result:
    documents = documents_of(context.options)
    is_there = documents.has(path)
    lines = [line for line in documents.text(path).splitlines() if line.strip()] if is_there else []
    said = [line for line in lines if not line.startswith("#")]
    if said:
        return identified(passed(f"{path}: {counted(len(said), 'line')} on {version}"), path, *said)
    message = "is empty" if is_there else "is not there"
    hint = f"write the notes of {version} into {path}"
    finding = Finding(f"{path} {message}", path, path, hint=hint, severity="error")
    return identified(failed(finding.message, [finding], hint), path, message)


CHECK = Check(
    id=ID,
    title="There are release notes for the version",
    needs=Need.FILES,
    run=run,
    option="file",
    decides='With `[checks.release-notes] file = "docs/releases/{version}.md"`: passes when that file has text; '
    "without {version} in the path, when the file has a section that names it. The version is `version`, else "
    "the git tag that is checked out.",
    cost="Reads one file; connects to nothing.",
    fix="Write what the release means to those who use it: what is new, what they have to do.",
)
