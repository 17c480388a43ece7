"""What pending statements lock and rewrite, against the size of the table; whether that needs maintenance mode."""

from __future__ import annotations

from dataclasses import replace

from checks.base import ERROR, NOTE, NotApplicable, Result, counted, evidence, passed, scratch_check, warning
from checks.findings import and_more, verdict
from checks.risk.facts import CHECK_ID, classes
from checks.risk.sums import added_up
from checks.risk.words import Risks, findings, gather, notes, sentence, strongest
from checks.scratchdb.context import ScratchContext


@scratch_check(
    title="No statement blocks a large table for long",
    decides="Applies the files to scratch and notes for each pending statement the locks that its transaction holds "
    "(pg_locks) and whether it rewrites, scans or builds an index on a table that the target has already (the "
    "server's own messages). Fails when writes or reads of a table over large_mb (1000) wait for that; a warning from "
    "small_mb (100) on, or where no target tells the size. Tables that several files lock against everybody, or "
    "go over several times, are added up: a warning over large_mb. Tables that pending files create are no matter.",
    cost="About half a millisecond a statement in scratch; on the target one query of pg_class, without any lock.",
    fix="Write the statement in the form that the hint names, or deploy it in maintenance mode. Sizes are set under "
    "[checks.statement-risk] small_mb and large_mb.",
)
def statement_risk(context: ScratchContext) -> Result:
    risks = gather(context, CHECK_ID)
    ran = [applied.statement for applied in context.applied.statements]
    sums = added_up(risks, ran, classes(context.inputs.options))
    complaints = [*findings(risks.serious), *(finding for finding in sums if finding.severity != NOTE)]
    result = verdict(complaints, "") if complaints else passed(_calm(context, risks))
    seen = notes(risks.all, context.files.pending, ran)
    return replace(result, findings=(*result.findings, *seen, *(each for each in sums if each.severity == NOTE)))


def _calm(context: ScratchContext, risks: Risks) -> str:
    pending = {file.name for file in context.files.pending}
    statements = sum(1 for applied in context.applied.statements if applied.statement.file.name in pending)
    shown = f"{counted(statements, 'statement')} in {counted(len(pending), 'pending file')}"
    first = strongest(risks.all)
    if first is None:
        return f"{shown}; none locks a table that is there already"
    guard = ", with lock_timeout" if first.guarded and first.blocking else ""
    return f"{shown}, none makes anybody wait for long; {sentence(first)}{guard}"


@scratch_check(
    title="Whether maintenance mode is needed",
    decides="Not applicable, with the reason, when no pending statement makes the application wait for work on a table "
    "of some size; a warning that names the statement, lock, table and size otherwise. Same facts as statement-risk.",
    cost="Nothing beside statement-risk: the same run in scratch, one query of pg_class on the target.",
    fix="Put the application in maintenance mode before the run, or rewrite the statement as the hint says.",
)
def maintenance_needed(context: ScratchContext) -> Result:
    risks = gather(context, maintenance_needed.id)
    waiting = [risk for risk in risks.serious if risk.waits]
    if not waiting:
        first = strongest([risk for risk in risks.all if risk.blocking and risk.severity == NOTE] or risks.all)
        online = sentence(first) if first else "no pending statement locks a table that is there already"
        raise NotApplicable(f"online change only: {online}")
    found, more = findings(waiting), and_more(waiting)
    if all(risk.worked_size is None for risk in waiting):
        why = risks.sizes_lack or "the target does not have the table yet"
        return evidence(f"{sentence(waiting[0])}{more}: a person decides, {why}", found, found[0].hint)
    need = "needed" if waiting[0].severity == ERROR else "advisable"
    return warning(f"{sentence(waiting[0])}{more}: maintenance mode {need}", found, found[0].hint)
