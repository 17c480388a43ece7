"""A throw-away database can be made, and all files apply to it."""

from __future__ import annotations

from contextlib import closing, suppress
from dataclasses import replace

from checks.base import NOTE, CannotRun, Finding, Result, counted, failed, passed, scratch_check, warning
from checks.measures import duration
from checks.scratchdb.context import ScratchContext


@scratch_check(
    title="A test database can be created",
    decides="Passes when an empty database is made on the scratch server and its owner, no superuser, connects to it.",
    cost="Starts the embedded server at first use (about a second), then CREATE DATABASE; both are gone afterwards.",
    fix='Install the extra "gonogo[embedded]", or set [scratch] server to a server that is nobody\'s environment.',
)
def scratch_database(context: ScratchContext) -> Result:
    """A warning where the scratch server's major version is not the target's."""
    context.connection.execute("SELECT 1")
    version = context.database.server_version
    target = _target_version(context)
    shown = f"scratch database on PostgreSQL {_shown(version)}" + (f" (target: {_shown(target)})" if target else "")
    if target is None or target // 10000 == version // 10000:
        return passed(shown)
    message = "another major version than the target's: what applies here may fail there"
    hint = f'[scratch] server = "bin:/usr/lib/postgresql/{target // 10000}/bin", or a server of that version'
    return warning(f"{shown}: {message}", [Finding(message, "server version", hint=hint)], hint)


def _target_version(context: ScratchContext) -> int | None:
    """None where no target is configured or it cannot be reached, which is another check's matter."""
    if context.inputs.target is None:
        return None
    from checks.targetdb.session import Target

    opened = closing(Target(context.inputs.target))
    with suppress(CannotRun), opened as target, target.session(scratch_database.id) as session:
        return session.server_version
    return None


def _shown(version: int) -> str:
    return f"{version // 10000}.{version % 10000}"


@scratch_check(
    title="All migrations run on a test database",
    decides="Passes when every up file applies to an empty database in order, with the tool's transactions, as a login "
    "that is no superuser. Roles that the files only mention are made first, on a server of our own. Files that reach "
    "for programs, files or other hosts are not run, and what reaches a limit of [scratch] is stopped: could-not-run.",
    cost="Some 30 ms a file, in a throw-away database.",
    fix="Mend the named line. An error of an earlier file than expected often means that files are in the wrong order.",
)
def applies_to_scratch(context: ScratchContext) -> Result:
    """Failed with file, line, SQLSTATE and statement of the first error; could-not-run for what the server lacks."""
    applied = context.tried
    total = len(context.files.ups)
    if applied.error is None:
        pending = counted(sum(1 for one in applied.statements if one.statement.file.name), "pending statement")
        unmade = (
            f"; {counted(len(context.unmade), 'statement')} of the dump could not be made" if context.unmade else ""
        )
        shown = f"{pending}, PostgreSQL {_shown(context.server_version)}{unmade}"
        findings = [replace(error.as_finding(), severity=NOTE) for error in context.unmade]
        return passed(f"{total} of {total} applied in {duration(applied.took)}, {shown}", findings)
    error = applied.error
    summary = f"{len(applied.files)} of {total} applied; {error.where}: {error.sqlstate} {error.message}"
    return failed(summary, [error.as_finding()], error.hint or f"mend {error.where}: {error.statement}")
