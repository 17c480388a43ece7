"""When a person may be written to: working days and public holidays, quiet hours, do-not-disturb; and their morning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import cache
from importlib.resources import files
from itertools import count, islice, takewhile
from zoneinfo import ZoneInfo

MORNING = time(9, 0)
WORKING_DAYS = frozenset(range(5))
_MOST_STEPS = 366
Span = tuple[time, time]
"""From when until when on somebody's wall; it may cross midnight."""
NIGHT: Span = (time(20), time(8))
"""Quiet hours where the team says nothing of them."""


@dataclass(frozen=True)
class Hours:
    """One person's: `zone` is an IANA name, `quiet` their own hours or the team's, `working_days` are 0 (Monday) to 6.

    `country` is an ISO 3166 code, with its region where holidays differ by that ("DE", "DE-BY"), "" for none.
    `silent` is Slack's do-not-disturb as last fetched: from when until when. Slack tells the window that runs or comes
    next of a daily schedule, and a pause to nobody but who made it (docs.slack.dev/reference/methods/dnd.info), so
    until it is fetched again the same hours of their wall hold on each later day. One of a day or longer is no daily
    one, and holds once.
    """

    zone: str
    quiet: Span | None = None
    working_days: frozenset[int] = WORKING_DAYS
    country: str = ""
    silent: tuple[datetime, datetime] | None = None


def is_working_day(hours: Hours, day: date) -> bool:
    """Whether the person works on that day of their wall calendar."""
    return day.weekday() in hours.working_days and day not in _free_days(hours.country, day.year)


@cache
def _free_days(country: str, year: int) -> frozenset[date]:
    """Public holidays by the library `holidays`."""
    import holidays

    code, _, region = country.partition("-")
    return frozenset(holidays.country_holidays(code, subdiv=region or None, years=year)) if code else frozenset()


def country_for(zone: str, refined: Sequence[str] | None = ()) -> str:
    """Whose public holidays hold for who lives in that zone: its country, refined by the code that names it.

    "" where that is the zone of no country whose holidays are known, or where `refined` is None: no holidays at all.
    """
    if refined is None:
        return ""
    country = _countries().get(zone, "")
    return next((code for code in refined if country and code.startswith(country)), country)


def country_name(code: str) -> str:
    """Its English name by the package `tzdata`, with the region: "Germany", "Germany (BY)"."""
    country, _, region = code.partition("-")
    name = next(row[1] for row in _rows("iso3166.tab") if row[0] == country)
    return f"{name} ({region})" if region else name


@cache
def _countries() -> Mapping[str, str]:
    """ISO 3166 code by zone, the first where it has several; older names of a zone by what they stand for.

    Source: `zone.tab` and the links of `tzdata.zi` in the package `tzdata` (data.iana.org/time-zones/theory.html).
    """
    import holidays

    known = holidays.list_supported_countries(include_aliases=False)
    found = {row[2]: row[0] for row in reversed(_rows("zone.tab")) if row[0] in known}
    links = [row[0].split() for row in _rows("tzdata.zi") if row[0].startswith("L ")]
    return {name: found[target] for _, target, name in links if target in found} | found


@cache
def _rows(table: str) -> list[list[str]]:
    text = (files("tzdata") / "zoneinfo" / table).read_text("utf-8")
    return [line.split("\t") for line in text.splitlines() if not line.startswith("#")]


def quiet_until(hours: Hours, instant: datetime) -> datetime | None:
    """When the person may be written to again; None where they may be at `instant`.

    Where quiet hours and do-not-disturb together leave no time at all, it goes without do-not-disturb: what comes in
    it Slack shows without a sound.
    """
    at = instant
    for _ in range(_MOST_STEPS):
        later = _later(hours, at)
        if later is None:
            return None if at is instant else at
        at = later
    return quiet_until(replace(hours, silent=None), instant)


def _later(hours: Hours, at: datetime) -> datetime | None:
    """The end of one thing that keeps them quiet; another may begin there."""
    there = ZoneInfo(hours.zone)
    day = at.astimezone(there).date()
    if not is_working_day(hours, day):
        return _opens(hours, day + timedelta(days=1))
    if hours.quiet is not None and in_quiet_hours(at, hours.quiet, hours.zone):
        return quiet_ends(at, hours.quiet, hours.zone)
    return silence_ends(hours, at)


