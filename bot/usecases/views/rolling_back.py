"""What to know before choosing the way back."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.core.checklist.items import Item
from bot.core.policy import Project
from bot.usecases.form_facts import RollBackForm
from bot.usecases.lifecycle.roll_back import CHOICES
from bot.usecases.ports import Reader
from bot.usecases.situation.judging import load
from bot.usecases.situation.snapshot import RUNNING, Situation
from checks.result import Status

_BACKUPS = ("final-backup", "backup")


def roll_back_form(reader: Reader, project: Project, deployment_id: str, now: datetime) -> RollBackForm:
    """Which files have a down file, what a restore would lose, and what cancels a migration that still runs."""
    situation = load(reader, project, deployment_id, now)
    deployment = situation.deployment
    return RollBackForm(
        deployment=deployment,
        choices=tuple(CHOICES),
        loses=_loses(situation),
        down_files=_down_files(situation),
        cancel_statement=(deployment.facts.cancel or "") if deployment.state in RUNNING else "",
    )


def _down_files(situation: Situation) -> str:
    ups = [file.version for file in situation.files if not file.is_down]
    downs = {file.version for file in situation.files if file.is_down}
    if not ups:
        return ""
    without = [version for version in ups if version not in downs]
    tail = f"; {', '.join(without[:5])} cannot be undone by a file" if without else ""
    return f"{len(ups) - len(without)} of {len(ups)} migrations have a down file{tail}."


def _loses(situation: Situation) -> str:
    """The newest word of a backup, and how much has been written since at most."""
    known = [found for item_id in _BACKUPS if item_id in situation.states if (found := _said(situation, item_id))]
    if not known:
        return "Nothing here knows of a backup: find out what a restore would lose before choosing it."
    at, words = max(known)
    lost = in_words(situation.now - at)
    return f"The last known backup: {words}. A restore loses what was written since, at least the last {lost}."


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
    """`45 min`, `3 h 20 min`, `2 d 4 h`."""
    minutes = max(0, int(span.total_seconds() // 60))
    if minutes < 60:
        return f"{minutes} min"
    hours, rest = divmod(minutes, 60)
    return f"{hours} h {rest} min" if hours < 48 else f"{hours // 24} d {hours % 24} h"
