"""Release notes and changelog have the version that is deployed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from checks.base import CannotRun, Finding, Result, counted, evidence, failed, files_check, passed
from checks.contexts import FilesContext
from checks.documents import Documents, documents_of
from checks.options import text_option
from checks.repository.changed_documents import asked_for, found_files, identified, paths_option

_HEADING = re.compile(r"^(#{1,4})\s+(?P<text>.+?)\s*#*\s*$")
_UNDERLINE = re.compile(r"^(=+|-{3,})\s*$")
_VERSION = re.compile(r"v?\d+(?:\.\d+)+\S*|\d{4}-\d{2}-\d{2}|unreleased", re.IGNORECASE)


@dataclass(frozen=True)
class Entry:
    """A heading that names a version or a day, its line, and how many lines of text stand below it."""

    heading: str
    line: int
    lines: int

    def names(self, version: str) -> bool:
        """Whether the heading has this version as a word of its own: `2.4.0` is not in `12.4.0` or `2.4.0-rc1`."""
        word = re.escape(version.removeprefix("v"))
        return re.search(rf"(?<![\w.-])v?{word}(?![\w-]|\.\d)", self.heading, re.IGNORECASE) is not None


def version_of(context: FilesContext, check_id: str) -> str:
    """`version` of the settings, else the tag that is checked out, else ""."""
    return text_option(context.options, check_id, "version") or documents_of(context.options).tag()


def told(context: FilesContext, check_id: str, path: str, version: str) -> Result:
    """Passed or failed where the version is known; else evidence of the newest section."""
    documents = documents_of(context.options)
    found = list(entries(documents.text(path)))
    released = [entry for entry in found if "unreleased" not in entry.heading.lower()]
    result = _for_version(path, released, version) if version else _newest(documents, path, released)
    return identified(result, check_id, result.summary)


def entries(text: str) -> Iterator[Entry]:
    """The sections of versions and of what is unreleased, in the file's order."""
    lines = text.splitlines()
    headings = [(number, words) for number, words in _headings(lines) if _VERSION.search(words)]
    ends = [number for number, _ in headings[1:]] + [len(lines) + 1]
    for (number, words), end in zip(headings, ends, strict=True):
        body = (line for line in lines[number : end - 1] if line.strip() and not _HEADING.match(line))
        yield Entry(words, number, sum(not _UNDERLINE.match(line) for line in body))


def _headings(lines: list[str]) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(lines, 1):
        below = lines[number] if number < len(lines) else ""
        if heading := _HEADING.match(line):
            yield number, heading["text"]
        elif line.strip() and _UNDERLINE.match(below):
            yield number, line.strip()


def _for_version(path: str, found: list[Entry], version: str) -> Result:
    mine = next((entry for entry in found if entry.names(version)), None)
    if mine is not None and mine.lines:
        return passed(f"{path}:{mine.line}: {mine.heading}, {counted(mine.lines, 'line')}")
    if mine is not None:
        message, line = f"the section of {version} is empty", mine.line
    else:
        message, line = f"no section names {version}", None
    hint = f"write what changed for people under {version} in {path}"
    place = f"{path}:{line}" if line else path
    return failed(f"{place}: {message}", [Finding(message, version, path, line, hint, "error")], hint)


def _newest(documents: Documents, path: str, found: list[Entry]) -> Result:
    if not found:
        return evidence(f"{path} has no section for a version; last changed {documents.changed(path)}")
    newest, changed = found[0], documents.changed(path)
    return evidence(f"{path}: newest section {newest.heading}, {counted(newest.lines, 'line')}; last changed {changed}")


_PLACE = "{version}"


@files_check(
    title="There are release notes for the version",
    option="file",
    decides='With `[checks.release-notes] file = "docs/releases/{version}.md"`: passes when that file has text; '
    "without {version} in the path, when the file has a section that names it. The version is `version`, else "
    "the git tag that is checked out.",
    cost="Reads one file; connects to nothing.",
    fix="Write what the release means to those who use it: what is new, what they have to do.",
)
def release_notes(context: FilesContext) -> Result:
    """Failed where the file of the version is not there or empty, or the file has no section for it."""
    path, version = paths_option(context.options, release_notes.id)[0], version_of(context, release_notes.id)
    if _PLACE not in path:
        return told(context, release_notes.id, found_files(documents_of(context.options), [path])[0], version)
    if not version:
        hint = f'[checks.{release_notes.id}] version = "2.4.0", or tag the commit'
        raise CannotRun("nothing says which version this is", hint)
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


@files_check(
    title="The changelog has a section for the version",
    option="file",
    decides='With `[checks.changelog] file = "CHANGELOG.md"`: passes when a heading names the version and has text '
    "below it. The version is `version`, else the git tag that is checked out; without either it shows the newest "
    "section as evidence.",
    cost="Reads one file; connects to nothing.",
    fix="Write what changed for people under a heading with the version.",
)
def changelog(context: FilesContext) -> Result:
    """Failed without a section that has text; evidence where nobody says which version it is."""
    _, [path, *_] = asked_for(context, changelog.id)
    return told(context, changelog.id, path, version_of(context, changelog.id))
