"""When a person may be written to: clock changes, do-not-disturb, holidays, and hours that leave little time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.attention import (
    Hours,
    country_for,
    country_name,
    in_quiet_hours,
    is_due_again,
    is_working_day,
    may_still_come,
    morning,
    next_morning,
    quiet_ends,
    quiet_until,
    silence_ends,
    working_days_after,
    working_mornings,
)

BERLIN = "Europe/Berlin"
NIGHT = (time(20), time(8))
TEAM = Hours(BERLIN, NIGHT, country="DE")
ANY_DAY = frozenset(range(7))


def berlin(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=ZoneInfo(BERLIN))  # type: ignore[misc, arg-type]


def test_on_a_working_day_outside_of_quiet_hours_nothing_waits() -> None:
    assert quiet_until(TEAM, berlin(2026, 11, 24, 8, 0)) is None
    assert quiet_until(TEAM, berlin(2026, 11, 24, 19, 59)) is None
    assert quiet_until(Hours(BERLIN), berlin(2026, 11, 24, 3, 0)) is None, "who has no quiet hours is awake"


@pytest.mark.parametrize(
    ("instant", "again"),
    [
        (berlin(2026, 11, 24, 20, 0), berlin(2026, 11, 25, 8, 0)),
        (berlin(2026, 11, 24, 0, 30), berlin(2026, 11, 24, 8, 0)),
        (berlin(2026, 11, 27, 21, 0), berlin(2026, 11, 30, 9, 0)),
        (berlin(2026, 11, 28, 12, 0), berlin(2026, 11, 30, 9, 0)),
        (berlin(2026, 12, 24, 21, 0), berlin(2026, 12, 28, 9, 0)),
        (berlin(2027, 3, 25, 20, 30), berlin(2027, 3, 30, 9, 0)),
    ],
    ids=["evening", "night", "Friday night", "Saturday", "Christmas", "Easter, over a clock change"],
)
def test_it_waits_for_the_end_of_all_that_is_quiet(instant: datetime, again: datetime) -> None:
    assert quiet_until(TEAM, instant) == again


def test_a_friday_is_a_weekend_where_the_team_says_so() -> None:
    tel_aviv = Hours("Asia/Jerusalem", working_days=frozenset({6, 0, 1, 2, 3}))
    friday = datetime(2026, 11, 27, 12, tzinfo=UTC)
    assert quiet_until(tel_aviv, friday) == datetime(2026, 11, 29, 9, tzinfo=ZoneInfo("Asia/Jerusalem"))


def test_do_not_disturb_over_midnight_holds_on_each_later_day_until_it_is_fetched_again() -> None:
    silent = Hours(BERLIN, silent=(berlin(2026, 11, 23, 22, 0), berlin(2026, 11, 24, 10, 30)))
    assert quiet_until(silent, berlin(2026, 11, 23, 21, 59)) is None
    assert quiet_until(silent, berlin(2026, 11, 23, 22, 0)) == berlin(2026, 11, 24, 10, 30)
    assert quiet_until(silent, berlin(2026, 11, 24, 3, 0)) == berlin(2026, 11, 24, 10, 30)
    assert quiet_until(silent, berlin(2026, 11, 24, 10, 30)) is None
    assert silence_ends(silent, berlin(2026, 11, 24, 10, 30)) is None
    assert quiet_until(silent, berlin(2026, 11, 24, 21, 59)) is None
    assert quiet_until(silent, berlin(2026, 11, 25, 9, 0)) == berlin(2026, 11, 25, 10, 30)
    assert next_morning(silent, berlin(2026, 11, 23, 12, 0)) == berlin(2026, 11, 24, 10, 30)


def test_a_silence_of_days_holds_once() -> None:
    away = Hours(BERLIN, silent=(berlin(2026, 11, 23, 8, 0), berlin(2026, 11, 25, 12, 0)))
    assert quiet_until(away, berlin(2026, 11, 24, 20, 0)) == berlin(2026, 11, 25, 12, 0)
    assert quiet_until(away, berlin(2026, 11, 26, 9, 0)) is None
    longer = Hours(BERLIN, silent=(berlin(2026, 11, 23, 8, 0), berlin(2026, 11, 24, 10, 0)))
    assert quiet_until(longer, berlin(2026, 11, 25, 9, 0)) is None, "more than a day long is no daily one"


def test_hours_that_leave_no_time_at_all_count_without_do_not_disturb() -> None:
    never = Hours(BERLIN, NIGHT, silent=(berlin(2026, 11, 23, 8, 0), berlin(2026, 11, 23, 20, 0)))
    assert quiet_until(never, berlin(2026, 11, 24, 12, 0)) is None
    assert quiet_until(never, berlin(2026, 11, 24, 22, 0)) == berlin(2026, 11, 25, 8, 0)


@pytest.mark.parametrize(
    ("zone", "refined", "country"),
    [
        ("Europe/Berlin", (), "DE"),
        ("Europe/Berlin", ("DE-BY", "US"), "DE-BY"),
        ("America/New_York", ("DE-BY", "US-NY"), "US-NY"),
        ("Asia/Kolkata", ("DE-BY",), "IN"),
        ("Asia/Calcutta", (), "IN"),
        ("America/Indianapolis", (), "US"),
        ("UTC", ("DE",), ""),
        ("Etc/GMT+3", (), ""),
        ("Europe/Berlin", None, ""),
    ],
)
def test_holidays_are_those_of_the_persons_country(zone: str, refined: tuple[str, ...] | None, country: str) -> None:
    assert country_for(zone, refined) == country


def test_a_country_is_called_by_its_name() -> None:
    assert (country_name("IN"), country_name("DE-BY")) == ("India", "Germany (BY)")


def test_two_countries_have_their_own_holidays_and_a_region_has_more() -> None:
    unity, thanksgiving, epiphany = date(2028, 10, 3), date(2026, 11, 26), date(2027, 1, 6)
    germany, bavaria, america = TEAM, replace(TEAM, country="DE-BY"), Hours("America/New_York", country="US")
    assert not is_working_day(germany, unity)
    assert is_working_day(america, unity)
    assert not is_working_day(america, thanksgiving)
    assert is_working_day(germany, thanksgiving)
    assert is_working_day(germany, epiphany)
    assert not is_working_day(bavaria, epiphany)
    assert is_working_day(replace(TEAM, country=""), unity)


@pytest.mark.parametrize(
    ("hours", "instant", "expected"),
    [
        (TEAM, berlin(2026, 11, 24, 8, 59), berlin(2026, 11, 24, 9, 0)),
        (TEAM, berlin(2026, 11, 24, 9, 0), berlin(2026, 11, 25, 9, 0)),
        (TEAM, berlin(2026, 11, 27, 10, 0), berlin(2026, 11, 30, 9, 0)),
        (TEAM, berlin(2027, 5, 6, 7, 0), berlin(2027, 5, 7, 9, 0)),
        (replace(TEAM, quiet=(time(18), time(10))), berlin(2026, 11, 24, 12, 0), berlin(2026, 11, 25, 10, 0)),
        (replace(TEAM, quiet=(time(8), time(7))), berlin(2026, 11, 27, 7, 30), berlin(2026, 11, 30, 7, 0)),
        (Hours(BERLIN, (time(8), time(7)), frozenset({0})), berlin(2026, 11, 24), berlin(2026, 11, 30, 7, 0)),
        (replace(TEAM, quiet=(time(18), time(10))), berlin(2026, 11, 24, 8, 0), berlin(2026, 11, 24, 10, 0)),
    ],
    ids=["today", "tomorrow", "weekend", "after Ascension", "nine is quiet", "up early", "Mondays", "quiet today"],
)
def test_the_next_morning(hours: Hours, instant: datetime, expected: datetime) -> None:
    assert next_morning(hours, instant) == expected


def test_what_waits_is_as_old_as_the_working_mornings_since() -> None:
    friday, monday = berlin(2026, 11, 27, 12, 0), berlin(2026, 11, 30, 9, 0)
    assert working_mornings(TEAM, friday, monday) == 1
    assert working_mornings(TEAM, friday, monday - timedelta(seconds=1)) == 0
    assert working_mornings(TEAM, monday, monday) == 0
    assert working_mornings(TEAM, berlin(2026, 12, 23, 12, 0), berlin(2026, 12, 29, 12, 0)) == 3


def test_quiet_hours_cross_midnight_or_lie_within_a_day() -> None:
    assert in_quiet_hours(berlin(2026, 11, 22, 20, 0), NIGHT, BERLIN)
    assert in_quiet_hours(berlin(2026, 11, 22, 7, 59), NIGHT, BERLIN)
    assert not in_quiet_hours(berlin(2026, 11, 22, 8, 0), NIGHT, BERLIN)
    noon = (time(12), time(13))
    assert in_quiet_hours(berlin(2026, 11, 22, 12, 0), noon, BERLIN)
    assert not in_quiet_hours(berlin(2026, 11, 22, 13, 0), noon, BERLIN)
    assert not in_quiet_hours(berlin(2026, 11, 22, 11, 59), noon, BERLIN)
    assert not in_quiet_hours(berlin(2026, 11, 22, 3, 0), None, BERLIN)
    assert not in_quiet_hours(berlin(2026, 11, 22, 12, 0), (time(12), time(12)), BERLIN), "no hours are not all hours"


def test_an_end_in_the_hour_that_comes_twice_is_never_before_it() -> None:
    second = berlin(2026, 10, 25, 2, 10).replace(fold=1)
    for instant, hour in ((second.replace(fold=0), 0), (second, 1)):
        ends = quiet_ends(instant, (time(20), time(2, 30)), BERLIN)
        assert ends.astimezone(UTC) == datetime(2026, 10, 25, hour, 30, tzinfo=UTC)
    assert quiet_ends(berlin(2026, 11, 24, 8, 0), NIGHT, BERLIN) == berlin(2026, 11, 25, 8, 0)


def test_the_day_is_that_of_their_wall() -> None:
    """In Auckland it is Wednesday, ten in the morning, in New York Tuesday evening; the machine says Tuesday."""
    auckland, there = Hours("Pacific/Auckland", NIGHT), ZoneInfo("Pacific/Auckland")
    instant = datetime(2026, 11, 24, 21, 0, tzinfo=UTC)
    assert quiet_ends(instant, NIGHT, auckland.zone) == datetime(2026, 11, 26, 8, tzinfo=there)
    assert working_mornings(auckland, instant - timedelta(hours=2), instant) == 1
    assert morning(instant, 0, auckland.zone) == datetime(2026, 11, 25, 9, tzinfo=there)
    late = Hours("America/New_York", (time(0), time(23, 30)))
    tuesday = datetime(2026, 11, 24, 20, tzinfo=ZoneInfo(late.zone))
    assert next_morning(late, tuesday) == tuesday.replace(hour=23, minute=30)


@given(st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC)), st.integers(1, 28))
def test_a_morning_is_nine_on_the_wall(instant: datetime, days: int) -> None:
    at = morning(instant, days, BERLIN)
    assert at.time() == time(9)
    assert at.date() == instant.astimezone(ZoneInfo(BERLIN)).date() + timedelta(days=days)


TIMES = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30]))
SPANS = st.tuples(TIMES, TIMES).filter(lambda span: span[0] != span[1])
INSTANTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))
NEAR_CLOCK_CHANGES = st.builds(
    lambda change, minutes: change + timedelta(minutes=minutes),
    st.sampled_from([datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC)]),
    st.integers(-180, 180),
)
PEOPLE = st.builds(
    Hours,
    st.sampled_from([BERLIN, "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "UTC"]),
    st.none() | SPANS,
    st.frozensets(st.integers(0, 6), min_size=1),
    st.sampled_from(["", "DE-BY", "US", "IN"]),
    st.none() | st.builds(lambda at, long: (at, at + timedelta(minutes=long)), INSTANTS, st.integers(15, 4000)),
)


@given(PEOPLE, INSTANTS | NEAR_CLOCK_CHANGES)
def test_a_morning_is_always_reached_on_a_working_day_when_nothing_is_quiet(hours: Hours, instant: datetime) -> None:
    at = next_morning(hours, instant)
    assert instant < at < instant + timedelta(days=60)
    assert is_working_day(hours, at.astimezone(ZoneInfo(hours.zone)).date())
    assert not in_quiet_hours(at, hours.quiet, hours.zone)
    assert quiet_until(hours, at) is None


@given(PEOPLE, INSTANTS | NEAR_CLOCK_CHANGES)
def test_who_may_be_written_to_again_may_be_written_to_then(hours: Hours, instant: datetime) -> None:
    again = quiet_until(hours, instant)
    if again is None:
        assert is_working_day(hours, instant.astimezone(ZoneInfo(hours.zone)).date())
        assert not in_quiet_hours(instant, hours.quiet, hours.zone)
    else:
        assert again > instant
        assert quiet_until(hours, again) is None


HALF, WEEK = timedelta(hours=12), timedelta(days=6, hours=12)
AGAIN = {
    "never told": (0, None, True),
    "told this morning": (1, HALF - timedelta(seconds=1), False),
    "told yesterday": (1, HALF, True),
    "told twice": (2, HALF, True),
    "told three times": (3, HALF, False),
    "a week after that": (3, WEEK, True),
    "not quite": (3, WEEK - timedelta(seconds=1), False),
    "and so on": (9, WEEK, True),
}


@pytest.mark.parametrize(("times", "ago", "told"), AGAIN.values(), ids=AGAIN)
def test_one_cause_is_told_on_three_mornings_then_weekly(times: int, ago: timedelta | None, told: bool) -> None:
    now = berlin(2026, 11, 24, 9, 0)
    assert is_due_again(times, now - ago if ago else None, now) is told


COMES = {
    "at nine": (berlin(2026, 11, 24, 9, 0), True),
    "late, and still on its day": (berlin(2026, 11, 24, 17, 59), True),
    "too late": (berlin(2026, 11, 24, 18, 0), False),
    "before they wake": (berlin(2026, 11, 24, 7, 59), False),
    "the day after": (berlin(2026, 11, 25, 9, 0), False),
}


@pytest.mark.parametrize("slot", ["2026-11-24", "2026-11-24 10:03"])
@pytest.mark.parametrize(("now", "comes"), COMES.values(), ids=COMES)
def test_a_morning_that_was_slept_through_is_made_up_for_on_its_day(now: datetime, comes: bool, slot: str) -> None:
    assert may_still_come(TEAM, slot, now.astimezone(UTC)) is comes


def test_five_working_days_are_no_weekend_and_no_holiday() -> None:
    assert working_days_after(TEAM, berlin(2026, 12, 23, 15, 30), 5) == berlin(2026, 12, 31, 15, 30)
    assert working_days_after(TEAM, berlin(2026, 11, 27, 15, 30), 1) == berlin(2026, 11, 30, 15, 30)
    late = datetime(2026, 11, 26, 23, 30, tzinfo=UTC)  # on her wall it is Friday already
    assert working_days_after(TEAM, late, 1) == berlin(2026, 11, 30, 0, 30)
    assert working_days_after(replace(TEAM, working_days=ANY_DAY, country=""), berlin(2026, 11, 27, 9, 0), 2) == berlin(
        2026, 11, 29, 9, 0
    )
