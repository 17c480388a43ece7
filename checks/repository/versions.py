"""Sections of a changelog: which there are, and which is that of the version that is deployed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from checks.base import Finding, Result, counted, evidence, failed, passed
from checks.contexts import FilesContext
from checks.documents import Documents, documents_of
from checks.options import text_option
from checks.repository.asking import identified

_HEADING = re.compile(r"^(#{1,4})\s+(?P<text>.+?)\s*#*\s*$")
_UNDERLINE = re.compile(r"^(=+|-{3,})\s*$")
_NUMBER = re.compile(r"v?\d+(?:\.\d+)+\S*|\d{4}-\d{2}-\d{2}", re.IGNORECASE)


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
    headings = [(number, words) for number, words in _headings(lines) if _is_version(words)]
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


def _is_version(heading: str) -> bool:
    return _NUMBER.search(heading) is not None or "unreleased" in heading.lower()


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
