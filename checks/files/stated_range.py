"""stated-range: the files are those that the plan names, such as 00001-00010."""

from __future__ import annotations

from checks.base import Check, Finding, Need, NotApplicable, Result, counted, failed, passed, version_key
from checks.contexts import FilesContext
from checks.migrations import range_of
from checks.options import text_option

ID = "stated-range"


def run(context: FilesContext) -> Result:
    """Failed when the last file is not the one that the range ends with, or the first one is missing."""
    stated = text_option(context.options, ID, "range").replace("–", "-")
    if not stated:
        raise NotApplicable('no range is stated: [checks.stated-range] range = "00001-00010"')
    first, _, last = (part.strip() for part in stated.partition("-"))
    versions = {version_key(file.version): file for file in context.migrations.ups}
    findings = [
        Finding(f"{version} is in the stated range {stated}, and no file has it", version, severity="error")
        for version in dict.fromkeys((first, last or first))
        if version_key(version) not in versions
    ]
    findings += _beyond(context, last or first, stated)
    if findings:
        hint = "change the range, or bring the files"
        return failed(f"{range_of(context.migrations.ups)} is not {stated}: {findings[0].message}", findings, hint)
    return passed(f"{counted(len(context.migrations.ups), 'file')}, {stated} as stated")


def _beyond(context: FilesContext, last: str, stated: str) -> list[Finding]:
    return [
        Finding(f"{file.name} comes after the stated range {stated}", file.version, file.name, severity="error")
        for file in context.pending
        if version_key(file.version) > version_key(last)
    ]


CHECK = Check(
    id=ID,
    title="The files are those of the stated range",
    needs=Need.FILES,
    run=run,
    decides='With `[checks.stated-range] range = "00001-00010"`: passes when there is a file for both ends and no '
    "pending file after the last one. Not applicable without it.",
    cost="Reads names only.",
    fix="Correct the range, or take out the file that does not belong to this deployment.",
)
