"""applies-to-scratch: all files apply to an empty database, one after the other, as the tool applies them."""

from __future__ import annotations

from checks.base import CannotRun, Check, Need, Result, failed, passed
from checks.measures import duration
from checks.scratchdb.apply_errors import ApplyError
from checks.scratchdb.context import ScratchContext


def run(context: ScratchContext) -> Result:
    """Failed with file, line, SQLSTATE and statement of the first error; could-not-run for what the server lacks."""
    applied = context.applied
    total = len(context.files.ups)
    if applied.error is None:
        version = context.server_version
        shown = f"{len(applied.statements)} statements, PostgreSQL {version // 10000}.{version % 10000}"
        return passed(f"{total} of {total} applied in {duration(applied.took)}, {shown}")
    if applied.error.lacking:
        raise _lacks(applied.error)
    error = applied.error
    summary = f"{len(applied.files)} of {total} applied; {error.where}: {error.sqlstate} {error.message}"
    return failed(summary, [error.as_finding()], error.hint or f"mend {error.where}: {error.statement}")


def _lacks(error: ApplyError) -> CannotRun:
    sentence = f"the scratch server lacks {error.lacking}, which {error.where} needs: {error.message}"
    return CannotRun(sentence, "set [scratch] server to one that has it")


CHECK = Check(
    id="applies-to-scratch",
    title="All migrations run on a test database",
    needs=Need.SCRATCH,
    run=run,
    decides="Passes when every up file applies to an empty database in order, with the tool's transactions, as a login "
    "that is no superuser. Roles that the files only mention are made first, on a server of our own.",
    cost="Some 30 ms a file, in a throw-away database.",
    fix="Mend the named line. An error of an earlier file than expected often means that files are in the wrong order.",
)
