"""What a hostile file costs: a long line is refused unread, and twice as much takes no more than twice as long."""

from __future__ import annotations

import time

import pytest

from bot.core.checklist.lint import lint
from bot.core.checklist.reader import parse, read
from bot.core.checklist.text import MAX_BYTES, MAX_LINE, ChecklistError

HEAD = "# T\n\n## A\n- [ ] one\n"
MARKS = ("![", "[", "](", "`", "*a ", "_a_", "<", "<!-- a -->", "&#1", "( ", "a / ", "1.")
UNITS = (*MARKS, "run ", "approval ", "x team ")


def cost(text: str) -> float:
    """Seconds of this process, the least of three tries."""

    def once() -> float:
        began = time.process_time()
        lint(read(text, "checklist.md", None))
        return time.process_time() - began

    return min(once() for _ in range(3))


def paragraph(unit: str, size: int) -> str:
    """So much of it, in lines that are allowed, as one item that goes on and on."""
    line = unit * (100 // len(unit))
    return HEAD + "\n".join([line] * (size // len(line))) + "\n"


@pytest.mark.parametrize("unit", UNITS)
def test_twice_as_much_of_anything_takes_twice_as_long(unit: str) -> None:
    half, whole = cost(paragraph(unit, 8_000)), cost(paragraph(unit, 16_000))
    assert whole <= 3 * half + 0.02


@pytest.mark.parametrize("unit", ["run ", "![", "word ", "[", "<!-- a -->"])
def test_a_line_of_a_hundred_thousand_characters_is_refused_by_file_line_and_mend(unit: str) -> None:
    long = "- [ ] " + unit * (100_000 // len(unit))
    with pytest.raises(ChecklistError) as refused:
        parse(f"{HEAD}{long}\nfine\n{long}\n", "deploy.md")
    first, second = str(refused.value).splitlines()
    assert first.startswith(f"deploy.md:5: This line has {len(long):,} characters; a line of a checklist has at most")
    assert "Break it into several lines" in first
    assert second.startswith("deploy.md:7: ")


def test_the_longest_line_is_read_and_one_more_is_not() -> None:
    assert parse(f"{HEAD}\n{'x' * MAX_LINE}\n").items[0].label == "one"
    with pytest.raises(ChecklistError, match="4,001 characters"):
        parse(f"{HEAD}\n{'x' * (MAX_LINE + 1)}\n")


def test_a_file_that_is_no_checklist_is_refused_by_its_size() -> None:
    with pytest.raises(ChecklistError, match=f"a checklist has at most {MAX_BYTES:,}"):
        parse(HEAD + "word\n" * 200_000)
