"""The pace holds whatever is asked of it, by a clock of our own."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack.outbound.pace import Pace, Rates


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def most_in_a_minute(received: list[float]) -> int:
    return max((sum(start <= at <= start + 60 for at in received) for start in received), default=0)


class Slack:
    """Counts each update when it comes: `travels` seconds after it was taken; its answer is back at `answers`."""

    def __init__(self, pace: Pace, clock: Clock) -> None:
        self._pace, self._clock, self._under_way = pace, clock, list[float]()
        self.received: list[float] = []

    def gets(self, travels: float, answers: float) -> None:
        self.received.append(self._clock.now + travels)
        self._under_way.append(self._clock.now + max(travels, answers))

    def wait(self, seconds: float) -> None:
        """Answers come when they come."""
        until = self._clock.now + seconds
        for at in sorted(each for each in self._under_way if each <= until):
            self._clock.now = at
            self._under_way.remove(at)
            self._pace.update_answered()
        self._clock.now = until


calls = st.tuples(st.floats(0, 40), st.booleans(), st.floats(0, 10), st.floats(0, 10))


@given(st.lists(calls, max_size=100), st.integers(1, 6))
def test_no_minute_of_slacks_has_more_than_its_limit(asked: list[tuple[float, bool, float, float]], most: int) -> None:
    """However long each call is on its way, and whenever one is asked for."""
    clock = Clock()
    pace = Pace(Rates(updates_a_minute=most, routine_burst=100), clock)
    slack = Slack(pace, clock)
    for wait, urgent, travels, answers in asked:
        slack.wait(wait)
        if pace.take_update(urgent=urgent):
            slack.gets(travels, answers)
    assert most_in_a_minute(slack.received) <= most


@pytest.mark.parametrize("travels", [0.0, 2.0])
def test_the_first_of_fifty_came_late_and_the_fifty_first_at_once(travels: float) -> None:
    clock = Clock()
    pace = Pace(Rates(), clock)
    slack = Slack(pace, clock)
    for late in (travels, *[0.0] * 200):
        slack.wait(pace.update_wait(urgent=True))
        while not pace.take_update(urgent=True):
            slack.wait(max(pace.update_wait(urgent=True), 1e-6))
        slack.gets(late, late)
        slack.wait(0.0)
    assert most_in_a_minute(slack.received) == 50
    assert len(slack.received) == 201


@given(st.floats(0.0, 3.0))
def test_a_clicked_message_finds_room_however_much_is_repainted(step: float) -> None:
    clock = Clock()
    pace = Pace(Rates(), clock)
    for _ in range(300):
        clock.now += step
        if pace.take_update(urgent=False):
            pace.update_answered()
    assert pace.take_update(urgent=True)


def test_waiting_as_long_as_told_is_enough() -> None:
    clock = Clock()
    pace = Pace(Rates(), clock)
    for _ in range(200):
        clock.now += pace.update_wait(urgent=False) + 1e-6
        assert pace.take_update(urgent=False)
        pace.update_answered()
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
