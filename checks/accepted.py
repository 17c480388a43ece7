"""Findings that a person accepts in a list: what tells one from another wherever its line moves, and for how long."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from checks.base import Check, Finding, MigrationSet, Need, Result, Status

_NUMBER = re.compile(r"\d+")
_SAYS_NOTHING = (Status.COULD_NOT_RUN, Status.NOT_APPLICABLE)
# What a database is like is accepted by a person over the answer, in the record.
LISTED = (Need.FILES, Need.SCRATCH)


@dataclass(frozen=True)
class Accepted:
    """One entry of the list: a finding of `check`, why it is accepted, by whom, since when and to which last day."""

    check: str
    fingerprint: str
    reason: str
    file: str = ""
    object: str = ""
    message: str = ""
    by: str = ""
    on: date | None = None
    until: date | None = None

    def holds(self, today: date) -> bool:
        return self.until is None or today <= self.until

    def is_of(self, finding: Finding, fingerprint: str) -> bool:
        """All that the entry says has to be so: one that was copied for another file accepts nothing there."""
        return (self.fingerprint, self.file, self.object) == (fingerprint, finding.file, finding.object)

    @property
    def what(self) -> str:
        """`online-safety 00008.sql orders`."""
        return " ".join(part for part in (self.check, self.file, self.object) if part)


def fingerprints(check_id: str, findings: Iterable[Finding], migrations: MigrationSet | None) -> list[str]:
    """What each finding is known by: 16 hex digits, and `:2` for the second of two that nothing else tells apart.

    Made of the check, the file, the object, the text of the line and the message, numbers left out: another line
    above, or another count of rows, changes nothing; another statement does.
    """
    texts = _Lines(migrations)
    seen: Counter[str] = Counter()
    found = []
    for finding in findings:
        parts = (check_id, finding.file, finding.object, texts.of(finding), _NUMBER.sub("0", finding.message))
        digest = hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()[:16]
        seen[digest] += 1
        found.append(digest if seen[digest] == 1 else f"{digest}:{seen[digest]}")
    return found


class _Lines:
    """The lines of the files that findings name, each file taken apart once."""

    def __init__(self, migrations: MigrationSet | None) -> None:
        self._files = {file.name: file for file in migrations.files} if migrations else {}
        self._lines: dict[str, list[str]] = {}

    def of(self, finding: Finding) -> str:
        if finding.file not in self._files or not finding.line:
            return ""
        if finding.file not in self._lines:
            self._lines[finding.file] = self._files[finding.file].text.split("\n")
        lines = self._lines[finding.file]
        return " ".join(lines[finding.line - 1].split()) if finding.line <= len(lines) else ""


def idle(
    entries: Iterable[Accepted], outcomes: Collection[tuple[Check[Any], Result]], files: MigrationSet, today: date
) -> Iterator[tuple[Accepted, str]]:
    """Entries that accept nothing any more, each with why; of files, since another environment may need the rest.

    What a check did not look at is not idle: a file that is applied, a check that did not run. Where nobody says what
    is applied, each table is new, and a finding that is not there says nothing.
    """
    used = {(check.id, one.entry) for check, result in outcomes for one in result.accepted}
    spoke = {check.id for check, result in outcomes if check.needs in LISTED and result.status not in _SAYS_NOTHING}
    there = {file.name for file in files.files}
    pending = {file.name for file in files.pending} if files.applied_through is not None else set()
    for entry in entries:
        if not entry.holds(today):
            yield entry, f"was accepted until {entry.until}"
        elif entry.file and entry.file not in there:
            yield entry, "the file is not there"
        elif entry.file in pending and entry.check in spoke and (entry.check, entry.fingerprint) not in used:
            yield entry, "is not found any more"
