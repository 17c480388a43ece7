"""check-constraints-valid: every CHECK holds for old rows too."""

from __future__ import annotations

from checks.base import Check, Need, Result, counted, evidence
from checks.contexts import TargetContext
from checks.target.foreign_keys_enforced import findings_of, read_constraints
from checks.verdict import judged


def run(context: TargetContext) -> Result:
    """A warning for NOT VALID and NOT ENFORCED; else evidence."""
    with context.session() as session:
        rows = read_constraints(session, "c")
    shown = f"{counted(len(rows), 'check constraint')}, all validated and enforced"
    return judged(findings_of(rows), evidence(f"{shown}; rows are not read"))


CHECK = Check(
    id="check-constraints-valid",
    title="Check constraints hold",
    needs=Need.TARGET,
    run=run,
    decides="Warns of check constraints that are NOT VALID or NOT ENFORCED. Else it is evidence: no row is read.",
    cost="One catalog query; waits for no lock.",
    fix="Mend the rows, then VALIDATE CONSTRAINT, which lets readers and writers go on.",
)
