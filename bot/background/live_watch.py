"""What a running migration does on the target, and what looks wrong about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.core.deployment import Deployment, History, State
from bot.usecases.checking.record_reading import Trouble
from checks.baseline_read import INVALID
from checks.live import cancel_statement, read_live
from checks.targetdb.session import Session

WATCHED = frozenset({State.DEPLOYING, State.HELD})
_BUILDING = "CREATE INDEX"
_MEND = {
    "golang-migrate": "migrate force {version}  -- after mending what the file left half done",
    "flyway": "flyway repair",
    "sqlx": "DELETE FROM _sqlx_migrations WHERE version = {version} AND NOT success",
}


@dataclass(frozen=True)
class Look:
    """One look: lines of progress, what cancels it, and invalid indexes with their tables."""

    lines: tuple[str, ...] = ()
    cancel: str = ""
    invalid: Mapping[str, str] | None = None


def look(session: Session, deployment: Deployment, tool: str) -> Look:
    """Look only while a migration may run; every query waits for nobody. Raises CannotRun when the session is lost."""
    if deployment.state not in WATCHED:
        return Look()
    invalid = {str(row.name): str(row.on_table) for row in session.rows(INVALID)}
    live = read_live(session, tool)
    cancels = [cancel_statement(running.pid) for running in live.running] or list(live.cancel)
    return Look(tuple(live.lines()), next(iter(cancels), ""), invalid)


def trouble_in(
    deployment: Deployment, found: Look, history: History | None, baseline: Mapping[str, Any] | None
) -> Trouble | None:
    """The first thing that looks wrong: a dirty or failed row, an INVALID index since go, a build that vanished."""
    return _bad_row(history) or _new_invalid(found, baseline) or _vanished(deployment, found, history)


def _bad_row(history: History | None) -> Trouble | None:
    if history is None or not (history.dirty or history.failed):
        return None
    version = (history.dirty or history.failed)[0]
    word = "is marked dirty" if history.dirty else "failed"
    return Trouble(f"{version} {word} in {history.table}", _MEND.get(history.tool, "").format(version=version))


def _new_invalid(found: Look, baseline: Mapping[str, Any] | None) -> Trouble | None:
    known = set((baseline or {}).get("invalid_indexes", ()))
    new = [name for name in (found.invalid or {}) if name not in known]
    if not new or baseline is None:
        return None
    table = (found.invalid or {})[new[0]]
    return Trouble(f"the index {new[0]} on {table} is INVALID since go", f"DROP INDEX CONCURRENTLY {new[0]};")


def _vanished(deployment: Deployment, found: Look, history: History | None) -> Trouble | None:
    """An index build that was seen at the last look, is gone now, and left history as it was."""
    before = [line for line in (deployment.facts.live or "").splitlines() if line.startswith(_BUILDING)]
    goes_on = any(line.startswith(_BUILDING) for line in found.lines)
    same = deployment.history is not None and history is not None and deployment.history.pending == history.pending
    if not before or goes_on or not same or not (history and history.pending):
        return None
    return Trouble(f"{before[0]} has stopped, and no row was added to the history")
