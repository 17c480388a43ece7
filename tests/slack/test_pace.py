"""The pace holds whatever is asked of it, by a clock of our own."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.slack.outbound.pace import Pace, Rates


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


steps = st.lists(st.tuples(st.floats(0, 5), st.booleans()), max_size=400)


@given(steps)
def test_no_minute_has_more_than_fifty_updates(asked: list[tuple[float, bool]]) -> None:
    clock = Clock()
    pace, taken = Pace(Rates(), clock), []
    for wait, urgent in asked:
        clock.now += wait / 10
        if pace.take_update(urgent=urgent):
            taken.append(clock.now)
    assert all(sum(start <= at < start + 60 for at in taken) <= 50 for start in taken)


@given(st.floats(0.0, 3.0))
def test_a_clicked_message_finds_room_however_much_is_repainted(step: float) -> None:
    clock = Clock()
    pace = Pace(Rates(), clock)
    for _ in range(300):
        clock.now += step
        pace.take_update(urgent=False)
    assert pace.take_update(urgent=True)


def test_waiting_as_long_as_told_is_enough() -> None:
    clock = Clock()
    pace = Pace(Rates(), clock)
    for _ in range(200):
        clock.now += pace.update_wait(urgent=False) + 1e-6
        assert pace.take_update(urgent=False)
    pace.took_post("C1")
    assert pace.post_wait("C2") == 0
    assert pace.post_wait("C1") == 1
    clock.now += 1
    assert pace.post_wait("C1") == 0


def test_retry_after_bars_its_channel_only_and_the_longest_counts() -> None:
    clock = Clock()
    pace = Pace(Rates(), clock)
    pace.bar("post C1", 30)
    pace.bar("post C1", 5)
    assert (pace.post_wait("C1"), pace.post_wait("C2")) == (30, 0)
    pace.bar("update", 7)
    assert pace.update_wait(urgent=True) == 7