def _opens(hours: Hours, day: date) -> datetime:
    """Nine o'clock; midnight where nine is in their quiet hours, since they may be written to before."""
    nine = datetime.combine(day, MORNING, ZoneInfo(hours.zone))
    return datetime.combine(day, time(), nine.tzinfo) if in_quiet_hours(nine, hours.quiet, hours.zone) else nine


def silence_ends(hours: Hours, at: datetime) -> datetime | None:
    """The end of do-not-disturb, or of the same hours of a later day; None outside of them."""
    if hours.silent is None or at < hours.silent[0]:
        return None
    start, end = hours.silent
    if at < end:
        return end
    if (end - start).days:
        return None
    there = ZoneInfo(hours.zone)
    daily = (start.astimezone(there).time(), end.astimezone(there).time())
    return quiet_ends(at, daily, hours.zone) if in_quiet_hours(at, daily, hours.zone) else None


def next_morning(hours: Hours, instant: datetime) -> datetime:
    """Their first nine o'clock after `instant` on a working day; later, or before nine, where it is quiet then."""
    today = instant.astimezone(ZoneInfo(hours.zone)).date()
    days = (today + timedelta(days=ahead) for ahead in range(_MOST_STEPS))
    opens = (_opens(hours, day) for day in days if is_working_day(hours, day))
    return next(at for at in (quiet_until(hours, each) or each for each in opens) if at > instant)


def working_mornings(hours: Hours, since: datetime, until: datetime) -> int:
    """How many of their working mornings lie after `since` and not after `until`: the age of what waits for people."""
    each = (morning(since, days, hours.zone) for days in count())
    return sum(at > since and is_working_day(hours, at.date()) for at in takewhile(lambda at: at <= until, each))


def working_days_after(hours: Hours, instant: datetime, days: int) -> datetime:
    """The same time of day on the wall, `days` working days later."""
    local = instant.astimezone(ZoneInfo(hours.zone))
    ahead = (local + timedelta(days=one) for one in range(1, _MOST_STEPS))
    return next(islice((at for at in ahead if is_working_day(hours, at.date())), days - 1, None))


def morning(instant: datetime, days: int, zone: str) -> datetime:
    """Nine o'clock on the wall of `zone`, `days` calendar days after `instant`; right across clock changes."""
    there = ZoneInfo(zone)
    day = instant.astimezone(there).date() + timedelta(days=days)
    return datetime.combine(day, MORNING, there)


def in_quiet_hours(instant: datetime, quiet: Span | None, zone: str) -> bool:
    """Whether it is quiet on that wall; quiet hours may cross midnight."""
    if quiet is None:
        return False
    wall = instant.astimezone(ZoneInfo(zone)).time()
    start, end = quiet
    return start <= wall < end if start <= end else wall >= start or wall < end


def quiet_ends(instant: datetime, quiet: Span, zone: str) -> datetime:
    """The next end of the quiet hours on that wall after `instant`; one in an hour that comes twice comes twice."""
    there = ZoneInfo(zone)
    today = instant.astimezone(there).date()
    ends = [datetime.combine(today + timedelta(days=one), quiet[1], there) for one in (0, 1)]
    twice = (end.replace(fold=fold) for end in ends for fold in (0, 1))
    return next(end for end in twice if end.timestamp() > instant.timestamp())


TOLD_AT_MOST = 3
_HALF_A_DAY = timedelta(hours=12)
_A_WEEK = timedelta(days=7) - _HALF_A_DAY


def is_due_again(times: int, last_at: datetime | None, now: datetime) -> bool:
    """Whether somebody who was told `times` of one cause is told once more: on three mornings, then weekly."""
    return last_at is None or now - last_at >= (_HALF_A_DAY if times < TOLD_AT_MOST else _A_WEEK)


LATEST_HOUR = 18
"""A morning that the bot slept through is made up for until then; later the next one says it."""


def may_still_come(hours: Hours, slot: str, now: datetime) -> bool:
    """Whether a digest of that slot may be posted now: where Slack was away for a day, the next morning says it."""
    wall = now.astimezone(ZoneInfo(hours.zone))
    return slot[:10] == f"{wall:%Y-%m-%d}" and wall.hour < LATEST_HOUR and quiet_until(hours, now) is None
