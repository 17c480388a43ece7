"""When a person may be written to: working days and public holidays, quiet hours, do-not-disturb; and their morning."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

MORNING = time(9, 0)
WORKING_DAYS = frozenset(range(5))
_MOST_STEPS = 366


@dataclass(frozen=True)
class Hours:
    """One person's: `zone` is an IANA name, `quiet` their own hours or the team's, `working_days` are 0 (Monday) to 6.

    `country` is an ISO 3166 code, with its region where holidays differ by that ("DE", "DE-BY"), "" for none.
    `silent` is Slack's do-not-disturb as last fetched: from when until when.
    """

    zone: str
    quiet: tuple[time, time] | None = None
    working_days: frozenset[int] = WORKING_DAYS
    country: str = ""
    silent: tuple[datetime, datetime] | None = None


def is_working_day(hours: Hours, day: date) -> bool:
    """Whether the person works on that day of their wall calendar."""
    return day.weekday() in hours.working_days and day not in _free_days(hours.country, day.year)


@cache
def _free_days(country: str, year: int) -> frozenset[date]:
    """Public holidays by the library `holidays`; none for a country that it does not know."""
    import holidays

    code, _, region = country.partition("-")
    try:
        return frozenset(holidays.country_holidays(code, subdiv=region or None, years=year)) if code else frozenset()
    except NotImplementedError:
        return frozenset()


def quiet_until(hours: Hours, instant: datetime) -> datetime | None:
    """When the person may be written to again; None where they may be at `instant`."""
    at = instant
    for _ in range(_MOST_STEPS):
        later = _later(hours, at)
        if later is None:
            break
        at = later
    return None if at == instant else at


def _later(hours: Hours, at: datetime) -> datetime | None:
    """The end of one thing that keeps them quiet; another may begin there."""
    if hours.silent is not None and hours.silent[0] <= at < hours.silent[1]:
        return hours.silent[1]
    there = ZoneInfo(hours.zone)
    day = at.astimezone(there).date()
    if not is_working_day(hours, day):
        return datetime.combine(day + timedelta(days=1), MORNING, there)
    if hours.quiet is not None and in_quiet_hours(at, hours.quiet, hours.zone):
        return quiet_ends(at, hours.quiet, hours.zone)
    return None


def next_morning(hours: Hours, instant: datetime) -> datetime:
    """Their first nine o'clock after `instant` on a working day; later where it is still quiet then."""
    day = instant.astimezone(ZoneInfo(hours.zone)).date()
    nine = morning(instant, 0, hours.zone)
    days = (0 if nine > instant else 1, *range(2, _MOST_STEPS))
    ahead = next((one for one in days if is_working_day(hours, day + timedelta(days=one))), days[0])
    at = morning(instant, ahead, hours.zone)
    return quiet_until(hours, at) or at


def working_mornings(hours: Hours, since: datetime, until: datetime) -> int:
    """How many of their working mornings lie after `since` and not after `until`: the age of what waits for people."""
    there = ZoneInfo(hours.zone)
    first, last = since.astimezone(there).date(), until.astimezone(there).date()
    days = (first + timedelta(days=one) for one in range((last - first).days + 1))
    mornings = (datetime.combine(day, MORNING, there) for day in days if is_working_day(hours, day))
    return sum(since < at <= until for at in mornings)


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


TOLD_AT_MOST = 3
_HALF_A_DAY = timedelta(hours=12)
_A_WEEK = timedelta(days=7) - _HALF_A_DAY


def is_due_again(times: int, last_at: datetime | None, now: datetime) -> bool:
    """Whether somebody who was told `times` of one cause is told once more: on three mornings, then weekly."""
    return last_at is None or now - last_at >= (_HALF_A_DAY if times < TOLD_AT_MOST else _A_WEEK)
