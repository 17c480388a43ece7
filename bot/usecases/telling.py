"""Who is told, and what is noted: reminders that come due, notices read, a history that moved, words for the record."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.core.calendar import ReminderKind
from bot.core.decision import Decision, DecisionKind
from bot.core.deployment import Deployment, State
from bot.core.journal import from_text, to_text
from bot.core.refusal import NotYetKnown, Refused
from bot.core.team import Environment, Project
from bot.usecases.act import (
    Act,
    Answer,
    chronicle,
    tell_privately,
    unit_name,
    want_dashboard,
)
from bot.usecases.books.rows import NOTICE, Reminder, Said
from bot.usecases.books.units import PostUnit, Unit
from bot.usecases.lifecycle.custody import GRACE, hand_over, require_new_owner
from bot.usecases.lifecycle.watching import close_at_last, go_on, look, tell_hour
from bot.usecases.permit import require_colleague, require_worker
from bot.usecases.situation.judging import load
from bot.usecases.situation.snapshot import Situation
from bot.usecases.verb import Verb
from bot.usecases.who_waits import tell_window

PATIENCE = timedelta(minutes=5)
"""How long what changes a deployment's life may wait for a membership; then it expires and says so."""


def remind(unit: Unit, project: Project, act: Act, reminder_id: str) -> bool:
    """Claim one reminder and do what it is about; False when it was claimed or cancelled before.

    A list that is due is looked at; what deviates is told then, not that it is due.

    Raises NotYetKnown where somebody has to be looked up first: the claim is rolled back with the unit.

    Nothing is said when nothing is open: a reminder about nothing is noise.
    """
    reminder = unit.reminders.claim(reminder_id, act.at)
    if reminder is None:
        return False
    situation = load(unit, project, reminder.deployment_id, act.at)
    if reminder.kind == ReminderKind.WINDOW:
        tell_window(unit, situation, act, reminder.subject)
    elif reminder.kind == ReminderKind.TAKE_OVER:
        _take_over(unit, situation, act, reminder)
    else:
        _watch_it(unit, situation, act, reminder)
    return True


def _watch_it(unit: Unit, situation: Situation, act: Act, reminder: Reminder) -> None:
    """A look, what the hour tells, or the last day; nothing once it is verified no longer."""
    if situation.deployment.state is not State.VERIFYING:
        return
    if reminder.kind == ReminderKind.LAST_DAY:
        close_at_last(unit, situation, act)
    elif reminder.kind == ReminderKind.IMMEDIATE_DUE:
        tell_hour(unit, situation, act)
        go_on(unit, situation.project, act, situation.deployment)
    else:
        look(unit, situation, act, reminder)


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
        offer = {"verb": Verb.BLOCKERS, "deployment": situation.deployment.id}
        words = f"Deployment {situation.deployment.label} is yours now."
        tell_privately(unit, heir.who, f"take-over:{reminder.id}", words, act.at, offer)


def _not_taken_over(unit: Unit, situation: Situation, act: Act, reminder: Reminder, why: str) -> None:
    deployment = situation.deployment
    chronicle(unit, deployment, act, "take-over-refused", {"for": reminder.subject})
    tell_privately(
        unit, reminder.subject, f"take-over:{reminder.id}", f"You do not own {deployment.label}: {why}", act.at
    )


def acknowledge(unit: Unit, project: Project, act: Act, notice_id: str) -> Answer:
    """Add the person's name to a notice; a second click changes nothing and says so.

    Who reads the notices need not be in the channel of the deployments.
    """
    require_colleague(unit, act)
    notice = unit.notices.get(notice_id)
    if notice is None:
        raise Refused("This notice is from another gonogo.")
    if not unit.notices.acknowledge(notice_id, act.who, act.at):
        return Answer("You acknowledged this already.", notice.deployment_id)
    deployment = unit.deployments.get(notice.deployment_id)
    chronicle(unit, deployment, act, "acknowledged", {"notice": notice.state, "audience": notice.audience})
    want_dashboard(unit, project, deployment, act.at)
    for live in unit.outbox.wanted(deployment.id):
        pressed = live.kind == NOTICE and live.subject.partition(" ")[0] == notice.audience
        if pressed or live.kind == "sign-off":
            unit.outbox.want(deployment.id, live.kind, live.subject, live.channel, act.at, urgent=pressed)
    return Answer("Thank you: your name stands in the record.", notice.deployment_id)


