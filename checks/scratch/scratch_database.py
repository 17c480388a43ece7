"""scratch-database: a throw-away database can be made and connected to."""

from __future__ import annotations

from checks.base import CannotRun, Check, Finding, Need, Result, passed, warning
from checks.scratchdb.context import ScratchContext


def run(context: ScratchContext) -> Result:
    """A warning where the scratch server's major version is not the target's."""
    context.connection.execute("SELECT 1")
    version = context.database.server_version
    target = _target_version(context)
    shown = f"scratch database on PostgreSQL {_shown(version)}"
    if target is None:
        return passed(shown)
    shown = f"{shown} (target: {_shown(target)})"
    if target // 10000 == version // 10000:
        return passed(shown)
    message = "another major version than the target's: what applies here may fail there"
    hint = f'[scratch] server = "bin:/usr/lib/postgresql/{target // 10000}/bin", or a server of that version'
    return warning(f"{shown}: {message}", [Finding(message, "server version", hint=hint)], hint)


def _target_version(context: ScratchContext) -> int | None:
    """None where no target is configured or it cannot be reached, which is another check's matter."""
    if context.inputs.target is None:
        return None
    from checks.targetdb.session import Target

    target = Target(context.inputs.target)
    try:
        with target.session(CHECK.id) as session:
            return session.server_version
    except CannotRun:
        return None
    finally:
        target.close()


def _shown(version: int) -> str:
    return f"{version // 10000}.{version % 10000}"


CHECK = Check(
    id="scratch-database",
    title="A test database can be created",
    needs=Need.SCRATCH,
    run=run,
    decides="Passes when an empty database is made on the scratch server and its owner, no superuser, connects to it.",
    cost="Starts the embedded server at first use (about a second), then CREATE DATABASE; both are gone afterwards.",
    fix='Install the extra "gonogo[embedded]", or set [scratch] server to a server that is nobody\'s environment.',
)
