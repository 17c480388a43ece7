"""A reminder comes due."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from bot.core.checklist.items import Item, Phase
from bot.core.deployment import State
from bot.core.policy import Project
from bot.core.refusal import NotYetKnown, Refused
from bot.core.reminder import ReminderKind
from bot.core.signoff_rules import who_is_asked
from bot.usecases.act import Act
from bot.usecases.books.rows import Reminder
from bot.usecases.chronicle import chronicle
from bot.usecases.complete import end_of_life
from bot.usecases.custody import GRACE, hand_over, require_new_owner
from bot.usecases.gate import blockers
from bot.usecases.permit import holders_of
from bot.usecases.ports import Unit
from bot.usecases.say import direct, morning_for, tell_privately
from bot.usecases.signoffs.asking import asked_facts
from bot.usecases.situation.judging import load
from bot.usecases.situation.snapshot import Situation

PATIENCE = timedelta(minutes=5)
"""How long what changes a deployment's life may wait for a membership; then it expires and says so."""
_DUE_WORDS = {
    ReminderKind.IMMEDIATE_SOON: "hour",
    ReminderKind.IMMEDIATE_DUE: "hour",
    ReminderKind.DAY: "day",
    ReminderKind.WEEK: "week",
}


def remind(unit: Unit, project: Project, act: Act, reminder_id: str) -> bool:
    """Claim one reminder and say what it is about; False when it was claimed or cancelled before.

    Raises NotYetKnown where somebody has to be looked up first: the claim is rolled back with the unit.

    Nothing is said when nothing is open: a reminder about nothing is noise.
    """
    reminder = unit.reminders.claim(reminder_id, act.at)
    if reminder is None:
        return False
    situation = load(unit, project, reminder.deployment_id, act.at)
    if reminder.kind == ReminderKind.SIGN_OFF:
        _remind_signers(unit, situation, act, reminder)
    elif reminder.kind == ReminderKind.LAST_DAY:
        _close_at_last(unit, situation, act)
    elif reminder.kind == ReminderKind.TAKE_OVER:
        _take_over(unit, situation, act, reminder)
    else:
        _remind_owner(unit, situation, act, reminder)
    return True


def _remind_owner(unit: Unit, situation: Situation, act: Act, reminder: Reminder) -> None:
    items = open_items(situation, ReminderKind(reminder.kind))
    if not items or situation.deployment.state is not State.VERIFYING:
        return
    facts = {"kind": reminder.kind, "day": reminder.subject, "items": [item.label for item in items]}
    _send(unit, situation, act, reminder, situation.deployment.owner, facts)


def open_items(situation: Situation, kind: ReminderKind) -> list[Item]:
    """Open items of verify that this reminder is about: due within the hour, in days, or in weeks."""
    unit_word = _DUE_WORDS[kind]
    return [
        item
        for _, items in situation.sections(Phase.VERIFY)
        for item in items
        if item.due is not None and str(item.due.unit) == unit_word and not situation.states[item.id].settled
    ]


def _remind_signers(unit: Unit, situation: Situation, act: Act, reminder: Reminder) -> None:
    if situation.deployment.state is not State.PREPARING:
        return
    state = situation.role(reminder.subject)
    if not state.blocks:
        return
    owner = situation.name(situation.deployment.owner)
    facts = {"kind": reminder.kind, **asked_facts(unit, situation, state, owner)}
    for user in sorted(who_is_asked(holders_of(unit, situation), state.role)):
        _send(unit, situation, act, reminder, user, facts)


def _send(
    unit: Unit, situation: Situation, act: Act, reminder: Reminder, user: str, facts: Mapping[str, object]
) -> None:
    urgent = reminder.kind in {ReminderKind.IMMEDIATE_SOON, ReminderKind.IMMEDIATE_DUE}
    later = None if urgent else morning_for(unit, situation, user, act.at)
    direct(unit, situation.deployment, user, "reminder", f"reminder:{reminder.id}:{user}", act.at, later, **facts)


def _close_at_last(unit: Unit, situation: Situation, act: Act) -> None:
    """35 days after completion what is open is recorded as not done; an unreviewed broken glass still waits."""
    glass = unit.troubles.broken_glass(situation.deployment.id)
    waits = glass is not None and glass.reviewed_at is None
    if situation.deployment.state is State.VERIFYING and not waits:
        end_of_life(unit, situation, act, "35 days after completion", len(blockers(situation)))


def _take_over(unit: Unit, situation: Situation, act: Act, reminder: Reminder) -> None:
    """The grace is over: the deployment changes hands, unless its owner acted on it meanwhile, or who asked may not."""
    if not situation.step or situation.deployment.last_act_at > reminder.due - GRACE:
        return
    heir = replace(act, who=reminder.subject)
    try:
        require_new_owner(unit, situation, heir)
    except Refused as refusal:
        _not_taken_over(unit, situation, act, reminder, refusal.sentence)
    except NotYetKnown:
        if act.at - reminder.due < PATIENCE:
            raise
        _not_taken_over(unit, situation, act, reminder, "Slack did not say who you are in time. Ask again.")
    else:
        hand_over(unit, situation, heir)


def _not_taken_over(unit: Unit, situation: Situation, act: Act, reminder: Reminder, why: str) -> None:
    deployment = situation.deployment
    chronicle(unit, deployment, act, "take-over-refused", {"for": reminder.subject})
    tell_privately(
        unit, reminder.subject, f"take-over:{reminder.id}", f"You do not own {deployment.label}: {why}", act.at
    )
