from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.core.journal import from_text, to_text

zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
instants = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=zones)


@given(instants)
@example(datetime(26, 11, 22, 14, 3, 7, 999999, tzinfo=UTC))
def test_an_instant_is_24_characters_and_comes_back_cut_to_milliseconds(instant: datetime) -> None:
    text = to_text(instant)
    assert len(text) == 24
    lost = instant - from_text(text)
    assert timedelta(0) <= lost < timedelta(milliseconds=1)
    assert to_text(from_text(text)) == text


@given(instants, instants)
def test_text_order_is_time_order(one: datetime, other: datetime) -> None:
    if abs(one - other) >= timedelta(milliseconds=1):
        assert (to_text(one) < to_text(other)) == (one < other)


def test_the_shape_is_the_one_that_is_stored() -> None:
    berlin = datetime(2026, 11, 22, 15, 3, 7, 123999, tzinfo=timezone(timedelta(hours=1)))
    assert to_text(berlin) == "2026-11-22T14:03:07.123Z"


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        to_text(datetime(2026, 11, 22))


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-22T14:03:07Z",
        "2026-11-22 14:03:07.123Z",
        "2026-11-22T14:03:07.123+01:00",
        "2026-W47-7T14:03:07.123Z",
        "2026-13-22T14:03:07.123Z",
        "2026-11-22T14:03:07.123Z\n",
        "",
    ],
)
def test_other_shapes_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        from_text(text)
