"""What the statements of a range do to one table together, beside what each does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from checks.base import NOTE, WARNING, Finding
from checks.risk.facts import MODES, REWRITES, SCANS, Classes, StatementRisk
from checks.risk.words import Risks, sized
from checks.sql.locks import blocks_reads
from checks.sql.objects import Name
from checks.sql.statements import Statement


def added_up(risks: Risks, ran: Sequence[Statement], limits: Classes) -> list[Finding]:
    """Tables that several files or statements lock against everybody, or go over several times while others wait.

    Each file waits for its lock anew, while others queue; what one ALTER TABLE asks for is one pass over the rows
    (PostgreSQL manual, ALTER TABLE, "Notes"). Notes, but warnings of tables over `large_mb`.
    """
    locks: dict[Name, list[StatementRisk]] = {}
    passes: dict[Name, list[StatementRisk]] = {}
    for risk in risks.all:
        for held in risk.blocking:
            if held.mode == MODES[-1] and held.since is risk.statement:
                locks.setdefault(held.table, []).append(risk)
        for table in dict.fromkeys(table for work, table in risk.work if work in (REWRITES, SCANS) and risk.waits):
            passes.setdefault(table, []).append(risk)
    return [*_locks(locks, ran, limits), *_passes(passes, limits)]


def _locks(
    locks: Mapping[Name, Sequence[StatementRisk]], ran: Sequence[Statement], limits: Classes
) -> Iterator[Finding]:
    for table, by in locks.items():
        files = list(dict.fromkeys(risk.version for risk in by))
        if len(files) > 1:
            words = f"is locked ACCESS EXCLUSIVE in {len(files)} files: {', '.join(files)}"
            yield _sum(table, by, words, "in one file they wait for the lock once", limits)
        for risk in by:
            again = [str(s.line) for s in ran if s.file is risk.statement.file and str(table) in blocks_reads(s)]
            if len(again) > 1 and [other.version for other in by].count(risk.version) == 1:
                words = f"is locked ACCESS EXCLUSIVE by lines {', '.join(again)} of {risk.version} to its end"
                yield _sum(table, [risk], words, "one ALTER TABLE with all of it holds the lock for less", limits)


def _passes(passes: Mapping[Name, Sequence[StatementRisk]], limits: Classes) -> Iterator[Finding]:
    for table, by in passes.items():
        if len(by) > 1:
            places = ", ".join(f"{risk.version}:{risk.statement.line}" for risk in by)
            words = f"is read or rewritten {len(by)} times while others wait: {places}"
            yield _sum(table, by, words, "one ALTER TABLE with all of it goes over the rows once", limits)


def _sum(table: Name, risks: Sequence[StatementRisk], words: str, mend: str, limits: Classes) -> Finding:
    last = risks[-1]
    severity = WARNING if last.sizes.get(table, 0) > limits.large else NOTE
    return last.statement.finding(f"{sized(last, table)} {words}", str(table), mend, severity)
