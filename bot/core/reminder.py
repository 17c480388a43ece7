"""When people are reminded, as instants; the rows are made when a deployment completes or asks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

MORNING = time(9, 0)


class ReminderKind(StrEnum):
    IMMEDIATE_SOON = "immediate-soon"
    IMMEDIATE_DUE = "immediate-due"
    DAY = "day"
    WEEK = "week"
    SIGN_OFF = "sign-off"
    LAST_DAY = "last-day"
    TAKE_OVER = "take-over"


AFTER_COMPLETION = frozenset(ReminderKind) - {ReminderKind.SIGN_OFF, ReminderKind.TAKE_OVER}
SIGN_OFF_REMINDERS = 3
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


def open_sign_off(role: str, asked_at: datetime, zone: str) -> Iterator[Planned]:
    """Three at most for one role: after four hours, then on the next two mornings."""
    yield Planned(ReminderKind.SIGN_OFF, role, asked_at + timedelta(hours=4))
    for day in range(1, SIGN_OFF_REMINDERS):
        yield Planned(ReminderKind.SIGN_OFF, role, morning(asked_at, day, zone))


def morning(instant: datetime, days: int, zone: str) -> datetime:
    """Nine o'clock on the wall of `zone`, `days` calendar days after `instant`; right across clock changes."""
    there = ZoneInfo(zone)
    day = instant.astimezone(there).date() + timedelta(days=days)
    return datetime.combine(day, MORNING, there)


def in_quiet_hours(instant: datetime, quiet: tuple[time, time] | None, zone: str) -> bool:
    """Whether it is quiet on that wall; quiet hours may cross midnight."""
    if quiet is None:
        return False
    wall = instant.astimezone(ZoneInfo(zone)).time()
    start, end = quiet
    return start <= wall < end if start <= end else wall >= start or wall < end


def quiet_ends(instant: datetime, quiet: tuple[time, time], zone: str) -> datetime:
    """The next end of the quiet hours on that wall after `instant`."""
    there = ZoneInfo(zone)
    local = instant.astimezone(there)
    end = datetime.combine(local.date(), quiet[1], there)
    return end if end > local else datetime.combine(local.date() + timedelta(days=1), quiet[1], there)
