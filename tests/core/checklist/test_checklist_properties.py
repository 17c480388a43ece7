"""Rules that hold for any text."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.core.checklist.items import Checklist, Kind, Phase
from bot.core.checklist.lint import lint
from bot.core.checklist.reader import parse, read
from bot.core.checklist.text import MAX_SLUG, ChecklistError, slug, slug_path, split_lines
from checks.result import Finding

PIECES = st.sampled_from(
    [
        *(
            "- [ ] ",
            "* [x] ",
            "1. [ ] ",
            "  - [ ] ",
            "-[ ]",
            "- [] ",
            "> ",
            "# ",
            "## ",
            "### ",
            "===",
            "---",
            "```",
            "\t",
        ),
        *(
            "<!--",
            "-->",
            "<!-- id: a -->",
            "<!-- phase: deploy in staging; required: go -->",
            "<details>",
            "</details>",
        ),
        *(
            "<!-- when: a done; due: day 1-7 -->",
            "<!-- role: dba approve -->",
            "&#8238;",
            "[x]: /u",
            "](",
            "`",
            "\\",
            "**",
        ),
        *(
            "Go live",
            "Staging",
            "Rollback",
            "DBA approval",
            "(for production)",
            "(Within 1 Hour)",
            "(Day 1-7)",
            "a",
            "b",
        ),
        *("\n", "\n", "\n\n", "\r\n", "\r", "\ufeff", "\u202e", "\x00", "\x0b", "\u2028", " ", "ä", "\u0301", "🚀"),
    ]
)
DOCUMENTS = st.one_of(st.text(), st.lists(PIECES, max_size=40).map("".join))


def outcome(text: str | bytes) -> Checklist | tuple[Finding, ...]:
    try:
        return parse(text, "l.md")
    except ChecklistError as error:
        return error.problems


def check_problems(problems: tuple[Finding, ...] | list[Finding], lines: int) -> None:
    for problem in problems:
        assert 1 <= problem.line <= lines
        assert problem.message and problem.hint
        assert "\n" not in problem.message + problem.hint
        assert not set(problem.message) & {"\u202e", "\x00"}


@given(DOCUMENTS)
def test_any_text_parses_or_says_why_not(text: str) -> None:
    found = outcome(text)
    lines = len(split_lines(text))
    if isinstance(found, Checklist):
        assert found.items
        assert len({item.id for item in found.items}) == len(found.items)
        assert all(1 <= item.line <= lines and item.label for item in found.items)
    else:
        assert found
        check_problems(found, lines)


@given(st.binary())
def test_any_bytes_parse_or_say_why_not(content: bytes) -> None:
    found = outcome(content)
    if not isinstance(found, Checklist):
        check_problems(found, content.count(b"\n") + content.count(b"\r") + 1)


@given(DOCUMENTS)
def test_lint_tells_every_error_of_parse(text: str) -> None:
    found = outcome(text)
    try:
        told = lint(read(text, "l.md"))
    except ChecklistError as error:
        told = error.problems
    check_problems(told, len(split_lines(text)))
    assert set(() if isinstance(found, Checklist) else found) <= set(told)


@given(DOCUMENTS)
def test_every_item_is_counted_once_in_each_kind(text: str) -> None:
    found = outcome(text)
    if not isinstance(found, Checklist):
        return
    for kind in Kind:
        counted = [item.id for part in found.items_for(kind) for item in part.items]
        on_demand = [item.id for part in found.on_demand_for(kind) for item in part.items]
        elsewhere = [item.id for item in found.items if not item.applies(kind)]
        by_phase = [item.id for phase in Phase for item in found.items if item.phase(kind) is phase]
        assert sorted(counted + on_demand + elsewhere) == sorted(item.id for item in found.items)
        assert sorted(by_phase) == sorted(counted + on_demand)


@given(DOCUMENTS)
def test_each_item_is_found_by_its_id(text: str) -> None:
    found = outcome(text)
    if isinstance(found, Checklist):
        assert all(found.find(item.id) is item is found.item(item.id) for item in found.items)


@given(DOCUMENTS)
def test_line_ends_change_nothing_but_the_revision(text: str) -> None:
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    one, other = outcome(plain), outcome(plain.replace("\n", "\r\n"))
    if isinstance(one, Checklist) and isinstance(other, Checklist):
        assert (one.title, one.intro, one.sections) == (other.title, other.intro, other.sections)
    else:
        assert one == other


@given(st.text(min_size=1), st.lists(st.text(), min_size=1))
def test_slugs_are_short_and_stay_what_they_are(text: str, parts: list[str]) -> None:
    assert slug(slug(text)) == slug(text) != ""
    assert len(slug_path(parts)) <= MAX_SLUG
