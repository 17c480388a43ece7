"""Windows and freezes, when an environment may be deployed to; and when people are reminded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
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


HOUR = "hour"
_LOOKS = {ReminderKind.IMMEDIATE_SOON: DueUnit.HOUR, ReminderKind.DAY: DueUnit.DAY, ReminderKind.WEEK: DueUnit.WEEK}
LOOKING_AFTER, HOUR_AFTER = timedelta(minutes=45), timedelta(hours=1)


def look_name(kind: str, subject: str) -> str:
    """How a look is called: `hour`, `day 3`, `week 4`; empty for a reminder that is no look."""
    unit = _LOOKS.get(ReminderKind(kind)) if kind in set(ReminderKind) else None
    return f"{unit} {subject}".strip() if unit else ""


def looks_at(look: str, due: Due | None) -> bool:
    """Whether a line of this due time is in that look; what has no time of its own is in that of the hour."""
    if look == HOUR:
        return due is None or due.unit not in _DAYS_OF
    unit, _, number = look.partition(" ")
    return due is not None and due.unit == unit and max(due.first, 1) <= int(number) <= due.last


def looks(completed_at: datetime, zone: str, dues: Iterable[Due]) -> tuple[Planned, ...]:
    """When the lists are looked at: the hour's after 45 minutes; days and weeks that a line names, at nine in `zone`.

    What would come after the last day is left out.
    """
    given = [due for due in dues if due.unit in _DAYS_OF]
    named = {(due.unit, each) for due in given for each in range(max(due.first, 1), due.last + 1)}
    found = [Planned(ReminderKind.IMMEDIATE_SOON, "", completed_at + LOOKING_AFTER)]
    for unit, each in sorted(named, key=lambda pair: (pair[1] * _DAYS_OF[pair[0]], pair[0])):
        if each * _DAYS_OF[unit] < CLOSE_AFTER_DAYS:
            at = morning(completed_at, each * _DAYS_OF[unit], zone)
            found.append(Planned(ReminderKind(unit.value), str(each), at))
    return tuple(sorted(found, key=lambda one: one.due))


def after_completion(completed_at: datetime, zone: str, dues: Iterable[Due]) -> Iterator[Planned]:
    """The looks, what the hour has to tell, and the last day."""
    yield from looks(completed_at, zone, dues)
    yield Planned(ReminderKind.IMMEDIATE_DUE, "", completed_at + HOUR_AFTER)
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


def due_until(due: Due, completed_at: datetime, zone: str) -> datetime:
    """When a list is over: the morning after its last day or week, that after completion for the hour's."""
    return morning(completed_at, max(due.last, 1) * _DAYS_OF.get(due.unit, 0) + 1, zone)
