"""Windows and freezes: when an environment may be deployed to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.core.policy import Environment, Freeze, Window

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
