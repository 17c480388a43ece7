"""Watching after completion: which looks are planned, how many are over, and which lines each is about."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.core.calendar import CLOSE_AFTER_DAYS, HOUR_AFTER, Planned, due_until, look_name, looks, looks_at
from bot.core.checklist.items import Item, Phase
from bot.usecases.situation.snapshot import Situation


def planned(situation: Situation) -> tuple[Planned, ...]:
    """The looks of this completion, the first first; none before it, and none once another one watches."""
    done_at = situation.deployment.completed_at
    if done_at is None or situation.deployment.facts.continued_in:
        return ()
    dues = (item.due for item in situation.items_in(Phase.VERIFY) if item.due is not None)
    return looks(done_at, situation.environment.timezone, dues)


def looks_over(situation: Situation) -> int:
    """How many are over: a missed one is made up for by the one after it."""
    names = [look_name(one.kind, one.subject) for one in planned(situation)]
    looked = situation.deployment.facts.looked
    return names.index(looked) + 1 if looked in names else 0


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
