"""tables-created: every table that the files declare exists in the scratch database."""

from __future__ import annotations

from checks.base import Check, Need, Result
from checks.created import declared_of, missing, relations, verdict
from checks.scratchdb.context import ScratchContext
from checks.sql.objects import TABLE


def run(context: ScratchContext) -> Result:
    """Failed with file and line of each table that is missing."""
    existing = relations(context, "rp")
    declared = declared_of(context, TABLE)
    findings = missing(context, declared, existing)
    partitions = sum(existing.values())
    note = f" ({partitions} are partitions)" if partitions else ""
    there = len(declared) - len(findings)
    return verdict(context, "tables", len(declared), findings, f"{there} of {len(declared)} tables present{note}")


CHECK = Check(
    id="tables-created",
    title="All tables are created",
    needs=Need.SCRATCH,
    run=run,
    decides="Passes when each table that the files create and do not drop exists after applying all of them.",
    cost="One catalog query in the scratch database, once the files are applied.",
    fix="Mend the statement that the finding names, or what undoes it later.",
)
