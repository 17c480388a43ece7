"""Annotations: what each says, how headings hand them down, and how each fault is told."""

from __future__ import annotations

import pytest
from checklist_samples import DEVELOPMENT, PRODUCTION, STAGING, problems_of

from bot.core.checklist.items import Due, DueUnit, Item, Kind, Phase, Requirement, RoleAnnotation, RoleKind
from bot.core.checklist.reader import parse


def one(annotation: str, heading: str = "## Before deployment") -> Item:
    return parse(f"{heading}\n- [ ] Do it <!-- {annotation} -->\n").items[0]


def test_values_that_differ_by_kind() -> None:
    item = one("phase: deploy in staging, prepare in production; required: complete in staging, go in production")
    assert [item.phase(kind) for kind in Kind] == [None, Phase.DEPLOY, Phase.PREPARE]
    assert [item.required(kind) for kind in Kind] == [Requirement.NO, Requirement.COMPLETE, Requirement.GO]


def test_one_value_for_several_kinds_and_one_for_the_rest() -> None:
    item = one("required: go in staging and production, complete")
    assert [item.required(kind) for kind in Kind] == [Requirement.COMPLETE, Requirement.GO, Requirement.GO]


def test_environments_restrict_and_required_says_nothing_elsewhere() -> None:
    item = one("environments: Staging, production; required: go")
    assert [item.applies(kind) for kind in Kind] == [False, True, True]
    assert item.required(DEVELOPMENT) is Requirement.NO


def test_everything_else() -> None:
    item = one("id: a/b-1; check: syntax, can-connect, syntax; valid: 2w; carry: files; by: completion")
    assert (item.id, item.checks, item.valid_days, item.carry) == ("a/b-1", ("syntax", "can-connect"), 14, True)
    assert (item.by_completion, item.by_person) == (True, False)
    assert one("check: fk-index; by: Person").by_person
    assert one("role: DBA approve").role == RoleAnnotation("dba", RoleKind.APPROVE)


@pytest.mark.parametrize(
    ("written", "due"),
    [
        ("1h", Due(0, 1, DueUnit.HOUR)),
        ("45 minutes", Due(0, 45, DueUnit.MINUTE)),
        ("day 1-7", Due(1, 7, DueUnit.DAY)),
        ("Days 1–7", Due(1, 7, DueUnit.DAY)),
        ("week 1-4", Due(1, 4, DueUnit.WEEK)),
        ("day 3", Due(3, 3, DueUnit.DAY)),
    ],
)
def test_due_times(written: str, due: Due) -> None:
    assert one(f"due: {written}").due == due


def test_headings_hand_down_and_items_take_back() -> None:
    text = """## Deployment <!-- environments: production; valid: 90d -->
### Steps <!-- phase: deploy; carry: files; required: complete -->
- [ ] a
- [ ] b <!-- carry: none; valid: none; required: no -->
- [ ] c <!-- valid: 30d -->
"""
    a, b, c = parse(text).items
    assert [(i.valid_days, i.carry, i.required(PRODUCTION)) for i in (a, b, c)] == [
        (90, True, Requirement.COMPLETE),
        (None, False, Requirement.NO),
        (30, True, Requirement.COMPLETE),
    ]
    assert [a.phase(kind) for kind in Kind] == [None, None, Phase.DEPLOY]


def test_an_inferred_role_can_be_declined() -> None:
    item = one("role: none", "## Sign-off")
    assert item.role is None
    assert parse("## Sign-off\n- [ ] DBA approval <!-- role: none -->").items[0].role is None


def test_ids_of_headings_lead_default_ids_of_items() -> None:
    checklist = parse("## Before <!-- id: pre -->\n- [ ] A thing\n## After\n### B c\n- [ ] Ünï ödd\n")
    assert [item.id for item in checklist.items] == ["pre/a-thing", "after/b-c/ünï-ödd"]
    assert [section.id for section in checklist.sections] == ["pre", "after/b-c"]


def test_when_names_another_item() -> None:
    checklist = parse("- [ ] On <!-- id: on -->\n- [ ] Off <!-- when: on done -->")
    assert checklist.items[1].when == "on"


