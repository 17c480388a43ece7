"""schema-validation: the target's schema is what the migration files make."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from checks.base import CannotRun, Check, Need, Result, hash_findings
from checks.compare_verdict import against_files, ignored_names, pending_first, verdict_of
from checks.migrations import fingerprint
from checks.scratchdb.context import ScratchContext
from checks.targetdb.compare_kinds import KINDS


def run(context: ScratchContext) -> Result:
    """Compares the target with a scratch database that has all files applied."""
    files = context.files.migrations
    if not files.is_sql:
        sentence = f"{files.tool} migrations are programs: gonogo cannot build a database from them"
        raise CannotRun(sentence, "compare with another database: schema-matches, or a probe of your own")
    ignored = ignored_names(context.inputs.options, "schema-validation")
    result = pending_first(context, verdict_of(against_files(context, "schema-validation", ignored, KINDS)))
    made_from = f"{fingerprint(files.files)}\n{hash_findings(result.findings)}"
    return replace(result, inputs_hash=hashlib.sha256(made_from.encode()).hexdigest())


CHECK = Check(
    id="schema-validation",
    title="The schema is what the files make",
    needs=Need.SCRATCH,
    run=run,
    decides="Applies all files to a scratch database and passes when the target has the same schema; see "
    "schema-matches for what is compared and how to leave something out.",
    cost="A scratch database, and on the target about 20 short catalog queries with at most ten relation locks.",
    fix="Run what is pending first. What the target has besides was made by hand: put it into a migration, or drop it. "
    "Where the versions differ, set [scratch] server to one of the target's major version.",
    also=("target",),
)
