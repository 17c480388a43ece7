"""Findings: the verdict they add up to, those that a person silenced, and what machines read of them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence, Sized
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from checks.accepted import Accepted, fingerprints
from checks.base import (
    ERROR,
    NOTE,
    Check,
    Finding,
    MigrationFile,
    MigrationSet,
    Result,
    Status,
    failed,
    passed,
    warning,
)
from checks.result import Acceptance


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """Errors before the rest, which keep their order."""
    return sorted(findings, key=lambda finding: finding.severity != ERROR)


def status_of(findings: Iterable[Finding]) -> Status:
    """Failed with an error among the findings, a warning with any that is no note, else passed."""
    severities = {finding.severity for finding in findings} - {NOTE}
    return Status.FAILED if ERROR in severities else Status.WARNING if severities else Status.PASSED


def ending(findings: Iterable[Finding], summary: str, otherwise: Result) -> Result:
    """The result of that status, with the worst finding's hint; `otherwise` where there is no finding."""
    found = worst_first(findings)
    if not found:
        return otherwise
    return (failed if status_of(found) is Status.FAILED else warning)(summary, found, found[0].hint)


def verdict(findings: Iterable[Finding], otherwise: str) -> Result:
    """The worst finding in words with its place, else passed with the sentence `otherwise`."""
    found = worst_first(findings)
    return ending(found, in_words(found) if found else "", passed(otherwise))


def judged(findings: Iterable[Finding], good: str | Result, shown: str = "") -> Result:
    """The worst finding in words, `shown` before it: the numbers; else `good`, or passed with that sentence."""
    found = worst_first(findings)
    first = f"{shown}{': ' if shown else ''}{found[0].message}{and_more(found)}" if found else ""
    return ending(found, first, passed(good) if isinstance(good, str) else good)


def in_words(findings: Sequence[Finding]) -> str:
    """`00008.sql:3: message (and 2 more)`."""
    first = findings[0]
    place = f"{first.file}:{first.line}: " if first.file and first.line else f"{first.file}: " if first.file else ""
    return f"{place}{first.message}{and_more(findings)}"


def and_more(things: Sized) -> str:
    """` (and 2 more)` behind the first of three; "" behind the only one."""
    return f" (and {len(things) - 1} more)" if len(things) > 1 else ""


def not_these(names: Iterable[str]) -> str:
    """`not a, b, c …`: the first few of those that lack what the others have."""
    found = list(names)
    return f"not {', '.join(found[:3])}{' …' if len(found) > 3 else ''}"


# `-- gonogo: ignore ID reason`: a finding that a person looked at and accepts, with the reason in the evidence.
# Beside a statement, or in the comment lines that touch it from above, it holds for that statement; in a comment at the
# file's top with an empty line after it, for the whole file. Without a reason it silences nothing.

_MARK = b"gonogo:"
_COMMENT = re.compile(r"--[ \t]*gonogo:[ \t]*ignore\b[ \t]*(?P<check>[\w-]*)[ \t]*(?P<reason>[^\n]*)")
_WHOLE_FILE = 2**31


@dataclass(frozen=True)
class Silence:
    """One comment: lines `first` to `last` of the file are covered, `at` is its own."""

    check: str
    reason: str
    at: int
    first: int
    last: int

    def covers(self, finding: Finding) -> bool:
        """A finding without a line is about the file, so that only a comment on the file covers it."""
        return self.first <= (finding.line or 0) <= self.last


def without_accepted(
    check_id: str, result: Result, migrations: MigrationSet | None, entries: Sequence[Accepted] = ()
) -> Result:
    """The result without the findings that files silence or the list accepts, of which the summary gives the reasons.

    A note is no complaint, and is left where it is.
    """
    if not result.findings or result.status not in (Status.FAILED, Status.WARNING):
        return result
    marked = [file for file in migrations.files if _MARK in file.content] if migrations else []
    listed = [entry for entry in entries if entry.check == check_id and entry.holds(datetime.now(UTC).date())]
    if not marked and not listed:
        return result
    known = fingerprints(check_id, result.findings, migrations) if listed else [""] * len(result.findings)
    accepted: list[Acceptance] = []
    kept: list[Finding] = []
    for finding, fingerprint in zip(result.findings, known, strict=True):
        silence = _silence_of(check_id, finding, marked)
        entry = next((one for one in listed if one.is_of(finding, fingerprint)), None)
        if finding.severity == NOTE or (silence is None and entry is None):
            kept.append(finding)
        else:
            reason = silence.reason if silence else entry.reason if entry else ""
            accepted.append(Acceptance(finding, reason, "" if silence else fingerprint))
    return _rest(replace(result, accepted=tuple(accepted)), kept, _said(accepted)) if accepted else result


