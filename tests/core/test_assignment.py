"""Whose work it is, and when a claim says only that somebody was on it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.core.assignment import Assignment, in_force, is_old
from bot.core.attention import Hours

MONDAY = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
GIVEN = Assignment("1", "d", "plan", "", "U0BO", "", "U0ANN", MONDAY, MONDAY)
LIST = replace(GIVEN, id="2", item="", section="checks", person="U0CY", at=MONDAY + timedelta(hours=1))
CLAIM = replace(GIVEN, id="3", who="U0BO")
ENDED = replace(GIVEN, id="4", at=MONDAY + timedelta(hours=2), ended_at=MONDAY + timedelta(hours=3))


@pytest.mark.parametrize(
    ("rows", "item", "found"),
    [
        ((), "plan", None),
        ((GIVEN, LIST), "plan", "1"),
        ((GIVEN, LIST), "backup", "2"),
        ((GIVEN, LIST), "", "2"),
        ((GIVEN, ENDED), "plan", "1"),
        ((ENDED, LIST), "plan", "2"),
        ((GIVEN, replace(GIVEN, id="5", at=MONDAY + timedelta(minutes=1))), "plan", "5"),
        ((replace(GIVEN, item="backup"),), "plan", None),
    ],
    ids=["nothing", "its own", "its list's", "the list", "not an ended one", "then its list's", "newest", "another's"],
)
def test_the_newest_of_the_item_else_of_its_section(rows: tuple[Assignment, ...], item: str, found: str | None) -> None:
    one = in_force(rows, item, "checks")
    assert (one and one.id) == found
    assert in_force(rows, "elsewhere", "other") is None


@pytest.mark.parametrize(
    ("one", "running", "after", "old"),
    [
        (CLAIM, True, timedelta(hours=4) - timedelta(seconds=1), False),
        (CLAIM, True, timedelta(hours=4), True),
        (CLAIM, False, timedelta(hours=23), False),
        (CLAIM, False, timedelta(hours=23, minutes=30), True),
        (replace(CLAIM, at=MONDAY + timedelta(days=4)), False, timedelta(days=6, hours=20), False),
        (replace(CLAIM, at=MONDAY - timedelta(minutes=45)), False, timedelta(minutes=1), False),
        (GIVEN, True, timedelta(days=9), False),
    ],
    ids=["fresh", "four hours", "the day", "next morning", "a weekend is no day", "its own morning", "given"],
)
def test_a_claim_grows_old(one: Assignment, running: bool, after: timedelta, old: bool) -> None:
    assert is_old(one, Hours("UTC"), MONDAY + after, running=running) is old
