"""Read files and history for one deployment; what comes out is a `Reading`, faults included as sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.background.live_watch import Look, look, trouble_in
from bot.background.migration_source import SourceFiles, read_source
from bot.core.deployment import Deployment, History, PinnedFile
from bot.settings.sources import Sources
from bot.usecases.checking.record_reading import Reading
from checks.base import CannotRun, MigrationFile, MigrationSet
from checks.conditions import conditions
from checks.history.reading import History as ReadHistory
from checks.history.reading import applied_versions, compare, read_history
from checks.migrations import MigrationsError, cut_to_range, range_of, select_range
from checks.result import Finding
from checks.targetdb.session import Target, database_key


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
        found = read_source(sources, cache)
        reading = _with_files(sources, deployment, target, found, tuple(faults), now)
    except MigrationsError as fault:
        faults.append(Finding(str(fault)))
        reading = Reading(now, database_key=_key(sources, target), faults=tuple(faults))
    trouble = trouble_in(deployment, target.look, reading.history, baseline)
    return replace(reading, live=target.look.lines, cancel=target.look.cancel, trouble=trouble)


def _read_target(sources: Sources, deployment: Deployment) -> TargetReading:
    if sources.target is None:
        return TargetReading()
    target = Target(sources.target)
    try:
        with target.session("preflight") as session:
            table = str(sources.options.get("history_table", ""))
            seen = look(session, deployment, sources.tool)
            return TargetReading(read_history(session, sources.tool, table), database_key(session), seen)
    except CannotRun as fault:
        return TargetReading(fault=Finding(fault.sentence, hint=fault.hint))
    finally:
        target.close()


def _key(sources: Sources, target: TargetReading) -> str | None:
    return sources.database_key or target.key


def _with_files(
    sources: Sources,
    deployment: Deployment,
    target: TargetReading,
    found: SourceFiles | None,
    faults: tuple[Finding, ...],
    now: datetime,
) -> Reading:
    if found is None:
        return Reading(now, history=_bare_history(target.history), database_key=_key(sources, target), faults=faults)
    chosen = _range(deployment, found.migrations, target.history)
    if not chosen:
        faults = (*faults, _no_range(target.history))
    in_range = select_range(found.migrations, chosen).files if chosen else ()
    history = _history(target.history, found.migrations, in_range)
    return Reading(
        at=now,
        files=tuple(pinned(file) for file in in_range) if chosen else None,
        contents={file.sha256: file.content for file in in_range},
        source_commit=found.commit,
        history=history,
        database_key=_key(sources, target),
        security=conditions(cut_to_range(found.migrations, chosen)).get("security") if chosen else None,
        faults=faults,
    )


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
    files = tuple(replace(file, content=bytes_of.get(file.name, file.content)) for file in cut.files)
    return replace(cut, files=files)