def in_files(result: Result, names: Collection[str]) -> Result:
    """The result with the findings in these files, and those that are about no file: the rest was there before."""
    if result.status not in (Status.FAILED, Status.WARNING):
        return result
    kept = [finding for finding in result.findings if not finding.file or finding.file in names]
    left = len(result.findings) - len(kept)
    accepted = tuple(one for one in result.accepted if not one.finding.file or one.finding.file in names)
    if not left:
        return replace(result, accepted=accepted)
    said = [f"{left} in files that are not changed", *_said(accepted)]
    return _rest(replace(result, accepted=accepted), kept, said)


def complaints(result: Result) -> list[Finding]:
    """What a result that is not plainly good has to say, worst first, each as heavy as it makes the result.

    A result without findings is one itself.
    """
    if result.status not in (Status.FAILED, Status.WARNING):
        return []
    found = worst_first(finding for finding in result.findings if finding.severity != NOTE)
    if not found:
        found = [Finding(result.summary, hint=result.hint)]
    fails = result.status is Status.FAILED and not any(finding.severity == ERROR for finding in found)
    return [replace(finding, severity=ERROR) for finding in found] if fails else found


@lru_cache(maxsize=64)
def silences(file: MigrationFile) -> tuple[Silence, ...]:
    """All comments of a file, also those without a check or a reason."""
    if _MARK not in file.content:
        return ()
    text = file.text
    return tuple(_silence(file, text, match) for match in _COMMENT.finditer(text))


def _silence_of(check_id: str, finding: Finding, marked: Iterable[MigrationFile]) -> Silence | None:
    for silence in (silence for file in marked if file.name == finding.file for silence in silences(file)):
        if silence.check == check_id and silence.reason and silence.covers(finding):
            return silence
    return None


def _said(accepted: Sequence[Acceptance]) -> list[str]:
    """`2 silenced: reason; another`, `3 accepted: reason`."""
    words = {"silenced": [one for one in accepted if not one.entry], "accepted": [one for one in accepted if one.entry]}
    return [
        f"{len(ones)} {word}: {'; '.join(dict.fromkeys(one.reason for one in ones))}"
        for word, ones in words.items()
        if ones
    ]


def _rest(result: Result, kept: Sequence[Finding], words: Sequence[str]) -> Result:
    said = "; ".join(words)
    if status_of(kept) is Status.PASSED:
        summary = f"nothing else found; {said}"
        return replace(result, status=Status.PASSED, summary=summary, hint="", findings=tuple(kept))
    milder = status_of(result.findings) is Status.FAILED and status_of(kept) is Status.WARNING
    status = Status.WARNING if milder else result.status
    words_of_rest = in_words([finding for finding in kept if finding.severity != NOTE])
    return replace(result, status=status, summary=f"{words_of_rest}; {said}", hint=kept[0].hint, findings=tuple(kept))


def _silence(file: MigrationFile, text: str, match: re.Match[str]) -> Silence:
    at = text.count("\n", 0, match.start()) + 1
    lines = text.split("\n")
    reason = match["reason"].strip().removesuffix("*/").strip(" :—–-")
    if _is_at_top(lines, at):
        return Silence(match["check"], reason, at, 0, _WHOLE_FILE)
    first, last = _statement_at(file, lines, at)
    return Silence(match["check"], reason, at, first, last)


def _is_at_top(lines: Sequence[str], at: int) -> bool:
    """In the first comment of the file, which an empty line parts from the statements."""
    for number, line in enumerate(lines, 1):
        if not line.lstrip().startswith("--"):
            return at < number and not line.strip()
    return True


def _statement_at(file: MigrationFile, lines: Sequence[str], at: int) -> tuple[int, int]:
    """The lines of the statement that the comment stands in, beside, or on top of."""
    for first, last in _extents(file):
        if first <= at <= last:
            return first, last
    below = next((n for n in range(at + 1, len(lines) + 1) if not lines[n - 1].lstrip().startswith("--")), at)
    return next(((first, last) for first, last in _extents(file) if first == below), (below, below))


def _extents(file: MigrationFile) -> Iterator[tuple[int, int]]:
    from checks.sql.statements import SqlError, split

    try:
        for statement in split(file):
            yield statement.line, statement.line + statement.text.count("\n")
    except SqlError:
        return


Outcome = tuple[Check[Any], Result]
_TOLD = ("object", "file", "line", "message", "hint", "severity")


def result_as_json(check: Check[Any], result: Result) -> dict[str, Any]:
    """`{"check", "status", "summary", "hint", "took", "findings": […]}`; `took` in seconds."""
    return {
        "check": check.id,
        "status": str(result.status),
        "summary": result.summary,
        "hint": result.hint,
        "took": result.took,
        "findings": [{name: getattr(finding, name) for name in _TOLD} for finding in result.findings],
    }


def exit_code(results: Iterable[Result]) -> int:
    """1 when any failed, else 2 when any could not run, else 0."""
    found = {result.status for result in results}
    if Status.FAILED in found:
        return 1
    return 2 if Status.COULD_NOT_RUN in found else 0
