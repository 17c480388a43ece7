"""Read files and history for one deployment, and what a running migration does; faults included as sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.background.migration_source import SourceFiles, read_source
from bot.core.deployment import Deployment, History, PinnedFile, State
from bot.settings.inputs import Sources
from bot.usecases.checking.record_reading import Reading, Trouble
from checks.base import CannotRun, MigrationFile, MigrationSet
from checks.conditions import conditions
from checks.history.reading import History as ReadHistory
from checks.history.reading import applied_versions, compare, read_history
from checks.layouts.reading import with_source
from checks.migrations import MigrationsError, cut_to_range, range_of, select_range, what_it_says
from checks.result import Finding
from checks.sql import mends
from checks.targetdb.baseline import INVALID
from checks.targetdb.live import cancel_statement, read_live
from checks.targetdb.session import Session, Target, database_key

WATCHED = frozenset({State.DEPLOYING, State.HELD, State.ROLLING_BACK})
_PINNED = WATCHED - {State.HELD}
_BUILDING = "CREATE INDEX"
_MEND = {
    "golang-migrate": "migrate force {version}  -- after mending what the file left half done",
    "flyway": "flyway repair",
    "prisma": "prisma migrate resolve --rolled-back {version}_…  -- the folder's whole name, after mending",
    "sqlx": "DELETE FROM _sqlx_migrations WHERE version = {version} AND NOT success",
}


@dataclass(frozen=True)
class Look:
    """One look: lines of progress, what cancels it, and of each invalid index its table and what mends it."""

    lines: tuple[str, ...] = ()
    cancel: str = ""
    invalid: Mapping[str, tuple[str, str]] | None = None


def look(session: Session, deployment: Deployment, tool: str) -> Look:
    """Look only while a migration may run; every query waits for nobody. Raises CannotRun when the session is lost."""
    if deployment.state not in WATCHED:
        return Look()
    invalid = {row.name: (row.on_table, mends.rebuild(row.name, row.is_tied)) for row in session.rows(INVALID)}
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
    table, mend = (found.invalid or {})[new[0]]
    return Trouble(f"the index {new[0]} on {table} is INVALID since go", mend)


def _vanished(deployment: Deployment, found: Look, history: History | None) -> Trouble | None:
    """An index build that was seen at the last look, is gone now, and left history as it was."""
    before = [line for line in (deployment.facts.live or "").splitlines() if line.startswith(_BUILDING)]
    goes_on = any(line.startswith(_BUILDING) for line in found.lines)
    same = deployment.history is not None and history is not None and deployment.history.pending == history.pending
    if not before or goes_on or not same or not (history and history.pending):
        return None
    return Trouble(f"{before[0]} has stopped, and no row was added to the history")


@dataclass(frozen=True)
class TargetReading:
    """What the target said: its history, and who it is."""

    history: ReadHistory | None = None
    key: str | None = None
    look: Look = field(default_factory=Look)
    fault: Finding | None = None


def read(
    sources: Sources,
    deployment: Deployment,
    cache: Path,
    now: datetime,
    baseline: Mapping[str, Any] | None = None,
) -> Reading:
    """One preflight: files of the range, commit, history, conditions. Never raises for what a person can mend.

    While a migration runs it also holds the live progress, and what looks wrong against the baseline taken at go.
    """
    target = _read_target(sources, deployment)
    faults = [target.fault] if target.fault else []
    try:
        # While it runs nobody chooses files, and the repository's host is not asked at each look.
        settled = deployment.source_commit if deployment.state in _PINNED else None
        found = read_source(sources, cache, settled)
        reading = _with_files(sources, deployment, target, found, tuple(faults), now)
    except MigrationsError as fault:
        faults.append(Finding(str(fault)))
        reading = Reading(now, database_key=sources.database_key or target.key, faults=tuple(faults))
    trouble = trouble_in(deployment, target.look, reading.history, baseline)
    return replace(reading, live=target.look.lines, cancel=target.look.cancel, trouble=trouble)


def _read_target(sources: Sources, deployment: Deployment) -> TargetReading:
    if sources.target is None:
        return TargetReading()
    table = str(sources.options.get("history_table", ""))
    try:
        with closing(Target(sources.target)) as target, target.session("preflight") as session:
            seen = look(session, deployment, sources.tool)
            history = read_history(session, sources.tool, table)
            # psql keeps none: nobody can say what is applied, which is not the same as nothing.
            known = history if history.found or sources.tool != "psql" else None
            return TargetReading(known, database_key(session), seen)
    except CannotRun as fault:
        return TargetReading(fault=Finding(fault.sentence, hint=fault.hint))


def _with_files(
    sources: Sources,
    deployment: Deployment,
    target: TargetReading,
    found: SourceFiles | None,
    faults: tuple[Finding, ...],
    now: datetime,
) -> Reading:
    key = sources.database_key or target.key
    if found is None:
        return Reading(now, history=_bare_history(target.history), database_key=key, faults=faults)
    chosen = _range(deployment, found.migrations, target.history)
    if not chosen:
        faults = (*faults, _no_range(target.history))
    in_range = select_range(found.migrations, chosen).files if chosen else ()
    history = _history(target.history, found.migrations, in_range)
    nothing = _nothing(deployment, history, in_range)
    gone = set((deployment.facts.taken_out or "").split())
    taken = _taken_out(deployment, history, in_range) if not nothing else ()
    in_range = tuple(file for file in in_range if file.version not in gone | set(taken))
    return Reading(
        at=now,
        files=tuple(pinned(file) for file in in_range) if chosen else None,
        contents={file.sha256: file.source for file in in_range},
        source_commit=found.commit,
        history=history,
        database_key=key,
        changes=tuple(what_it_says(file) for file in in_range if not file.is_down),
        security=conditions(cut_to_range(found.migrations, chosen)).get("security") if chosen else None,
        faults=faults,
        nothing=nothing,
        taken_out=taken,
    )


def _nothing(deployment: Deployment, history: History | None, in_range: Sequence[MigrationFile]) -> str:
    """That history has everything already; empty where something is pending, or has to be mended first."""
    if history is None or history.pending or history.dirty or history.failed or not history.applied:
        return ""
    has = range_of(in_range) or "every migration"
    newest = "" if in_range else f", up to {history.applied[-1]}"
    return f"{deployment.environment} has {has} already{newest}: there is nothing to deploy"


def _taken_out(deployment: Deployment, history: History | None, in_range: Sequence[MigrationFile]) -> tuple[str, ...]:
    """Back from parking: what of the range another deployment has applied."""
    if history is None or deployment.facts.returned is None:
        return ()
    known = set((deployment.facts.taken_out or "").split())
    applied = set(history.applied) - known
    return tuple(file.version for file in in_range if not file.is_down and file.version in applied)


def _range(deployment: Deployment, migrations: MigrationSet, history: ReadHistory | None) -> str:
    """The range as given or pinned; else what the target's history lacks; empty where nobody can tell."""
    if deployment.first_version and deployment.last_version:
        return f"{deployment.first_version}-{deployment.last_version}"
    if history is None:
        return ""
    return range_of(compare(history, migrations).pending).replace("–", "-")


