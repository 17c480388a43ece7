"""Every check explains itself: what it decides, what it costs, what to do; in words of its own."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from importlib import import_module

import pytest

from checks.base import Check, Inputs, Need, Status
from checks.catalogue import CATALOGUE, FOLDERS, Catalogue
from checks.runner import run_checks

CHECKS = list(CATALOGUE.values())
# Words that say nothing, or promise what no check can know.
_EMPTY = re.compile(r"\b(various|etc|some issues|as needed|if necessary|TODO|TBD)\b", re.IGNORECASE)


def named(check: Check[object]) -> str:
    return check.id


def test_titles_are_unique() -> None:
    assert [title for title, count in Counter(check.title for check in CHECKS).items() if count > 1] == []


def test_no_two_checks_have_one_id() -> None:
    listed = [check.id for folder in FOLDERS for check in import_module(f"checks.{folder}").CHECKS]
    assert listed == [*CATALOGUE] and len(listed) == len(set(listed)) == len(CATALOGUE)


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_folder_has_checks_of_its_own_needs_alone(folder: str) -> None:
    assert {check.needs for check in import_module(f"checks.{folder}").CHECKS} <= {*FOLDERS[folder]}


@pytest.mark.parametrize("need", Need)
def test_the_checks_of_a_need_are_found_in_their_order(need: Need) -> None:
    assert dict(Catalogue(need)) == {check.id: check for check in CHECKS if check.needs is need}


def test_a_folder_is_imported_when_one_of_its_checks_is_asked_for() -> None:
    asked = "CATALOGUE['syntax'], [*Catalogue(Need.FILES)]"
    told = "print([name for name in sys.modules if name.startswith(('checks.scratch', 'checks.target'))])"
    program = f"import sys; from checks.catalogue import CATALOGUE, Catalogue, Need; {asked}; {told}"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_no_driver_and_no_parser_is_loaded_for_a_list_of_checks() -> None:
    told = "import sys, checks.catalogue as c; len(c.CATALOGUE); print({'psycopg', 'pglast'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True).stdout == "set()\n"


@pytest.mark.parametrize("check", CHECKS, ids=named)
def test_an_id_is_in_kebab_case_and_no_longer_than_a_line_of_the_list(check: Check[object]) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", check.id)
    assert len(check.id) <= 28


@pytest.mark.parametrize("check", CHECKS, ids=named)
def test_it_says_what_it_decides_what_it_costs_and_what_to_do(check: Check[object]) -> None:
    for words in (check.decides, check.cost, check.fix):
        assert words.endswith((".", "…", "`")), words
        assert 12 <= len(words) <= 700
        assert not _EMPTY.search(words)
        assert "  " not in words, "two texts run together"
    assert not check.title.endswith(".")
    assert 8 <= len(check.title) <= 70


@pytest.mark.parametrize("part", ["decides"])
def test_no_two_checks_decide_the_same(part: str) -> None:
    assert [words for words, count in Counter(getattr(check, part) for check in CHECKS).items() if count > 1] == []


@pytest.mark.parametrize("check", [check for check in CHECKS if check.option], ids=named)
def test_a_check_that_has_to_be_set_up_says_how(check: Check[object]) -> None:
    assert re.search(rf"\b{check.option}\b", check.decides)
    [(_, result)] = run_checks([check], Inputs())
    if check.needs in (Need.FILES, Need.TARGET):
        assert result.status is Status.NOT_APPLICABLE
        assert result.summary == f"not set up: [checks.{check.id}] {check.option} = … says what to look at"
    assert check.is_set_up({check.id: {check.option: ["x"]}})
    assert not check.is_set_up({check.id: {check.option: ""}})
    assert not check.is_set_up({check.id: "x"})


@pytest.mark.parametrize("check", [c for c in CHECKS if c.needs in (Need.TARGET, Need.PAIR)], ids=named)
def test_what_asks_a_target_says_what_that_costs_it(check: Check[object]) -> None:
    said = ("quer", "catalog", "statistics", "connection", "EXPLAIN", "refresh", "snapshot", "pass over")
    assert any(word in check.cost for word in said), check.cost
