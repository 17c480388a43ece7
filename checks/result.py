"""What is wrong, and the mend: one shape for checks, doctor, settings, checklists, obstacles. Imports nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

ERROR, WARNING, NOTE = "error", "warning", "note"
"""How much a finding weighs; a note is what was observed, and no complaint."""


class Status(StrEnum):
    """What a check found. `COULD_NOT_RUN` is never a pass."""

    PASSED = "passed"
    FAILED = "failed"
    WARNING = "warning"
    EVIDENCE = "evidence"
    NOT_APPLICABLE = "not-applicable"
    COULD_NOT_RUN = "could-not-run"


@dataclass(frozen=True)
class Finding:
    """One thing that is pointed at: an object, a file, a line, and in `hint` what to do about it.

    `object` is whatever is called by a name: a table, a setting, a variable. Lines and columns count from 1.
    """

    message: str
    object: str = ""
    file: str = ""
    line: int | None = None
    hint: str = ""
    severity: str = WARNING
    column: int | None = None

    @property
    def what(self) -> str:
        """`FILE:LINE:COLUMN: OBJECT: MESSAGE`, as far as they are known."""
        numbers = "".join(f":{number}" for number in (self.line, self.column) if number is not None)
        return ": ".join(part for part in (f"{self.file}{numbers}", self.object, self.message) if part)

    def __str__(self) -> str:
        return with_mend(self.what, self.hint)


@dataclass(frozen=True)
class Acceptance:
    """A finding that a person accepts, and why: in a comment of the file, or in the list as the `entry` so called."""

    finding: Finding
    reason: str
    entry: str = ""


@dataclass(frozen=True)
class Result:
    """The verdict of one run of one check.

    `summary` is one line of evidence with its numbers; `hint` is the next thing to type;
    `took` is seconds; `inputs_hash` says what the verdict was made from, so that a person's
    yes can be tied to this very result. `accepted` are findings that count no longer.
    """

    status: Status
    summary: str
    hint: str = ""
    findings: tuple[Finding, ...] = ()
    took: float = 0.0
    inputs_hash: str = ""
    accepted: tuple[Acceptance, ...] = ()


class Unusable(ValueError):
    """Raised for a value that cannot be used as written: `sentence` says why not, `hint` what to write instead."""

    def __init__(self, sentence: str, hint: str = "") -> None:
        super().__init__(with_mend(sentence, hint))
        self.sentence, self.hint = sentence, hint


def with_mend(sentence: str, hint: str) -> str:
    """Both on one line: a whole sentence is followed by the mend, a part of one joined to it by a semicolon."""
    if not hint:
        return sentence
    return f"{sentence} {hint}" if sentence.endswith(".") else f"{sentence}; {hint}"


def counted(number: int, singular: str, plural: str = "") -> str:
    """`1 file`, `2 files`: the noun agrees with its number."""
    return f"{number} {singular if number == 1 else plural or singular + 's'}"
