"""Bad input: every fault at once, each with file, line, sentence and mend."""

from __future__ import annotations

import hashlib

import pytest
from checklist_samples import linted, problems_of

from bot.core.checklist.reader import parse
from bot.core.checklist.text import ChecklistError

ITEM = "- [ ] a\n"


@pytest.mark.parametrize(
    ("text", "line", "sentence", "mend"),
    [
        ("", 1, "no item", "- [ ] text"),
        ("# Title\n\n- plain\n", 1, "no item", "- [ ] text"),
        ("\ufeff" + ITEM, 1, "byte-order mark", "without one"),
        (b"\xff\xfe-\x00 \x00", 1, "UTF-16", "UTF-8"),
        (b"- [ ] a\n- [ ] \xe4\n", 2, "Byte 0xe4", "UTF-8"),
        ("- [ ] a\ud800\n", 1, "surrogate", "Remove"),
        ("x\n- [ ] a\x07b\n", 2, "U+0007", "Remove that character"),
        ("- [ ] a\x00b\n", 1, "U+0000", "Remove that character"),
        ("- [ ] a\u2028b\n", 1, "U+2028 LINE SEPARATOR", "Remove that character"),
        ("- [ ] pay \u202eecila\n", 1, "U+202E RIGHT-TO-LEFT OVERRIDE", "Remove that character"),
        ("- [ ] pay &#x202e;ecila\n", 1, "An entity here stands for U+202E", "Remove that entity"),
        (f"- [ ] {'l' * 400}\n", 1, "has 400 characters; at most 150", "Shorten"),
        (f"## {'h' * 151}\n{ITEM}", 1, "has 151 characters", "Shorten"),
        (f"## <!-- phase: prepare -->\n{ITEM}", 1, "This heading has no text", "Write what"),
        (ITEM + "- [ ]\n", 2, "This item has no text", "Write what"),
        ("- [ ] a\n- [ ] A!\n", 2, "The id 'a' of this item is that of line 1 too", "<!-- id:"),
        ("- [ ] a <!-- id: x -->\n\n- [ ] b <!-- id: x -->\n", 3, "that of line 1 too", "<!-- id:"),
        (f"## Same\n{ITEM}## Same\n- [ ] b\n", 3, "The section id 'same' is that of the heading in line 1", "Reword"),
        (ITEM + "<!-- id: b -->\n- [ ] c\n", 2, "line of its own", "at the end of the heading's or the item's line"),
        (ITEM + "  <!-- required: go -->\n", 2, "line of its own", "at the end"),
        ("- [ ] <!-- id: a --> A\n", 1, "before the end of the line", "Move it"),
        ("## X <!-- phase: close --> Y\n- [ ] a\n", 1, "before the end of the line", "Move it"),
        ("- [ ] a <!-- id: a\n- [ ] b -->\n", 1, "not closed", "-->"),
        (ITEM + "\n<!-- remark\n\n- [ ] lost\n", 3, "hides the rest of the file", "Close it"),
        (ITEM + "<details>\n- [ ] b\n</details>\n", 3, "does not read this line as an item", "empty line"),
        ("Text\n\n      - [ ] b\n- [ ] a\n", 3, "does not read this line as an item", "four spaces"),
        (ITEM + "-[ ] b\n", 2, "does not read this line as an item", "a space before the box"),
        (ITEM + "- [] b\n", 2, "does not read this line as an item", "one inside it"),
        (ITEM + "- [x]b\n", 2, "does not read this line as an item", "one behind it"),
        ("1. - [ ] b\n", 1, "does not begin this line", "on one line"),
        ("-\n  [ ] b\n", 2, "does not begin this line", "on one line"),
        ("x" * 1_100_000, 1, "1,100,000 bytes", "right file"),
    ],
)
def test_each_fault(text: str | bytes, line: int, sentence: str, mend: str) -> None:
    problems = problems_of(text)
    assert [(p.file, p.line) for p in problems] == [("ops/list.md", line)]
    assert sentence in problems[0].message
    assert mend in problems[0].hint


def test_three_hundred_items_in_a_section() -> None:
    text = "# T\n\n## Crowd\n" + "".join(f"- [ ] item {n}\n" for n in range(300))
    (problem,) = problems_of(text)
    assert problem.line == 3
    assert problem.message == "Section 'Crowd' has 300 items; a section has at most 100."
    assert "###" in problem.hint


def test_all_faults_at_once_in_the_order_of_lines() -> None:
    text = (
        "\ufeff# T\n- [ ] a <!-- id: x; phase: deply; when: y done -->\n\n-[ ] b\n- [ ] c <!-- id: x -->\n- [ ] \x1b\n"
    )
    with pytest.raises(ChecklistError) as refusal:
        parse(text, "ops/list.md")
    lines = str(refusal.value).split("\n")
    assert [p.line for p in refusal.value.problems] == [1, 2, 2, 4, 5, 6]
    assert lines[1].startswith("ops/list.md:2: `phase` does not know 'deply'. Nearest: deploy. Use one of")


def test_remarks_fences_and_lines_commented_out_are_left_alone() -> None:
    text = (
        "<!-- A remark: nothing more -->\n- [ ] a\n\n<!--\n- [ ] old\n-->\n\n```\n- [ ] code\n```\n"
        "- [x](https://a.example) a link\n- plain\n"
    )
    assert problems_of(text) == []
    assert [item.label for item in parse(text).items] == ["a"]


def test_windows_line_ends_parse_as_they_are_and_lint_says_so() -> None:
    text = "## Before\n\n- [ ] a <!-- id: x -->\n- [ ] b\n"
    windows = text.replace("\n", "\r\n").encode()
    checklist = parse(windows)
    assert [(item.id, item.label, item.line) for item in checklist.items] == [("x", "a", 3), ("before/b", "b", 4)]
    assert checklist.revision == hashlib.sha256(windows).hexdigest() != parse(text).revision
    assert checklist.text.encode() == windows
    (warning,) = linted(windows)
    assert (warning.line, warning.severity) == (1, "warning")
    assert "Windows line ends (CRLF)" in warning.message
    assert ".gitattributes" in warning.hint


def test_mixed_line_ends_name_the_first_odd_line() -> None:
    (warning,) = linted(b"## Before\n- [ ] b\n- [ ] c\r\n")
    assert (warning.line, warning.severity) == (3, "warning")
    assert "Line ends change here" in warning.message


def test_the_revision_is_of_the_bytes() -> None:
    assert parse(b"- [ ] a").revision == hashlib.sha256(b"- [ ] a").hexdigest()
    assert parse("- [ ] ä").revision == hashlib.sha256("- [ ] ä".encode()).hexdigest()
