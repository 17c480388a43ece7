"""Versions of pending files: one after the other without a gap, and those that the plan names."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from checks.base import MigrationFile, NotApplicable, Result, failed, files_check, passed, version_key, warning
from checks.contexts import FilesContext
from checks.findings import and_more
from checks.migrations import range_of
from checks.options import text_option
from checks.result import ERROR, Finding, counted

# From here on a number is a time (20261122140000, or seconds since 1970), and gaps mean nothing.
_FIRST_TIMESTAMP = 1_000_000_000


@files_check(
    title="Migrations are numbered sequentially",
    decides="Passes when the numbers of pending files follow without gap or double, in one width, and the tool takes "
    "every file that looks like a migration. Gaps between files that the target already has are no matter.",
    cost="Reads names only.",
    fix="Rename the file whose number is missing, double or of another width; merging two branches often doubles one.",
)
def sequential_numbering(context: FilesContext) -> Result:
    migrations = context.migrations
    if migrations.tool == "alembic":
        raise NotApplicable("alembic names migrations by hashes, not by numbers")
    findings = [*_doubles(context), *_gaps(context), *_widths(context)]
    for name in migrations.ignored:
        message, hint = f"{migrations.tool} takes no notice of {name}", "rename it as the tool wants, or move it"
        findings.append(Finding(message, name, name, hint=hint))
    findings += _downs_alone(context)
    shown = f"{counted(len(migrations.ups), 'file')}, {range_of(migrations.ups)}"
    errors = [finding for finding in findings if finding.severity == "error"]
    if errors:
        hint = "rename the files so that each number comes once and none is left out"
        return failed(f"{shown}: {errors[0].message}{and_more(errors)}", findings, hint)
    if findings:
        return warning(f"{shown}: {findings[0].message}{and_more(findings)}", findings)
    kind = "in order of time" if _is_timestamped(context) else "no gap, no double"
    return passed(f"{shown}, {kind}")


def _doubles(context: FilesContext) -> Iterator[Finding]:
    for before, after in pairwise(context.migrations.ups):
        if _number(before) == _number(after) and context.is_pending(after) and before.version and _number(after):
            message = f"{after.version} comes twice: {before.name} and {after.name}"
            yield Finding(message, after.version, after.name, hint="renumber one of them", severity="error")


def _gaps(context: FilesContext) -> Iterator[Finding]:
    if _is_timestamped(context):
        return
    numbered = [(number, file) for file in context.migrations.ups if (number := _number(file))]
    # A dotted version (13.1) is a part of 13, or a release's, and releases jump.
    plain = [(before, file) for (before, _), (after, file) in pairwise(numbered) if len(after) == 1]
    for (before, *_), file in plain:
        after = _number(file)[0]
        if after > before + 1 and context.is_pending(file) and _app(file) == "":
            missing = _missing(before + 1, after - 1, len(file.version))
            yield Finding(f"{missing} missing before {file.name}", missing, file.name, severity="error")
    for (first, *dots), file in numbered[:1]:
        if first > 1 and not dots and context.migrations.applied_through is None:
            yield Finding(f"numbering starts at {file.version}", file.version, file.name)


def _widths(context: FilesContext) -> Iterator[Finding]:
    """Numbers with leading zeros sort as text only while all are of one width."""
    versions = [file.version for file in context.migrations.ups if file.version.isdigit()]
    if not any(version.startswith("0") and len(version) > 1 for version in versions):
        return
    usual = max({len(v) for v in versions}, key=[len(v) for v in versions].count)
    for file in context.pending:
        if file.version.isdigit() and len(file.version) != usual:
            message = f"{file.name} has {counted(len(file.version), 'digit')}, the others {usual}"
            yield Finding(message, file.version, file.name, hint=f"name it {int(file.version):0{usual}d}_…")


def _downs_alone(context: FilesContext) -> Iterator[Finding]:
    ups = {_number(file) for file in context.migrations.ups}
    for file in context.migrations.downs:
        if _number(file) not in ups:
            yield Finding(f"{file.name} has no up file", file.version, file.name, hint="add the up file or remove it")


def _number(file: MigrationFile) -> tuple[int, ...]:
    """The numbers of a version; () for one without, such as a repeatable of Flyway."""
    digits = file.version.rpartition(".")[2].partition("_")[0] if _app(file) else file.version
    parts = digits.replace("_", ".").split(".")
    return tuple(int(part) for part in parts) if all(part.isascii() and part.isdigit() for part in parts) else ()


def _app(file: MigrationFile) -> str:
    """Django's app; numbers start anew in each."""
    return file.version.rpartition(".")[0] if file.name.endswith(".py") else ""


def _is_timestamped(context: FilesContext) -> bool:
    numbers = [_number(file) for file in context.migrations.ups]
    return any(number and number[0] >= _FIRST_TIMESTAMP for number in numbers)


def _missing(first: int, last: int, width: int) -> str:
    return f"{first:0{width}d}" if first == last else f"{first:0{width}d}–{last:0{width}d}"


@files_check(
    title="The files are those of the stated range",
    decides='With `[checks.stated-range] range = "00001-00010"`: passes when there is a file for both ends and no '
    "pending file after the last one. Not applicable without it.",
    cost="Reads names only.",
    fix="Correct the range, or take out the file that does not belong to this deployment.",
)
def stated_range(context: FilesContext) -> Result:
    stated = text_option(context.options, stated_range.id, "range").replace("–", "-")
    if not stated:
        raise NotApplicable('no range is stated: [checks.stated-range] range = "00001-00010"')
    first, _, last = (part.strip() for part in stated.partition("-"))
    versions = {version_key(file.version): file for file in context.migrations.ups}
    lost = [end for end in dict.fromkeys((first, last or first)) if version_key(end) not in versions]
    told = f"is in the stated range {stated}, and no file has it"
    findings = [Finding(f"{end} {told}", end, severity=ERROR) for end in lost]
    beyond = [file for file in context.pending if version_key(file.version) > version_key(last or first)]
    told = f"comes after the stated range {stated}"
    findings += [Finding(f"{file.name} {told}", file.version, file.name, severity=ERROR) for file in beyond]
    if findings:
        hint = "change the range, or bring the files"
        return failed(f"{range_of(context.migrations.ups)} is not {stated}: {findings[0].message}", findings, hint)
    return passed(f"{counted(len(context.migrations.ups), 'file')}, {stated} as stated")