_MAY_MOVE_HISTORY = frozenset({State.DEPLOYING, State.HELD, State.ROLLING_BACK, State.VERIFYING})


def notice_history(
    unit: PostUnit, project: Project, act: Act, environment: Environment, applied: Sequence[str]
) -> tuple[str, ...]:
    """Compare with what was there at the last look; returns the versions that came or went unannounced.

    The first look only remembers. What moved while a deployment was under way is that deployment's.
    """
    name = f"history:{project.name}/{environment.name}"
    before = unit.heartbeats.all().get(name)
    unit.heartbeats.beat(name, act.at, json.dumps({"applied": list(applied), "at": to_text(act.at)}))
    if before is None:
        return ()
    known = json.loads(before.detail)
    moved = tuple(sorted(set(applied) ^ set(known["applied"])))
    found = unit.deployments.of_environment(act.team, project.name, environment.name)
    if not moved or any(_moves(one, from_text(known["at"])) for one in found):
        return ()
    _tell(unit, project, act, environment, moved)
    return moved


def _moves(deployment: Deployment, since: datetime) -> bool:
    if deployment.state in _MAY_MOVE_HISTORY:
        return deployment.state is not State.VERIFYING or (deployment.completed_at or since) >= since
    ended = deployment.closed_at
    return deployment.go_at is not None and ended is not None and ended >= since


def _tell(unit: PostUnit, project: Project, act: Act, environment: Environment, moved: tuple[str, ...]) -> None:
    known = {"environment": environment.name, "versions": list(moved)}
    unit.journal.append(f"{act.team}/{project.name}", "history-moved-unannounced", act.at, known, {})
    facts = {"channel": project.channel, **known, "at": to_text(act.at)}
    key = f"history:{project.name}/{environment.name}:{to_text(act.at)}"
    unit.outbox.say(Said(key, "post", f"channel:{project.channel}", "history-moved", facts), act.at)


WHOLE = ""
"""The item of a decision that is about the deployment as a whole."""


def add_to_record(
    unit: Unit, project: Project, act: Act, deployment_id: str, text: str, message: str = "", author: str = ""
) -> Answer:
    """Keep a note; `message` (a ts) makes it once, `author` is who wrote it where that is somebody else.

    Raises Refused for an empty note and for a record that is final.
    """
    require_worker(unit, project, act)
    situation = load(unit, project, deployment_id, act.at)
    deployment = situation.deployment
    situation.require_open(": its record is final")
    if not text.strip():
        raise Refused("There is nothing in the note.")
    seen = frozenset({message} if message else ())
    if any(seen & one.seen for one in situation.decisions.get(WHOLE, ())):
        return Answer("This message is in the record already.", deployment_id)
    unit.decisions.add(_note(unit, deployment_id, act, text.strip(), seen, author))
    chronicle(unit, deployment, act, "noted", {"message": message, "author": author}, reason=text.strip())
    want_dashboard(unit, project, deployment, act.at)
    whose = f" of {unit_name(unit, author)}" if author and author != act.who else ""
    return Answer(f"The note{whose} is in the record of deployment {deployment.label}.", deployment_id)


def _note(unit: Unit, deployment_id: str, act: Act, text: str, seen: frozenset[str], author: str) -> Decision:
    return Decision(
        id=unit.new_id(),
        deployment_id=deployment_id,
        item=WHOLE,
        kind=DecisionKind.NOTE,
        who=act.who,
        at=act.at,
        entered_at=act.entered,
        reason=text,
        for_whom=author if author and author != act.who else None,
        seen=seen,
    )
