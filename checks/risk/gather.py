"""The risks of a run's pending files, sized and graded: what the checks and the bot's conditions stand on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from checks.base import Finding, NotApplicable
from checks.result import ERROR, WARNING
from checks.risk.classes import classes, graded
from checks.risk.facts import StatementRisk
from checks.risk.replay import risks_of
from checks.risk.sizes import table_sizes
from checks.risk.words import hint, sentence
from checks.scratchdb.context import ScratchContext


@dataclass(frozen=True)
class Risks:
    """All risks in order; `sizes_lack` says why table sizes are not known ("" where they are)."""

    all: tuple[StatementRisk, ...]
    sizes_lack: str = ""

    @property
    def serious(self) -> tuple[StatementRisk, ...]:
        """Those worth a warning, worst first."""
        found = [risk for risk in self.all if risk.severity in (WARNING, ERROR)]
        return tuple(sorted(found, key=lambda risk: risk.severity != ERROR))


def gather(context: ScratchContext, check_id: str) -> Risks:
    """Applies the files (once for all checks) and asks the target for sizes. Raises CannotRun, NotApplicable."""
    if not context.files.pending:
        raise NotApplicable("no file is pending")
    limits = classes(context.inputs.options)
    applied = context.require_applied()
    found = risks_of(applied.statements, {file.name for file in context.files.pending})
    tables = sorted({table for risk in found for table in risk.tables})
    sizes, lack = table_sizes(context.inputs.target, tables, check_id) if tables else ({}, "")
    sized = [replace(risk, sizes={t: sizes[t] for t in risk.tables if t in sizes}) for risk in found]
    return Risks(tuple(graded(risk, limits) for risk in sized), lack)


def findings(risks: Iterable[StatementRisk]) -> list[Finding]:
    """One a statement, at its line, about the table that it works on or locks."""
    return [
        Finding(
            sentence(risk),
            str(risk.tables[0]),
            risk.statement.file.name,
            risk.statement.line,
            hint(risk),
            risk.severity,
        )
        for risk in risks
    ]


def strongest(risks: Iterable[StatementRisk]) -> StatementRisk | None:
    """The one that blocks the largest table most, for the line of evidence."""
    return max(risks, key=lambda risk: (bool(risk.blocking), risk.held_size, bool(risk.work)), default=None)
