"""Who decides each of the 168 lines is what can be decided: by a machine, by a person over evidence, by a person."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from bot.usecases.situation.own_checks import is_own
from checks.catalogue import CATALOGUE
from docs.generator.items_page import Line, lines

# Lines on which a machine finds facts, and only a person says yes; and those on which it can find none.
EVIDENCE = (
    "5 9 16 20 22 27 31 34 36 40 42 48 49 70 74 84 90 93 95 100 103 106 109 111 120"
    " 122 124 125 128 129 130 131 133 135 136 138 168"
)
PERSON = "32 33 35 46 80 86 110 143 145 155 156 157 158 159 160 161 162 166 167"
# Rows in the history since go are what "run the migration runner script" means; who started it is on the record.
SETTLED_BY_FACTS = {"runner-script"}

LINES = {line.number: line for line in lines()}
BY_EVIDENCE = [LINES[int(number)] for number in EVIDENCE.split()]
BY_PERSON = [LINES[int(number)] for number in PERSON.split()]
BY_MACHINE = [line for line in LINES.values() if line not in (*BY_EVIDENCE, *BY_PERSON)]


def failing(lines: Iterable[Line], holds: Callable[[Line], object]) -> list[str]:
    """The ids of the lines of which it does not hold."""
    return [line.item.id for line in lines if not holds(line)]


def may_pass(check: str) -> bool:
    """Whether a check can settle a line alone; one that only shows or warns says so in what it decides."""
    return is_own(check) or re.search(r"\bpass(es)?\b", CATALOGUE[check].decides, re.IGNORECASE) is not None


def built_in(line: Line) -> Iterator[str]:
    return (check for check in line.item.checks if not is_own(check))


def test_the_three_sorts_are_all_of_them() -> None:
    assert (len(BY_MACHINE), len(BY_EVIDENCE), len(BY_PERSON)) == (112, 37, 19)


def test_what_a_machine_can_decide_has_a_machine() -> None:
    assert failing(BY_MACHINE, lambda line: line.item.checks or line.probe or line.item.by_completion) == []


def test_evidence_has_a_source_and_words_for_the_person() -> None:
    assert failing(BY_EVIDENCE, lambda line: line.item.checks or line.probe) == []


def test_no_check_of_ours_says_yes_in_a_person_s_place() -> None:
    checked = [line for line in BY_EVIDENCE if line.item.checks and line.item.id not in SETTLED_BY_FACTS]
    decided = failing(checked, lambda line: line.item.by_person or not all(map(may_pass, line.item.checks)))
    assert decided == [], "write `by: person` on those lines of the checklist"


def test_no_check_decides_what_only_a_person_can_say() -> None:
    assert failing(BY_PERSON, lambda line: line.person) == [], "say in docs/data/items.toml why a person decides"
    assert failing(BY_PERSON, lambda line: not line.probe) == []
    assert failing(BY_PERSON, lambda line: line.item.by_person or not any(map(may_pass, built_in(line)))) == []


def test_by_person_stands_only_where_there_is_something_to_look_at() -> None:
    asked = [line for line in LINES.values() if line.item.by_person]
    assert [line.item.id for line in asked if not line.item.checks] == []
    assert [line.item.id for line in asked if not line.person] == []
