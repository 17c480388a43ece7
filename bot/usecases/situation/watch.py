"""Watching after completion: which looks are planned, how many are over, and which lines each is about."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.core.calendar import CLOSE_AFTER_DAYS, HOUR_AFTER, Planned, due_until, look_name, looks, looks_at
from bot.core.checklist.items import Item, Phase
from bot.core.decision import DecisionKind
from bot.core.item import ItemState, ItemWord
from bot.usecases.situation.own_checks import is_own
from bot.usecases.situation.snapshot import Situation
from checks.result import Status


def planned(situation: Situation) -> tuple[Planned, ...]:
    """The looks of this completion, the first first; none before it, and none once another one watches."""
    done_at = situation.deployment.completed_at
    if done_at is None or situation.deployment.facts.continued_in:
        return ()
    dues = (item.due for item in situation.items_in(Phase.VERIFY) if item.due is not None)
    return looks(done_at, situation.environment.timezone, dues)


def looks_over(situation: Situation) -> int:
    """How many are over: a missed one is made up for by the one after it."""
    return place_of(situation, situation.deployment.facts.looked or "")


def place_of(situation: Situation, look: str) -> int:
    """Which look it is, from 1; an older gonogo made some that no line asks for: all that are past are over then."""
    found = planned(situation)
    names = [look_name(one.kind, one.subject) for one in found]
    past = sum(one.due <= situation.now for one in found) if look else 0
    return names.index(look) + 1 if look in names else past


def lines_of(situation: Situation, look: str) -> tuple[Item, ...]:
    """The lines of verify that this look is about."""
    return tuple(item for item in situation.items_in(Phase.VERIFY) if looks_at(look, item.due))


def ends_at(situation: Situation) -> datetime | None:
    """When the last list is looked at, an hour after completion at the earliest; None where nothing is watched."""
    found = planned(situation)
    done_at = situation.deployment.completed_at
    return max(found[-1].due, done_at + HOUR_AFTER) if found and done_at else None


def is_past_last_day(situation: Situation) -> bool:
    """Whether so many days are over that nothing is waited for any more but a review."""
    done_at = situation.deployment.completed_at
    return done_at is not None and situation.now >= done_at + timedelta(days=CLOSE_AFTER_DAYS)


def is_on_its_day(situation: Situation, item: Item) -> bool:
    """Whether its list is due and not over; what has no due time is due until the end."""
    done_at = situation.deployment.completed_at
    over = due_until(item.due, done_at, situation.environment.timezone) if item.due and done_at else None
    return situation.is_due(item) and (over is None or situation.now < over)


def closing(situation: Situation) -> tuple[Item, ...]:
    """What closing looks at: verify and close, but what completing answers, which gates nothing."""
    return tuple(item for item in situation.items_in(Phase.VERIFY, Phase.CLOSE) if not item.by_completion)


def unanswered(situation: Situation) -> tuple[Item, ...]:
    """The failed lines of verify and close that no person answered."""
    return tuple(item for item in closing(situation) if is_unanswered(situation, item))


def is_unanswered(situation: Situation, item: Item) -> bool:
    """Failed, and no note of a person has seen this very failure; every other answer changes the word."""
    state = situation.states[item.id]
    notes = (one for one in situation.decisions.get(item.id, ()) if one.kind is DecisionKind.NOTE)
    seen = {digest for note in notes for digest in note.seen}
    return state.word is ItemWord.FAILED and any(one.digest not in seen for one in state.results)


def deviates(state: ItemState) -> bool:
    """Whether a machine says that it is not as it was, and nobody has settled it."""
    return not state.settled and any(one.status in _DEVIATING for one in state.results)


_DEVIATING = frozenset({Status.FAILED, Status.WARNING})


def machines_have_said(situation: Situation, item: Item) -> bool:
    """All that its checks can: the rest is for a person. What the bot knows by itself it may never have to say."""
    asked = {check for check in situation.checks_of(item) if not is_own(check)}
    return asked <= {one.check_id for one in situation.states[item.id].results}
