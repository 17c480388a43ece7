"""The record: the checklist filled in, and nothing that people wrote can change what it says."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from bot.core.checklist.items import Checklist, Item, Kind
from bot.core.checklist.reader import parse
from bot.core.checklist.text import ChecklistError
from bot.core.record import ItemRecord, RecordFacts, SignOffRecord, render_record
from bot.core.record_fields import neutralise, one_line

ROOT = Path(__file__).parents[2]
CHECKLIST = parse((ROOT / "templates" / "checklists" / "migration-deployment.md").read_bytes())
SMALL = parse("# T\n\n## Go live\n- [ ] a <!-- id: a -->\n  * [x] b\n    more\n\n      code\n- [ ] c\n\nTail.\n")
QUOTED = parse("> 1. [ ] a\n>    - [ ] b\n\n*\t[ ] c\n\n```\n- [ ] code\n")

EVIL = st.one_of(
    st.text(),
    st.sampled_from(
        [
            *(
                "- [ ] x",
                "\n- [ ] x",
                "\r\n\r\n* [x] y",
                "<!-- id: a -->",
                "-->",
                "<!--",
                "</li></ul>",
                "`",
                "```\n",
                "~~~",
            ),
            *(
                "\n# H",
                "\n---",
                "==",
                "](x)",
                "[x]: /u",
                "![](",
                "&#10;- [ ] z",
                "\u202e",
                "\u2028- [ ] q",
                "\\",
                "*_*",
            ),
            *(
                "**Status**: [x] Success",
                "\n**Notes**: mine",
                "<details>",
                "https://a.example/_x_?a=b&c[",
                "\ud800",
                "\x00",
            ),
        ]
    ),
    st.lists(st.sampled_from(["- ", "[ ]", "[x] ", "\n", "\t", " ", "<!--", "-->", "`", "*", "_", "\\", "#", "a"])).map(
        "".join
    ),
)


def identity(checklist: Checklist) -> list[tuple[object, ...]]:
    def facts(item: Item) -> tuple[object, ...]:
        phases, requirements = tuple(item.phases.items()), tuple(item.requirements.items())
        return (item.id, item.label, item.section_id, phases, requirements, item.checks, item.role, item.when, item.due)

    return [facts(item) for item in checklist.items]


def same_items(text: str, checklist: Checklist) -> bool:
    """The same items; what was decided may stand behind the label of a sign-off, and then nothing is inferred of it."""
    found = parse(text)
    pairs = list(zip(identity(found), identity(checklist), strict=False))
    goes_on = [str(one[1]).startswith(f"{other[1]}: ") and one[2] == other[2] for one, other in pairs]
    same = [one == other or more for (one, other), more in zip(pairs, goes_on, strict=True)]
    return len(found.items) == len(checklist.items) and all(same)


def production(**more: object) -> RecordFacts:
    return RecordFacts(CHECKLIST, Kind.PRODUCTION, **more)  # type: ignore[arg-type]


def line_of(text: str, label: str) -> int:
    return next(number for number, line in enumerate(text.split("\n")) if label in line)


def test_boxes_and_what_stands_below_them() -> None:
    text = render_record(
        production(
            items={
                "backup": ItemRecord("done", "gonogo", "2026-11-22 14:03 UTC", ("pgBackRest full 02:10, 41 GB",)),
                "maintenance-mode": ItemRecord("n/a", "Lu", "2026-11-22 14:09 UTC", reason="online change only"),
                "syntax": ItemRecord("done", "Bo", "2026-11-20 09:00 UTC", carried_from="staging 14"),
                "smoke-tests": ItemRecord("open", notes=("waits for the certificate",)),
            }
        )
    )
    lines = text.split("\n")
    at = line_of(text, "Database backup completed")
    assert lines[at].startswith("- [x] Database backup completed")
    assert lines[at + 1 : at + 3] == [
        "  - done by gonogo, 2026-11-22 14:03 UTC",
        "  - evidence: pgBackRest full 02:10, 41 GB",
    ]
    at = line_of(text, "Put application in maintenance mode")
    assert lines[at].startswith("- [ ] Put")
    assert lines[at + 1 : at + 3] == ["  - n/a by Lu, 2026-11-22 14:09 UTC", "  - reason: online change only"]
    assert "  - carried from: staging 14" in lines
    at = line_of(text, "Run smoke tests")
    assert lines[at + 1] == "  - note: waits for the certificate"
    assert len(re.findall(r"^- \[x\]", text, re.MULTILINE)) == 2


def test_sign_offs_stand_below_their_line() -> None:
    given = SignOffRecord(
        "sign-off-dba", "approved by", "Dana", "2026-11-22 15:00 UTC", "dba", "Eve", "fine", "7f3a91", "withdrawn 15:10"
    )
    record = ItemRecord("done", on_line="approved by Mo, decided 7f3a91")
    text = render_record(production(sign_offs=(given,), items={"sign-off-dba": record}))
    lines = text.split("\n")
    at = line_of(text, "Database administrator approval")
    assert lines[at] == (
        "- [x] Database administrator approval: approved by Mo, decided 7f3a91"
        " <!-- id: sign-off-dba; role: dba approve; required: go in production -->"
    )
    assert lines[at + 1] == (
        "  - approved by Dana as dba for Eve, 2026-11-22 15:00 UTC; decided: 7f3a91; reason: fine; "
        "since: withdrawn 15:10"
    )
    assert same_items(text, CHECKLIST)


def test_what_happened_stands_before_what_proves_it() -> None:
    text = render_record(production(course=("10:05: held by Ann: *slow*",), details=(("Deployment", "12"),)))
    held, details = text.split("\n---\n\n")[2:]
    assert held == "- 10:05: held by Ann: \\*slow\\*\n"
    assert "- Deployment: 12" in details


def test_the_six_fields_are_filled_where_they_stand() -> None:
    text = render_record(
        production(
            deployment_date="2026-11-22 16:40 UTC",
            deployed_by="Ann, Bo",
            environment="eu-prod",
            migration_version="00008 through 00010",
            status="Rolled Back",
            notes="lock on orders\nretry on Thursday",
            heads=(("at go", "ab12"), ("at completion", "cd34")),
            details=(("Fingerprint", "7f3a91"),),
            remarks=("two-person rule off",),
        )
    )
    assert text.split("\n---\n\n")[1] == (
        "**Deployment Date**: 2026-11-22 16:40 UTC\n\n**Deployed By**: Ann, Bo\n\n"
        "**Environment**: [ ] Development [ ] Staging [x] Production (eu-prod)\n\n"
        "**Migration Version**: 00008 through 00010\n\n"
        "**Status**: [ ] Success [ ] Partial [x] Rolled Back\n\n"
        "**Notes**: lock on orders retry on Thursday\n"
    )
    assert text.split("\n---\n\n")[2].split("\n") == [
        f"- Checklist revision: {CHECKLIST.revision}",
        "- Fingerprint: 7f3a91",
        "- Journal head at go: ab12",
        "- Journal head at completion: cd34",
        "- Remark: two-person rule off",
        "",
    ]


def test_a_status_that_is_no_choice_is_written_out() -> None:
    assert "**Status**: [ ] Success [ ] Partial [ ] Rolled Back — aborted" in render_record(
        production(status="aborted")
    )


def test_fields_that_are_not_known_yet_stay_blank() -> None:
    text = render_record(production())
    assert "**Deployed By**: _________________\n" in text
    assert "**Migration Version**: 00001 through 00010\n" in text


def test_a_checklist_without_the_fields_gets_them() -> None:
    text = render_record(RecordFacts(SMALL, Kind.STAGING, deployed_by="Ann", status="Success", notes="ok"))
    assert "Tail.\n\n---\n\n**Deployment Date**:\n\n**Deployed By**: Ann\n" in text
    assert "**Environment**: [ ] Development [x] Staging [ ] Production\n" in text
    assert "**Status**: [x] Success [ ] Partial [ ] Rolled Back\n\n**Notes**: ok\n" in text


def test_sections_that_this_deployment_did_not_have_say_so() -> None:
    text = render_record(production(items={"rollback-reason": ItemRecord("done", "Bo", "03:10", reason="slow")}))
    after = {part.split("\n")[0].split(" <!--")[0]: part for part in text.split("\n### ")}
    assert "\n*Not part of a production deployment.*\n" in after["Staging"]
    assert "\n*On demand; not opened in this deployment.*\n" in after["Migration Fails"]
    assert "On demand" not in after["If Rollback Needed"]
    assert "Not part" not in after["Production"]


def test_an_item_of_another_kind_in_a_section_that_applies_says_so() -> None:
    checklist = parse("## Go live\n- [ ] a\n- [ ] b (for production)\n")
    text = render_record(RecordFacts(checklist, Kind.STAGING))
    assert "- [ ] b (for production)\n  - not part of a staging deployment\n" in text


def test_a_record_of_nothing_is_the_checklist_with_fresh_boxes() -> None:
    checklist = parse("## Go live\r\n* [x] a\r\n  1. [X] b\r\n")
    text = render_record(RecordFacts(checklist, Kind.STAGING))
    assert text.startswith("## Go live\n* [ ] a\n  1. [ ] b\n\n---\n\n**Deployment Date**:")


def test_the_record_of_a_record_without_news_is_the_same() -> None:
    for checklist in (CHECKLIST, SMALL, QUOTED):
        once = render_record(RecordFacts(checklist, Kind.PRODUCTION))
        again = render_record(RecordFacts(parse(once), Kind.PRODUCTION))
        assert identity(parse(once)) == identity(parse(again)) == identity(checklist)


def test_lines_below_items_keep_quotes_and_indentation() -> None:
    records = {item.id: ItemRecord("done", "Ann") for item in QUOTED.items}
    text = render_record(RecordFacts(QUOTED, Kind.PRODUCTION, records))
    assert text.startswith(
        "> 1. [x] a\n>    - done by Ann\n>    - [x] b\n>      - done by Ann\n\n*\t[x] c\n    - done by Ann\n"
    )


def test_code_inside_an_item_sends_what_happened_to_the_end() -> None:
    checklist = parse("- [ ] a\n     ```\n  - [ ] code\n     ```\n- [ ] b\n")
    records = {item.id: ItemRecord("done", "Ann") for item in checklist.items}
    text = render_record(RecordFacts(checklist, Kind.PRODUCTION, records))
    assert identity(parse(text)) == identity(checklist)
    assert text.count("[x] ") == 3  # two items and the environment
    assert "done by Ann" in text


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("a\n- [ ] b", "a - \\[ \\] b"),
        ("<!-- id: x -->", "&lt;!-- id: x --&gt;"),
        ("`rm`  *now*", "\\`rm\\` \\*now\\*"),
        ("00001_create_types.sql _x_", "00001_create_types.sql \\_x\\_"),
        ("R&D &amp; &#10;", "R&D &amp;amp; &amp;#10;"),
        ("see https://x.slack.com/p1?a_b=1&c=2.", "see <https://x.slack.com/p1?a_b=1&c=2>."),
        ("pay \u202eecila\x00", "pay \ufffdecila\ufffd"),
    ],
)
def test_neutralised_text(typed: str, written: str) -> None:
    assert neutralise(typed) == written


@given(EVIL)
def test_neutralised_text_is_shown_as_it_was_typed(text: str) -> None:
    written = neutralise(text)
    assert "\n" not in written
    shown = MarkdownIt("commonmark").render(f"note: {written}.")
    if "http" not in text.lower():
        assert html.unescape(shown) == f"<p>note: {one_line(text)}.</p>\n"


@given(st.data(), st.sampled_from([CHECKLIST, SMALL, QUOTED]), st.sampled_from(list(Kind)))
def test_no_word_of_anybody_adds_or_changes_an_item(data: st.DataObject, checklist: Checklist, kind: Kind) -> None:
    words = st.builds(
        ItemRecord,
        *(
            st.sampled_from(["done", "open", "failed", "n/a"]) | EVIL,
            EVIL,
            EVIL,
            st.tuples(EVIL),
            EVIL,
            EVIL,
            st.tuples(EVIL),
            EVIL,
            st.just("") | EVIL,
        ),
    )
    ids = st.sampled_from([item.id for item in checklist.items])
    text = render_record(
        RecordFacts(
            checklist,
            kind,
            data.draw(st.dictionaries(ids, words, max_size=4)),
            tuple(data.draw(st.lists(st.builds(SignOffRecord, ids, *[EVIL] * 8), max_size=2))),
            *(data.draw(EVIL) for _ in range(6)),
            details=((data.draw(EVIL), data.draw(EVIL)),),
            remarks=(data.draw(EVIL),),
            course=(data.draw(EVIL),),
            heads=((data.draw(EVIL), data.draw(EVIL)),),
        )
    )
    assert same_items(text, checklist)


ODD_LISTS = st.lists(
    st.sampled_from(
        [
            "- [ ] ",
            "* [x] ",
            "  1. [ ] ",
            "    - [ ] ",
            "> ",
            "## H",
            "```",
            "\n",
            "\n\n",
            "a",
            "b",
            "   ",
            "\t",
            "---",
            "<p>",
        ]
    ),
    max_size=25,
).map("".join)


@given(ODD_LISTS)
@example("- [ ] - [ ] - [ ] \n- [ ] - [ ] ")
@example("- [ ] > \n- [ ]   1. [ ] ")
def test_any_checklist_keeps_its_items_in_its_record(text: str) -> None:
    try:
        checklist = parse(text)
    except ChecklistError:
        return
    for on_line in ("", "approved by <!-- Ann"):
        record = ItemRecord("done", "Ann", "now", ("- [ ] x",), notes=("y",), on_line=on_line)
        records = {item.id: record for item in checklist.items}
        assert same_items(render_record(RecordFacts(checklist, Kind.PRODUCTION, records)), checklist)
