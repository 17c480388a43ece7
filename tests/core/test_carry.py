"""DESIGN, *Carry-over* is by file: who settled an item for every file of this range, in the environment before."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.core.item import Carried, Earlier, Settled, carried_items
from checks.result import Status

MONDAY = datetime(2026, 11, 23, 12, tzinfo=UTC)
ITEM = "peer-review"


def earlier(number: int, *shas: str, item: str = ITEM, days: int | None = None) -> Earlier:
    at = MONDAY + timedelta(days=number if days is None else days)
    settled = {item: Settled(f"U{number}", at, Status.PASSED)}
    return Earlier(f"d{number}", str(number), "staging", frozenset(shas), settled)


def carried(number: int, words: str, days: int | None = None) -> Carried:
    at = MONDAY + timedelta(days=number if days is None else days)
    return Carried(f"U{number}", at, f"settled in {words}", f"d{number}", verdict=Status.PASSED)


CASES: dict[str, tuple[set[str], list[Earlier], Carried | None]] = {
    "one covers every file": ({"a", "b"}, [earlier(1, "a", "b")], carried(1, "staging 1")),
    "one covers more than every file": ({"a"}, [earlier(1, "a", "b")], carried(1, "staging 1")),
    "two together cover every file": (
        {"a", "b"},
        [earlier(2, "b"), earlier(1, "a")],
        carried(2, "staging 2 and staging 1"),
    ),
    "who settled it last is named": (
        {"a", "b"},
        [earlier(1, "a", days=9), earlier(2, "b")],
        carried(1, "staging 1 and staging 2", days=9),
    ),
    "one file is left": ({"a", "b"}, [earlier(1, "a")], None),
    "the same name with another hash is another file": ({"a2"}, [earlier(1, "a")], None),
    "who covers nothing more is not named": ({"a"}, [earlier(2, "a"), earlier(1, "a")], carried(2, "staging 2")),
    "who did not settle the item covers nothing": (
        {"a", "b"},
        [earlier(2, "b", item="syntax"), earlier(1, "a")],
        None,
    ),
    "and does not stand in the way": (
        {"a"},
        [earlier(2, "a", item="syntax"), earlier(1, "a")],
        carried(1, "staging 1"),
    ),
    "no files, nothing carries": (set(), [earlier(1, "a")], None),
    "nothing before, nothing carries": ({"a"}, [], None),
}


@pytest.mark.parametrize(("files", "before", "found"), CASES.values(), ids=CASES)
def test_an_item_carries(files: set[str], before: list[Earlier], found: Carried | None) -> None:
    assert carried_items([ITEM], frozenset(files), before) == ({} if found is None else {ITEM: found})


def test_each_item_carries_for_itself() -> None:
    before = [earlier(2, "a", item="syntax"), earlier(1, "a")]
    assert set(carried_items([ITEM, "syntax", "numbering"], frozenset({"a"}), before)) == {ITEM, "syntax"}


def test_on_whose_behalf_a_review_was_is_carried_with_it() -> None:
    settled = {ITEM: Settled("U1", MONDAY, on_behalf_of="U9")}
    found = carried_items([ITEM], frozenset({"a"}), [Earlier("d1", "1", "staging", frozenset({"a"}), settled)])
    assert found[ITEM].people == {"U1", "U9"}
