"""What is wrong with a checklist, where, and what to do: collected all at once."""

from __future__ import annotations

from collections.abc import Iterable

from checks.result import ERROR, Finding


def problem(file: str, line: int, sentence: str, mend: str, severity: str = ERROR) -> Finding:
    """One fault at one line. An error keeps the checklist from being used; a warning says what will surprise."""
    return Finding(sentence, file=file, line=line, hint=mend, severity=severity)


class ChecklistError(ValueError):
    """Every error of one checklist, in the order of lines. `str()` is a line for each."""

    def __init__(self, problems: Iterable[Finding]) -> None:
        self.problems = in_order(problems)
        super().__init__("\n".join(map(str, self.problems)))


def in_order(problems: Iterable[Finding]) -> tuple[Finding, ...]:
    """By line, each once."""
    return tuple(sorted(dict.fromkeys(problems), key=lambda problem: problem.line or 0))