def _no_range(history: ReadHistory | None) -> Finding:
    if history is None:
        return Finding("Nobody said which migrations this is about", hint="start with a range, such as 00008-00010")
    return Finding("The target has every migration already: there is nothing to deploy", hint="abort, or give a range")


def pinned(file: MigrationFile) -> PinnedFile:
    """A file as deployments keep it."""
    return PinnedFile(file.version, file.name, file.sha256, file.is_down)


def _bare_history(history: ReadHistory | None) -> History | None:
    if history is None:
        return None
    return History(tool=history.tool, table=history.table, applied=tuple(row.version for row in history.rows))


def _history(
    history: ReadHistory | None, migrations: MigrationSet, in_range: Sequence[MigrationFile]
) -> History | None:
    """History against the files; `pending` is what of the range is not applied."""
    if history is None:
        return None
    found = compare(history, migrations)
    wanted = {file.version for file in in_range if not file.is_down}
    return History(
        tool=history.tool,
        table=history.table,
        applied=applied_versions(history, migrations),
        pending=tuple(file.version for file in found.pending if file.version in wanted),
        failed=tuple(row.version for row in found.failed),
        dirty=tuple(row.version for row in found.dirty),
        changed=tuple(file.version for _, file in found.changed),
        unknown=tuple(row.version for row in found.unknown),
    )


def migrations_for(
    found: SourceFiles, deployment: Deployment, kept: Sequence[tuple[PinnedFile, bytes]]
) -> MigrationSet:
    """What the checks of a deployment are given: all files up to its range, those of the range as they were pinned."""
    if not (deployment.first_version and deployment.last_version):
        return found.migrations
    cut = cut_to_range(found.migrations, f"{deployment.first_version}-{deployment.last_version}")
    bytes_of = {file.name: body for file, body in kept}
    files = tuple(with_source(file, bytes_of.get(file.name, file.source), cut.tool) for file in cut.files)
    return _applied_first(replace(cut, files=files), (deployment.facts.taken_out or "").split())


def _applied_first(cut: MigrationSet, taken_out: Sequence[str]) -> MigrationSet:
    """What another deployment applied from the middle of the range comes before what is pending, as on the target."""
    pending = {file.version for file in cut.pending}
    gone = [version for version in taken_out if version in pending]
    if not gone:
        return cut
    order = sorted(cut.files, key=lambda file: (file.version in pending) + (file.version in pending - set(gone)))
    return replace(cut, files=tuple(order), applied_through=gone[-1])
