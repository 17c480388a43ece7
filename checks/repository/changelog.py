"""changelog: the changelog has a section for the version that is deployed."""

from __future__ import annotations

from checks.base import Check, Need, Result
from checks.contexts import FilesContext
from checks.documents import documents_of
from checks.repository.asking import found_files, paths_option
from checks.repository.versions import told, version_of

ID = "changelog"


def run(context: FilesContext) -> Result:
    """Failed without a section that has text; evidence where nobody says which version it is."""
    path = found_files(documents_of(context.options), paths_option(context.options, ID))[0]
    return told(context, ID, path, version_of(context, ID))


CHECK = Check(
    id=ID,
    title="The changelog has a section for the version",
    needs=Need.FILES,
    run=run,
    option="file",
    decides='With `[checks.changelog] file = "CHANGELOG.md"`: passes when a heading names the version and has text '
    "below it. The version is `version`, else the git tag that is checked out; without either it shows the newest "
    "section as evidence.",
    cost="Reads one file; connects to nothing.",
    fix="Write what changed for people under a heading with the version.",
)
