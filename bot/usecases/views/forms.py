"""What forms are prefilled with: start, go, short acts, completion, the way back, and files that moved."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.core.checklist.items import Item, Phase
from bot.core.deployment import Outcome, PinnedFile, State, differing
from bot.core.team import Project
from bot.usecases.adding import requirements_of
from bot.usecases.books.units import Reader
from bot.usecases.checking.runs import named_act
from bot.usecases.form_facts import (
    ActForm,
    AddForm,
    CompletionForm,
    FileChange,
    GoForm,
    MovedFiles,
    RollBackForm,
    StartForm,
)
from bot.usecases.lifecycle.complete import applied_and_not, words_of
from bot.usecases.lifecycle.roll_back import choices_of
from bot.usecases.situation import gate, warning
from bot.usecases.situation.judging import load
from bot.usecases.situation.snapshot import RUNNING, Situation
from checks.result import Status, counted


def start_form(project: Project, environment: str = "", range_text: str = "", title: str = "") -> StartForm:
    """What a start asks when it cannot know."""
    names = project.environment_names
    return StartForm(
        environments=names,
        environment=environment if environment in names else "",
        range_needed=not project.has_migrations,
        range_text=range_text,
        title=title,
        project=project.name,
    )


def go_form(reader: Reader, project: Project, deployment_id: str, now: datetime) -> GoForm:
    """The confirmation before go."""
    situation = load(reader, project, deployment_id, now)
    expected, deployment = warning.estimate(situation), situation.deployment
    return GoForm(
        deployment,
        situation.subject,
        gate.blockers(situation),
        warning.warnings(situation),
        situation.files,
        int(expected.total_seconds() // 60) if expected else None,
        "" if deployment.estimate_minutes else deployment.facts.expected_of or "",
    )


def act_form(reader: Reader, project: Project, deployment_id: str, item_id: str, act_id: str, now: datetime) -> ActForm:
    """The confirmation of a short act. Raises Refused where the settings name none."""
    situation = load(reader, project, deployment_id, now)
    found = named_act(situation, item_id, act_id)
    command = found.command.replace("{environment}", situation.environment.name)
    command = command.replace("{range}", situation.deployment.range_words)
    label = situation.item(item_id).label
    return ActForm(situation.deployment, item_id, label, found.id, found.title, command)


def add_form(reader: Reader, project: Project, deployment_id: str, section_id: str, now: datetime) -> AddForm:
    """Where a line can be added now, the section that was meant first. Raises Refused where it can nowhere."""
    situation = load(reader, project, deployment_id, now)
    situation.require_open(": its record is final")
    found = [(one, requirements_of(situation, one)) for one, _ in situation.sections(*Phase)]
    open_ones = tuple((one.id, one.title) for one, fitting in found if fitting)
    meant = [fitting for one, fitting in found if section_id in {"", one.id}]
    return AddForm(situation.deployment, open_ones, section_id, max(meant, key=len, default=()))


def completion_form(reader: Reader, project: Project, deployment_id: str, now: datetime) -> CompletionForm:
    """The six fields, prefilled; what was and was not applied is computed from history."""
    situation = load(reader, project, deployment_id, now)
    applied, missing = applied_and_not(situation)
    choices, rolling_back = _choices(situation), situation.deployment.state is State.ROLLING_BACK
    return CompletionForm(
        deployment=situation.deployment,
        date=now,
        deployed_by=", ".join(situation.name(one.user_id) for one in situation.deployers),
        environment=situation.deployment.environment,
        versions=situation.deployment.range_words,
        proposed=choices[-1] if missing and applied and len(choices) > 1 else choices[0],
        choices=choices,
        open_required=() if rolling_back else tuple(each.sentence for each in gate.before_success(situation)),
        applied=applied,
        not_applied=missing,
        advice=warning.recommends_rollback(situation),
    )


def _choices(situation: Situation) -> tuple[str, ...]:
    if situation.deployment.state is State.ROLLING_BACK:
        return (str(Outcome.ROLLED_BACK),)
    return (str(Outcome.SUCCESS), str(Outcome.PARTIAL))


def result_words(situation: Situation) -> str:
    """The word of the result, or of the state while there is none."""
    result = situation.deployment.result
    return words_of(result) if result else str(situation.deployment.state)


AROUND = 3


def moved_files(reader: Reader, deployment_id: str) -> MovedFiles:
    """The difference between the pinned files and those that the source has now; empty where nothing moved."""
    deployment = reader.deployments.get(deployment_id)
    moved = deployment.moved_fingerprint or ""
    changes = _changes(reader, reader.files.of(deployment_id), deployment.moved_files) if moved else ()
    return MovedFiles(deployment, moved, changes)


def _changes(reader: Reader, before: Sequence[PinnedFile], after: Sequence[PinnedFile]) -> tuple[FileChange, ...]:
    old, new = {file.name: file.sha for file in before}, {file.name: file.sha for file in after}
    return tuple(_change(reader, name, word, old.get(name), new.get(name)) for name, word in differing(old, new))


def _change(reader: Reader, name: str, word: str, old: str | None, new: str | None) -> FileChange:
    was, now = _lines(reader, old), _lines(reader, new)
    made = difflib.unified_diff(was, now, f"pinned/{name}", f"now/{name}", lineterm="", n=AROUND)
    return FileChange(name, word, "\n".join(made))


def _lines(reader: Reader, sha: str | None) -> list[str]:
    return reader.files.content(sha).decode("utf-8", errors="replace").splitlines() if sha else []


_BACKUPS = ("final-backup", "backup")


def roll_back_form(reader: Reader, project: Project, deployment_id: str, now: datetime) -> RollBackForm:
    """Which files have a down file, what a restore would lose, and what cancels a migration that still runs."""
    situation = load(reader, project, deployment_id, now)
    deployment = situation.deployment
    return RollBackForm(
        deployment=deployment,
        choices=tuple(choices_of(situation)),
        loses=_loses(situation),
        lost=_lost(situation),
        down_files=_down_files(situation),
        cancel_statement=(deployment.facts.cancel or "") if deployment.state in RUNNING else "",
    )


def _down_files(situation: Situation) -> str:
    ups = [file.version for file in situation.files if not file.is_down]
    downs = {file.version for file in situation.files if file.is_down}
    if not ups:
        return ""
    if not downs and situation.project.has_migrations:
        return f"{counted(len(ups), 'migration')}, and no down file: no file undoes them."
    without = [version for version in ups if version not in downs]
    tail = f"; {', '.join(without[:5])} cannot be undone by a file" if without else ""
    return f"{len(ups) - len(without)} of {len(ups)} migrations have a down file{tail}."


def _loses(situation: Situation) -> str:
    """The newest word of a backup, and how much has been written since at most."""
    known = _backups(situation)
    if not known:
        return "Nothing here knows of a backup: find out what a restore would lose before choosing it."
    lost = _lost(situation)
    return f"The last known backup: {known[-1][1]}. A restore loses what was written since, at least the last {lost}."


def _lost(situation: Situation) -> str:
    """How long ago the newest backup was, as far as anybody said; empty where nobody did."""
    known = _backups(situation)
    return in_words(situation.now - known[-1][0]) if known else ""


def _backups(situation: Situation) -> list[tuple[datetime, str]]:
    """What is said of backups, the newest last."""
    present = (item_id for item_id in _BACKUPS if item_id in situation.states)
    return sorted(found for item_id in present if (found := _said(situation, item_id)))


def _said(situation: Situation, item_id: str) -> tuple[datetime, str] | None:
    state, item = situation.states[item_id], situation.checklist.item(item_id)
    passed = [one for one in situation.results_of(item) if one.status is Status.PASSED]
    if passed:
        return passed[-1].at, f"{_called(item)}, {passed[-1].summary}"
    if state.settled and state.decision is not None:
        return state.decision.at, f"{_called(item)}, ticked by {situation.name(state.decision.who)}"
    return None


def _called(item: Item) -> str:
    return item.label[:1].lower() + item.label[1:]


def in_words(span: timedelta) -> str:
    """`less than a minute`, `45 min`, `3 h 20 min`, `2 d 4 h`."""
    minutes = max(0, int(span.total_seconds() // 60))
    if minutes < 1:
        return "less than a minute"
    if minutes < 60:
        return f"{minutes} min"
    hours, rest = divmod(minutes, 60)
    return f"{hours} h {rest} min" if hours < 48 else f"{hours // 24} d {hours % 24} h"
