"""Windows and freezes, when an environment may be deployed to; and when people are reminded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot.core.attention import morning
from bot.core.checklist.items import Due, DueUnit
from bot.core.team import Environment, Freeze, Window

DEFAULT_ESTIMATE_MINUTES = 30
_LOOK_AHEAD_DAYS = 22


@dataclass(frozen=True)
class Slot:
    """One occurrence of a window: aware instants."""

    start: datetime
    end: datetime

    def holds(self, instant: datetime) -> bool:
        return self.start <= instant < self.end

    def fits(self, start: datetime, length: timedelta) -> bool:
        return self.start <= start and start + length <= self.end


def freeze_on(environment: Environment, instant: datetime) -> Freeze | None:
    """The freeze that covers this instant's day in the environment's zone (both days inclusive)."""
    day = instant.astimezone(ZoneInfo(environment.timezone)).date()
    return next((freeze for freeze in environment.freezes if freeze.first <= day <= freeze.last), None)


def slots(environment: Environment, instant: datetime) -> Iterator[Slot]:
    """Occurrences of the windows from the day before `instant` on, in time order; a window belongs to its first day."""
    zone = ZoneInfo(environment.timezone)
    first = instant.astimezone(zone).date() - timedelta(days=1)
    for ahead in range(_LOOK_AHEAD_DAYS):
        day = first + timedelta(days=ahead)
        yield from sorted(
            (_slot(window, day, zone) for window in environment.windows if day.weekday() in window.days),
            key=lambda slot: slot.start,
        )


def _slot(window: Window, day: date, zone: ZoneInfo) -> Slot:
    start = datetime.combine(day, window.start, zone)
    end = datetime.combine(day, window.end, zone)
    return Slot(start, end if window.end > window.start else end + timedelta(days=1))


def slot_now(environment: Environment, instant: datetime) -> Slot | None:
    """The slot that holds this instant; None outside of every window."""
    return next((slot for slot in slots(environment, instant) if slot.holds(instant)), None)


def next_fitting(environment: Environment, instant: datetime, length: timedelta) -> Slot | None:
    """The next slot, the running one included, in which `length` still fits and no freeze stands."""
    for slot in slots(environment, instant):
        start = max(slot.start, instant)
        if slot.fits(start, length) and freeze_on(environment, start) is None:
            return slot
    return None


class ReminderKind(StrEnum):
    IMMEDIATE_SOON = "immediate-soon"
    IMMEDIATE_DUE = "immediate-due"
    DAY = "day"
    WEEK = "week"
    LAST_DAY = "last-day"
    TAKE_OVER = "take-over"
    WINDOW = "window"


AFTER_COMPLETION = frozenset(ReminderKind) - {ReminderKind.TAKE_OVER, ReminderKind.WINDOW}
CLOSE_AFTER_DAYS = 35


@dataclass(frozen=True)
class Planned:
    """One reminder to plan: `subject` is the day or week number, or a role."""

    kind: ReminderKind
    subject: str
    due: datetime


def after_completion(completed_at: datetime, zone: str) -> Iterator[Planned]:
    """45 minutes and one hour after completion, days 1 to 7 and weeks 1 to 4 at nine in the environment's zone."""
    yield Planned(ReminderKind.IMMEDIATE_SOON, "", completed_at + timedelta(minutes=45))
    yield Planned(ReminderKind.IMMEDIATE_DUE, "", completed_at + timedelta(hours=1))
    for day in range(1, 8):
        yield Planned(ReminderKind.DAY, str(day), morning(completed_at, day, zone))
    for week in range(1, 5):
        yield Planned(ReminderKind.WEEK, str(week), morning(completed_at, 7 * week, zone))
    yield Planned(ReminderKind.LAST_DAY, "", completed_at + timedelta(days=CLOSE_AFTER_DAYS))


_DAYS_OF = {DueUnit.DAY: 1, DueUnit.WEEK: 7}


def due_from(due: Due | None, completed_at: datetime | None, zone: str) -> datetime | None:
    """When a line begins to be due: days and weeks at nine in the environment's zone, the rest with completion.

    None before completion, and for a line that has no due time.
    """
    if due is None or completed_at is None:
        return None
    days = _DAYS_OF.get(due.unit, 0)
    return morning(completed_at, max(due.first, 1) * days, zone) if days else completed_at
