"""statement-risk: what each pending statement locks, rewrites or scans, against the size of the table on the target."""

from __future__ import annotations

from checks.base import Check, Need, Result, counted, passed
from checks.risk.classes import CHECK_ID
from checks.risk.gather import Risks, findings, gather, strongest
from checks.risk.words import sentence
from checks.scratchdb.context import ScratchContext
from checks.verdict import verdict


def run(context: ScratchContext) -> Result:
    """Failed for work on a large table that others wait for, a warning for a middling one or an unknown size."""
    risks = gather(context, CHECK_ID)
    if not risks.serious:
        return passed(_calm(context, risks))
    return verdict(findings(risks.serious), "")


def _calm(context: ScratchContext, risks: Risks) -> str:
    pending = {file.name for file in context.files.pending}
    statements = sum(1 for applied in context.applied.statements if applied.statement.file.name in pending)
    shown = f"{counted(statements, 'statement')} in {counted(len(pending), 'pending file')}"
    first = strongest(risks.all)
    if first is None:
        return f"{shown}; none locks a table that is there already"
    guard = ", with lock_timeout" if first.guarded and first.blocking else ""
    return f"{shown}, none makes anybody wait for long; {sentence(first)}{guard}"


CHECK = Check(
    id=CHECK_ID,
    title="No statement blocks a large table for long",
    needs=Need.SCRATCH,
    run=run,
    decides="Applies the files to scratch and notes for each pending statement the locks that its transaction holds "
    "(pg_locks) and whether it rewrites, scans or builds an index on a table that the target has already (the "
    "server's own messages). Fails when writes or reads of a table over large_mb (1000) wait for that; a warning from "
    "small_mb (100) on, or where no target tells the size. Tables that the pending files create are no matter.",
    cost="About half a millisecond a statement in scratch; on the target one query of pg_class, without any lock.",
    fix="Write the statement in the form that the hint names, or deploy it in maintenance mode. Sizes are set under "
    "[checks.statement-risk] small_mb and large_mb.",
)