def test_several_comments_at_the_end_are_one_annotation() -> None:
    item = parse("- [ ] A <!-- id: x --> <!-- required: go -->").items[0]
    assert (item.id, item.label, item.required(STAGING)) == ("x", "A", Requirement.GO)


def test_a_label_over_two_lines_has_its_comment_at_the_very_end() -> None:
    item = parse("- [ ] A long\n  label <!-- id: x -->").items[0]
    assert (item.id, item.label) == ("x", "A long label")


@pytest.mark.parametrize(
    ("annotation", "sentence", "mend"),
    [
        ("requird: go", "no annotation 'requird'. Nearest: required.", "Use one of id, phase,"),
        ("phase: deply", "`phase` does not know 'deply'. Nearest: deploy.", "prepare, sign-off"),
        ("required: go in prduction", "`required` does not know 'prduction'. Nearest: production.", "staging"),
        ("required: maybe", "`required` does not know 'maybe'.", "go, complete, no"),
        ("required: go in staging, production", "names 'production' without a value", "in staging and production"),
        ("required: go in staging, no in staging", "says twice what holds in staging", "Keep one"),
        ("environments: moon", "`environments` does not know 'moon'", "development, staging, production"),
        ("role: dba", "`role` cannot be 'dba'", "role: dba approve"),
        ("role: dba aproves", "`role` does not know 'aproves'. Nearest: approve.", "review, acknowledge"),
        ("valid: 3h", "`valid` cannot be '3h'", "whole days"),
        ("valid: soon", "`valid` cannot be 'soon'", "30d"),
        ("due: day 7-1", "`due` cannot be 'day 7-1'", "day 1-7"),
        ("due: 0h", "`due` cannot be '0h'", "due: 1h"),
        ("carry: all", "`carry` cannot be 'all'", "carry: files"),
        ("by: me", "`by` cannot be 'me'", "by: completion"),
        ("when: x", "`when` cannot be 'x'", "when: backup done"),
        ("when: nothing done", "`when` names 'nothing', which no item of this file has", "Write the id"),
        ("id: a; when: a done", "applies only when it is itself done", "does not wait"),
        ("id: A B", "'A B' is no id", "lower case"),
        ("check: Syntax!", "'Syntax!' is no check id", "gonogo checks"),
        ("check: a,,b", "nothing between two commas", "Remove the comma"),
        ("check:", "`check` has no value", "Write one"),
        ("check: a; check: b", "`check` is given twice", "Keep one"),
        ("TODO ask Bo", "is no annotation: 'TODO ask Bo'", "a line of its own"),
        ("check: " + "a, " * 400, "has 1206 characters; at most 1000", "Shorten it"),
        ("", "is no annotation: ''", "key: value"),
    ],
)
def test_faults_name_the_line_and_the_mend(annotation: str, sentence: str, mend: str) -> None:
    problems = problems_of(f"## Before\n\n- [ ] Do it <!-- {annotation} -->\n")
    assert [(p.file, p.line) for p in problems] == [("ops/list.md", 3)]
    assert sentence in problems[0].message
    assert mend in problems[0].hint


@pytest.mark.parametrize("key", ["check: a", "when: a done", "role: dba approve", "by: completion"])
def test_what_is_about_one_item_cannot_stand_on_a_heading(key: str) -> None:
    problems = problems_of(f"## Before <!-- {key} -->\n- [ ] a\n")
    assert [p.line for p in problems] == [1]
    assert "cannot stand on a heading" in problems[0].message


def test_a_circle_of_conditions_is_told_for_each_of_its_items() -> None:
    problems = problems_of("- [ ] a <!-- id: a; when: b done -->\n- [ ] b <!-- id: b; when: a done -->\n")
    assert [p.line for p in problems] == [1, 2]


def test_unknown_checks_are_told_only_when_the_catalogue_is_given() -> None:
    text = "- [ ] a <!-- check: sintax -->\n"
    assert problems_of(text) == []
    problems = problems_of(text, {"syntax", "can-connect"})
    assert "There is no check 'sintax'. Nearest: syntax." in problems[0].message
    assert problems_of(text, set())[0].message == "There is no check 'sintax'."
