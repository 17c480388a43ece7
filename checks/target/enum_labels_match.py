"""enum-labels: the target's enums have the labels of the files, in their order."""

from __future__ import annotations

from dataclasses import replace

from checks.base import CannotRun, Check, Need, Result, counted, hash_findings
from checks.compare_verdict import against_files, ignored_names, pending_first
from checks.scratchdb.context import ScratchContext
from checks.targetdb.compare_kinds import ENUM_LABELS
from checks.verdict import judged


def run(context: ScratchContext) -> Result:
    """Compares labels alone, which is the same in every version."""
    if not context.files.migrations.is_sql:
        tool = context.files.migrations.tool
        raise CannotRun(f"{tool} migrations are programs: gonogo cannot build a database from them", "look by hand")
    ignored = ignored_names(context.inputs.options, "enum-labels")
    compared = against_files(context, "enum-labels", ignored, [ENUM_LABELS])
    findings = compared.findings + compared.notes
    enums = sum(owner.of == "type" and owner.kind == "e" for owner in compared.left.owners.values())
    result = judged(findings, f"{counted(enums, 'enum')} on {compared.left.name} as the files make them")
    result = pending_first(context, result)
    return replace(result, inputs_hash=hash_findings(findings) if findings else "")


CHECK = Check(
    id="enum-labels",
    title="Enums have the labels of the files",
    needs=Need.SCRATCH,
    run=run,
    decides="Passes when each enum type has the labels that the files give it, in the same order, and no other.",
    cost="A scratch database, and a few short catalog queries on the target.",
    fix="ALTER TYPE … ADD VALUE in a migration; a label cannot be removed, only the type replaced.",
    also=("target",),
)
