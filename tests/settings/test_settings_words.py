"""The small languages: what is written right is taken whole, and every mend that is offered is right itself."""

from __future__ import annotations

import re
from datetime import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.settings import words

CLOCK = st.times().map(lambda moment: moment.replace(second=0, microsecond=0))


@settings(deadline=None)
@given(st.integers(0, 6), st.integers(0, 6), CLOCK, CLOCK)
def test_a_span_of_days_wraps_round_the_week(first: int, last: int, start: time, end: time) -> None:
    text = f"{words.DAYS[first]}-{words.DAYS[last]} {start:%H:%M}-{end:%H:%M}"
    if start == end:
        with pytest.raises(ValueError, match="has no length"):
            words.window(text)
        return
    window = words.window(text)
    assert (window.start, window.end, window.words) == (start, end, text)
    assert {first, last} <= window.days
    assert len(window.days) == (last - first) % 7 + 1


@settings(deadline=None)
@given(st.sets(st.sampled_from(words.DAYS), min_size=1))
def test_named_days_are_taken_as_they_are(days: set[str]) -> None:
    window = words.window(f"{','.join(days)} 22:00-04:00")
    assert {words.DAYS[day] for day in window.days} == days


@pytest.mark.parametrize(
    ("wrong", "mend"),
    [
        ("Tue-Thu 9-16", "Tue-Thu 09:00-16:00"),
        ("tuesday–thursday 9.30–16h", "Tue-Thu 09:30-16:00"),
        ("Sat, Sun 10 to 12", "Sat,Sun 10:00-12:00"),
        ("every day 22:00-24:00", "daily 22:00-00:00"),
        ("22-4", "daily 22:00-04:00"),
        ("whenever", "Tue-Thu 09:00-16:00"),
    ],
)
def test_a_wrong_window_is_mended_as_it_was_meant(wrong: str, mend: str) -> None:
    with pytest.raises(ValueError, match=re.escape(f'write "{mend}"')):
        words.window(wrong)
    assert words.window(mend)


@settings(deadline=None)
@given(st.text(max_size=30))
def test_every_mend_of_a_window_is_a_window(text: str) -> None:
    try:
        words.window(text)
    except ValueError as error:
        mend = re.search(r'write "([^"]*)"$', str(error))
        assert mend is None or words.window(mend[1])


@settings(deadline=None)
@given(st.integers(1, 999), st.sampled_from("smhdw"))
def test_durations_are_seconds(number: int, unit: str) -> None:
    length = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}[unit]
    assert words.seconds(f"{number}{unit}") == number * length


@pytest.mark.parametrize("wrong", ["24 hours", "1.5h", "h", "", "-3d", "0m", 30, True])
def test_what_is_no_duration_is_refused_with_one_that_is(wrong: object) -> None:
    with pytest.raises(ValueError, match=r'"\d+[smhdw]"|quotes'):
        words.seconds(wrong)


@pytest.mark.parametrize("right", ["C0DEPLOYS", "G012AB34CD", "C1"[:1] + "0A"])
def test_channel_ids(right: str) -> None:
    assert words.channel(right) == right


@pytest.mark.parametrize("wrong", ["deploys", "#deploys", "D0123456", "U0123456", "c0deploys", "", 5])
def test_what_is_no_channel_is_refused(wrong: object) -> None:
    with pytest.raises(ValueError, match=r"channel|quotes"):
        words.channel(wrong)


@pytest.mark.parametrize("right", ["U0ANN", "W012AB34CD", "@dba-team", "@データ"])
def test_members(right: str) -> None:
    assert words.member(right) == right


@pytest.mark.parametrize("wrong", ["Ann", "ann@shop.example", "@", "@dba team", "S012AB34CD", "<@U0ANN>", "C0DEPLOYS"])
def test_what_is_no_member_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="group"):
        words.member(wrong)


@pytest.mark.parametrize(("wrong", "mend"), [("deploy", "/deploy"), ("/Deploy Now", "/deploynow"), ("", "/deploy")])
def test_commands_are_mended(wrong: str, mend: str) -> None:
    with pytest.raises(ValueError, match=f'write "{mend}"'):
        words.command(wrong)
    assert words.command(mend) == mend
