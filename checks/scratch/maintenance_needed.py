"""maintenance-needed: whether the application has to stand still while the pending files run, and why."""

from __future__ import annotations

from checks.base import Check, Need, NotApplicable, Result, evidence, warning
from checks.result import ERROR
from checks.risk.facts import NOTE, StatementRisk
from checks.risk.gather import findings, gather, strongest
from checks.risk.words import sentence
from checks.scratchdb.context import ScratchContext
from checks.verdict import and_more


def run(context: ScratchContext) -> Result:
    """Not applicable for an online change; a warning with the statement; evidence where sizes are not known."""
    risks = gather(context, CHECK.id)
    waiting = [risk for risk in risks.serious if risk.waits]
    if not waiting:
        raise NotApplicable(f"online change only: {_online(risks.all)}")
    found = findings(waiting)
    more = and_more(waiting)
    if all(risk.worked_size is None for risk in waiting):
        why = risks.sizes_lack or "the target does not have the table yet"
        return evidence(f"{sentence(waiting[0])}{more}: a person decides, {why}", found, found[0].hint)
    need = "needed" if waiting[0].severity == ERROR else "advisable"
    return warning(f"{sentence(waiting[0])}{more}: maintenance mode {need}", found, found[0].hint)


def _online(risks: tuple[StatementRisk, ...]) -> str:
    first = strongest([risk for risk in risks if risk.blocking and risk.severity == NOTE] or risks)
    return sentence(first) if first else "no pending statement locks a table that is there already"


CHECK = Check(
    id="maintenance-needed",
    title="Whether maintenance mode is needed",
    needs=Need.SCRATCH,
    run=run,
    decides="Not applicable, with the reason, when no pending statement makes the application wait for work on a table "
    "of some size; a warning that names the statement, lock, table and size otherwise. Same facts as statement-risk.",
    cost="Nothing beside statement-risk: the same run in scratch, one query of pg_class on the target.",
    fix="Put the application in maintenance mode before the run, or rewrite the statement as the hint says.",
)
