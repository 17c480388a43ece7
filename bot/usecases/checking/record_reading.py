"""Take in what preflight read: files, commit, history, facts, obstacles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.core.checklist.items import Phase
from bot.core.deployment import Deployment, History, KnownFacts, PinnedFile, State, fingerprint
from bot.core.journal import to_text
from bot.core.team import Project
from bot.usecases.act import Act, chronicle, is_announced, post_in_thread, repaint_all, want_dashboard
from bot.usecases.books.units import Unit
from bot.usecases.checking.runs import queue_phase, queue_signs
from bot.usecases.lifecycle.custody import call_off
from bot.usecases.lifecycle.earlier import carry_over, expected_run, promotion_obstacles
from bot.usecases.lifecycle.start import announce, end_decisions
from bot.usecases.permit import expand
from bot.usecases.situation.judging import load
from bot.usecases.situation.snapshot import PREPARATION
from bot.usecases.situation.warning import role_obstacles
from bot.usecases.who_waits import tell_owner, tell_what_lapsed
from checks.result import Finding


@dataclass(frozen=True)
class Trouble:
    """What the bot can see going wrong while a migration runs, and the next statement to type."""

    finding: str
    next_statement: str = ""


@dataclass(frozen=True)
class Reading:
    """What one preflight saw. `files` is the range in the tool's order with its bytes by sha; None where not read.

    `database_key` is `system_identifier/datname`; `changes` is what each file says of itself; `security` is why the
    security team has to look, None where nobody could tell; `faults` are sentences about what could not be read;
    `nothing` says that history has all of it already; `taken_out` are versions of the range that went in while it was
    parked; `live` are lines of progress while a migration runs, `cancel` is the statement that ends it.
    """

    at: datetime
    files: tuple[PinnedFile, ...] | None = None
    contents: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    source_commit: str | None = None
    history: History | None = None
    database_key: str | None = None
    changes: tuple[str, ...] = ()
    security: str | None = None
    faults: tuple[Finding, ...] = ()
    nothing: str = ""
    taken_out: tuple[str, ...] = ()
    live: tuple[str, ...] = ()
    cancel: str = ""
    trouble: Trouble | None = None


def record_reading(unit: Unit, project: Project, act: Act, deployment_id: str, reading: Reading) -> None:
    """Store a reading. The first one pins files and range; a later one that differs marks the files as moved."""
    before = unit.deployments.get(deployment_id)
    if before.state not in PREPARATION:
        _watch(unit, project, act, before, reading)
        return
    is_new = before.fingerprint is None or before.facts.returned is not None
    if reading.nothing and is_new and before.state is State.PREPARING:
        call_off(unit, project, act, deployment_id, reading.nothing)
        return
    if reading.taken_out:
        before = _cut(unit, project, act, before, reading)
    first = before.fingerprint is None and reading.files is not None
    deployment = _pinned(unit, act, before, reading) if first else _compared(unit, act, before, reading)
    deployment = unit.deployments.save(_with_reading(deployment, reading))
    if reading.files is not None:
        carry_over(unit, project, deployment, act.at)
    situation = load(unit, project, deployment_id, act.at)
    tell_what_lapsed(unit, situation, act)
    eligible = {state.role.name: expand(unit, state.role.holders) for state in situation.roles}
    before_this = promotion_obstacles(unit, project, deployment)
    obstacles = (*reading.faults, *role_obstacles(situation, eligible), *before_this)
    minutes, whose = expected_run(unit, project, deployment) or (None, None)
    facts = replace(deployment.facts, expected=str(minutes) if minutes else None, expected_of=whose)
    deployment = unit.deployments.save(replace(deployment, obstacles=obstacles, facts=facts))
    if not is_announced(unit, deployment):
        announce(unit, project, act, deployment)
    if first or reading.taken_out:
        queue_phase(unit, situation, act, Phase.PREPARE)
    repaint_all(unit, project, deployment, act.at)


def _pinned(unit: Unit, act: Act, before: Deployment, reading: Reading) -> Deployment:
    files = reading.files or ()
    unit.files.keep(reading.contents)
    unit.files.pin(before.id, files)
    digest = fingerprint(files)
    facts = {"fingerprint": digest, "commit": reading.source_commit or "", "files": [file.name for file in files]}
    ups = [file.version for file in files if not file.is_down]
    chronicle(unit, before, act, "files-read", facts)
    return replace(
        before,
        fingerprint=digest,
        source_commit=reading.source_commit,
        first_version=ups[0] if ups else before.first_version,
        last_version=ups[-1] if ups else before.last_version,
    )


def _cut(unit: Unit, project: Project, act: Act, before: Deployment, reading: Reading) -> Deployment:
    """Back from parking: what another deployment applied meanwhile is out of the range, and it is decided anew."""
    situation, gone = load(unit, project, before.id, act.at), set(reading.taken_out)
    left = [file for file in situation.files if file.version not in gone]
    unit.files.pin(before.id, left)
    ups = [file.version for file in left if not file.is_down]
    facts = replace(before.facts, taken_out=" ".join(sorted({*(before.facts.taken_out or "").split(), *gone})))
    cut = replace(before, fingerprint=fingerprint(left), first_version=ups[0], last_version=ups[-1], facts=facts)
    deployment = unit.deployments.save(replace(cut, asked_at=None))
    end_decisions(unit, situation, act, "range changed")
    chronicle(unit, deployment, act, "range-cut", {"applied": sorted(gone), "fingerprint": deployment.fingerprint})
    said = {"applied": ", ".join(sorted(gone)), "not_applied": deployment.range_words}
    post_in_thread(unit, project, deployment, act, "range-cut", **said)
    return deployment


def _compared(unit: Unit, act: Act, before: Deployment, reading: Reading) -> Deployment:
    if reading.files is None:
        return before
    digest = fingerprint(reading.files)
    if digest in {before.fingerprint, before.facts.stayed}:
        return replace(before, moved_fingerprint=None, moved_files=())
    if digest != before.moved_fingerprint:
        unit.files.keep(reading.contents)
        chronicle(unit, before, act, "files-moved", {"fingerprint": digest})
    facts = replace(before.facts, moved_commit=reading.source_commit or "", moved_security=reading.security)
    return replace(before, moved_fingerprint=digest, moved_files=reading.files, facts=facts)


def _with_reading(deployment: Deployment, reading: Reading) -> Deployment:
    """What is read of files that were not taken says nothing about those that are pinned."""
    seen = deployment.facts
    is_about_pinned = reading.files is None or fingerprint(reading.files) == deployment.fingerprint
    if is_about_pinned and reading.security is not None:
        seen = replace(seen, security=reading.security)
    if is_about_pinned and reading.changes:
        seen = replace(seen, changes="\n".join(reading.changes))
    if reading.history is not None:
        seen = replace(seen, returned=None)
    return replace(
        deployment,
        history=reading.history or deployment.history,
        history_read_at=reading.at,
        database_key=reading.database_key or deployment.database_key,
        facts=seen,
        obstacles=reading.faults,
    )


def _watch(unit: Unit, project: Project, act: Act, before: Deployment, reading: Reading) -> None:
    """While deploying: history decides what is applied; the rows going through tell that the run is over.

    While held the files may be mended: then the deployer chooses, as before go.
    """
    if before.state is State.HELD:
        before = _compared_while_held(unit, project, act, before, reading)
    if reading.history is None:
        return
    moved = reading.history != before.history
    seen = _watched(before, reading)
    deployment = unit.deployments.save(replace(before, history=reading.history, history_read_at=reading.at, facts=seen))
    if moved and before.state in {State.DEPLOYING, State.ROLLING_BACK}:
        _follow(unit, project, act, deployment)
    found = reading.trouble
    if before.state is State.DEPLOYING and found is not None and found.finding != before.facts.finding:
        _propose_hold(unit, project, act, deployment)
    if moved or seen != before.facts:
        want_dashboard(unit, project, deployment, act.at, urgent=True)
        repaint_all(unit, project, deployment, act.at)


def _compared_while_held(unit: Unit, project: Project, act: Act, before: Deployment, reading: Reading) -> Deployment:
    compared = _compared(unit, act, before, reading)
    saved = unit.deployments.save(replace(compared, history_read_at=reading.at))
    if compared != before:
        repaint_all(unit, project, saved, act.at)
    return saved


def _watched(before: Deployment, reading: Reading) -> KnownFacts:
    """What a migration that ended late has applied is to be undone too."""
    trouble, undoing = reading.trouble or Trouble(""), before.facts.undoing
    if before.state is State.ROLLING_BACK and reading.history is not None and reading.files is not None:
        wanted, applied = set((undoing or "").split()), set(reading.history.applied)
        ups = [file.version for file in reading.files if not file.is_down]
        undoing = " ".join(version for version in ups if version in wanted | applied)
    ran_at = before.facts.ran_at
    if ran_at is None and before.state is State.DEPLOYING and ran_through(reading.history):
        ran_at = to_text(reading.at)
    return replace(
        before.facts,
        undoing=undoing,
        ran_at=ran_at,
        live="\n".join(reading.live),
        cancel=reading.cancel,
        finding=trouble.finding,
        next_statement=trouble.next_statement,
    )


def _follow(unit: Unit, project: Project, act: Act, deployment: Deployment) -> None:
    history = deployment.history or History()
    chronicle(
        unit, deployment, act, "history-moved", {"applied": list(history.applied), "pending": list(history.pending)}
    )
    if deployment.state is State.ROLLING_BACK:
        if not deployment.left_to_undo:
            queue_phase(unit, load(unit, project, deployment.id, act.at), act, Phase.ROLLBACK)
    elif ran_through(deployment.history):
        after = load(unit, project, deployment.id, act.at)
        queue_phase(unit, after, act, Phase.DEPLOY)
        queue_signs(unit, after, act)


def _propose_hold(unit: Unit, project: Project, act: Act, deployment: Deployment) -> None:
    """The bot proposes, a person holds: said once in the thread, and shown on the dashboard until it is gone."""
    finding, statement = deployment.facts.finding or "", deployment.facts.next_statement or ""
    chronicle(unit, deployment, act, "trouble-seen", {"finding": finding})
    post_in_thread(unit, project, deployment, act, "trouble", finding=finding, statement=statement)
    situation = load(unit, project, deployment.id, act.at)
    tell_owner(unit, situation, act, "trouble", to_text(act.at), finding=finding, statement=statement)


def ran_through(history: History | None) -> bool:
    """Whether all of the range is applied, and nothing of it has to be mended."""
    return history is not None and not (history.pending or history.failed or history.dirty or history.running)
