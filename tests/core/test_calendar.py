"""Windows, freezes and reminders, across midnight and clock changes."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.calendar import (
    after_completion,
    due_until,
    freeze_on,
    look_name,
    looks,
    looks_at,
    next_fitting,
    slot_now,
)
from bot.core.checklist.items import Due, DueUnit, Kind
from bot.core.team import Environment, Freeze, Window

BERLIN = "Europe/Berlin"
HOURS, DAYS, WEEKS = Due(0, 1, DueUnit.HOUR), Due(1, 7, DueUnit.DAY), Due(1, 4, DueUnit.WEEK)
NO_TIME = None
DUES = (HOURS, DAYS, WEEKS)
HALF_HOUR = timedelta(minutes=30)
TUE_TO_THU = Window(frozenset({1, 2, 3}), time(9), time(16), "Tue-Thu 09:00-16:00")
NIGHT = Window(frozenset({5}), time(22), time(4), "Sat 22:00-04:00")


def production(*windows: Window, freezes: tuple[Freeze, ...] = ()) -> Environment:
    return Environment("production", Kind.PRODUCTION, timezone=BERLIN, windows=windows, freezes=freezes)


def berlin(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=ZoneInfo(BERLIN))  # type: ignore[misc]


def test_a_window_holds_on_its_days_in_its_zone() -> None:
    place = production(TUE_TO_THU)
    assert slot_now(place, berlin(2026, 11, 24, 9, 0)) is not None
    assert slot_now(place, berlin(2026, 11, 24, 16, 0)) is None
    assert slot_now(place, berlin(2026, 11, 27, 10, 0)) is None


def test_a_window_over_midnight_belongs_to_the_day_it_starts() -> None:
    place = production(NIGHT)
    assert slot_now(place, berlin(2026, 11, 22, 3, 0)) is not None, "Sunday at three is still Saturday's window"
    assert slot_now(place, berlin(2026, 11, 23, 3, 0)) is None


def test_the_next_fitting_slot_skips_what_is_too_short_and_what_is_frozen() -> None:
    frozen = Freeze(date(2026, 11, 25), date(2026, 11, 25), "sale")
    place = production(TUE_TO_THU, freezes=(frozen,))
    late = berlin(2026, 11, 24, 15, 45)
    slot = next_fitting(place, late, HALF_HOUR)
    assert slot is not None
    assert slot.start == berlin(2026, 11, 26, 9, 0)


def test_a_freeze_holds_both_its_days() -> None:
    place = production(freezes=(Freeze(date(2026, 12, 18), date(2027, 1, 4), "year end"),))
    assert freeze_on(place, berlin(2026, 12, 17, 23, 59)) is None
    assert freeze_on(place, berlin(2026, 12, 18, 0, 0)) is not None
    assert freeze_on(place, berlin(2027, 1, 4, 23, 59)) is not None
    assert freeze_on(place, berlin(2027, 1, 5, 0, 0)) is None


def test_reminders_stay_at_nine_across_the_clock_change() -> None:
    completed = datetime(2027, 3, 25, 14, 0, tzinfo=UTC)
    mornings = [planned.due.astimezone(ZoneInfo(BERLIN)) for planned in looks(completed, BERLIN, DUES)][1:]
    assert {moment.time() for moment in mornings} == {time(9)}
    assert len(mornings) == 11
    assert mornings[2].date() == date(2027, 3, 28), "the third day is the day of the change"


def test_after_completion_there_are_all_the_checklist_asks_for() -> None:
    planned = list(after_completion(datetime(2026, 11, 22, 12, tzinfo=UTC), BERLIN, DUES))
    kinds = [one.kind.value for one in planned]
    assert kinds == ["immediate-soon", *["day"] * 7, *["week"] * 4, "immediate-due", "last-day"]


def test_only_days_and_weeks_that_a_line_names_are_looked_at_and_none_after_the_last_day() -> None:
    completed = datetime(2026, 11, 22, 12, tzinfo=UTC)
    assert [one.kind.value for one in looks(completed, BERLIN, ())] == ["immediate-soon"]
    named = (Due(2, 3, DueUnit.DAY), Due(0, 1, DueUnit.HOUR), Due(1, 9, DueUnit.WEEK))
    assert [look_name(one.kind, one.subject) for one in looks(completed, BERLIN, named)] == [
        *("hour", "day 2", "day 3", "week 1", "week 2", "week 3", "week 4")
    ]


LOOKED_AT = {
    "hour": (HOURS, NO_TIME),
    "day 1": (DAYS,),
    "day 7": (DAYS,),
    "day 8": (),
    "week 1": (WEEKS,),
    "week 5": (),
}


@pytest.mark.parametrize(("look", "found"), LOOKED_AT.items(), ids=LOOKED_AT)
def test_a_look_is_about_the_lines_of_its_day(look: str, found: tuple[Due | None, ...]) -> None:
    assert tuple(due for due in (HOURS, DAYS, WEEKS, NO_TIME) if looks_at(look, due)) == found


OVER = {"hour": (HOURS, 23), "days": (DAYS, 30), "weeks": (WEEKS, 51)}


@pytest.mark.parametrize(("due", "day"), OVER.values(), ids=OVER)
def test_a_list_is_over_on_the_morning_after_its_last_day(due: Due, day: int) -> None:
    over = due_until(due, datetime(2026, 11, 22, 12, tzinfo=UTC), BERLIN)
    assert over == berlin(2026, 11, 1, 9, 0) + timedelta(days=day - 1)


@given(st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC)))
def test_a_fitting_slot_fits(instant: datetime) -> None:
    place = production(TUE_TO_THU, NIGHT)
    slot = next_fitting(place, instant, HALF_HOUR)
    assert slot is not None
    assert slot.end - max(slot.start, instant) >= HALF_HOUR
