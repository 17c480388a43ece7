"""Checklists that teams paste: no annotation anywhere, other shapes, other words."""

from __future__ import annotations

import pytest
from checklist_samples import DEVELOPMENT, PRODUCTION, STAGING, phases_of

from bot.core.checklist.inference import bracketed_kinds, condition_in, read_headings, role_in
from bot.core.checklist.items import Due, DueUnit, Kind, Phase, Requirement
from bot.core.checklist.reader import parse


@pytest.mark.parametrize(
    ("headings", "phase"),
    [
        (["Before deployment"], "prepare"),
        (["1. Preparation"], "prepare"),
        (["Pre-flight checks"], "prepare"),
        (["Prerequisites"], "prepare"),
        (["Testing"], "prepare"),
        (["Code review"], "prepare"),
        (["Go live"], "deploy"),
        (["Phase 2: Go-Live"], "deploy"),
        (["Release day"], "deploy"),
        (["Cut-over"], "deploy"),
        (["During the migration"], "deploy"),
        (["Execution"], "deploy"),
        (["After deployment"], "verify"),
        (["3) Post-release checks"], "verify"),
        (["Smoke tests"], "verify"),
        (["Deployment verification"], "verify"),
        (["First 24 hours"], "verify"),
        (["Day 1-7"], "verify"),
        (["Approvals"], "sign-off"),
        (["Sign off"], "sign-off"),
        (["Stakeholders"], "sign-off"),
        (["Wrap-up"], "close"),
        (["Cleanup"], "close"),
        (["Release notes"], "close"),
        (["Lessons learned"], "close"),
        (["If something goes wrong"], "troubleshoot"),
        (["Troubleshooting"], "troubleshoot"),
        (["Rollback plan"], "rollback"),
        (["Rolling back"], "rollback"),
        (["Rollback preparation"], "prepare"),
        (["Pre-Deployment", "Verification"], "prepare"),
        (["Pre-Deployment", "Rollback plan"], "prepare"),
        (["Pre-Deployment", "Approvals"], "sign-off"),
        (["Deployment", "Verification"], "verify"),
        (["Deployment", "Documentation"], "close"),
        (["Post-Deployment", "Testing"], "verify"),
        (["Post-Deployment", "Rollback"], "rollback"),
        (["Troubleshooting", "Deployment"], "troubleshoot"),
    ],
)
def test_phases_of_headings(headings: list[str], phase: str) -> None:
    reading = read_headings(headings, Phase.CLOSE)
    assert (str(reading.phase), reading.recognised) == (phase, True)


def test_an_unknown_heading_goes_on_where_the_one_before_was_but_never_on_demand() -> None:
    text = "## Odds\n- [ ] a\n## Go live\n- [ ] b\n## Ends\n- [ ] c\n## Rollback\n- [ ] d\n## Misc\n- [ ] e\n"
    assert phases_of(text) == {"a": "prepare", "b": "deploy", "c": "deploy", "d": "rollback", "e": "deploy"}


@pytest.mark.parametrize(
    ("headings", "by_kind"),
    [
        (["Staging"], {"staging": "deploy", "production": "prepare"}),
        (["2. Production environment"], {"production": "deploy"}),
        (["Deployment", "Staging and production"], {"staging": "deploy", "production": "deploy"}),
        (["Deployment (production only)"], {"production": "deploy"}),
        (["Pre-deployment", "Staging"], {"staging": "prepare", "production": "prepare"}),
        (["Pre-production deployment"], {"staging": "deploy", "production": "prepare"}),
        (["Environment-specific", "Development"], {"development": "prepare"}),
        (["Pre-Deployment", "Development"], dict.fromkeys(Kind, "prepare")),
        (["Post-deployment", "Within one hour"], dict.fromkeys(Kind, "verify")),
        (["Post-deployment", "Within 2 hours"], {"staging": "verify", "production": "verify"}),
        (["Post-deployment", "Week 1"], {"production": "verify"}),
        (["Sign-off"], {"staging": "sign-off", "production": "sign-off"}),
        (["Sign-off", "Management"], {"production": "sign-off"}),
    ],
)
def test_kinds_of_headings(headings: list[str], by_kind: dict[str, str]) -> None:
    assert read_headings(headings, Phase.PREPARE).phases == by_kind


def test_one_flat_list_is_divided_where_something_real_begins() -> None:
    text = """- [ ] Run migrations on staging
- [ ] Backup database
* [x] DBA approval
- [ ] Apply the migrations
- [ ] Verify row counts
- [ ] Monitor errors
- [ ] Update changelog
"""
    assert phases_of(text) == {
        "Run migrations on staging": "prepare",
        "Backup database": "prepare",
        "DBA approval": "sign-off",
        "Apply the migrations": "deploy",
        "Verify row counts": "deploy",
        "Monitor errors": "verify",
        "Update changelog": "close",
    }


def test_a_flat_list_that_runs_nothing_is_all_preparation() -> None:
    assert set(phases_of("# Things\n- [ ] Buy milk\n- [ ] Tell Bo\n").values()) == {"prepare"}


def test_bullets_numbers_ticks_and_nesting() -> None:
    text = "## Go live\n* [ ] a\n    * [X] b\n+ [ ] c\n\n1. [ ] d\n2) [ ] e\n> - [ ] f\n- [ ] g\n\t- [ ] h\n"
    checklist = parse(text)
    assert [item.label for item in checklist.items] == ["a", "b", "c", "d", "e", "f", "g", "h"]
    assert [item.line for item in checklist.items] == [2, 3, 4, 6, 7, 8, 9, 10]


def test_markup_in_labels_is_read_as_a_reader_sees_it() -> None:
    text = "- [ ] Run `make up` in **all** [clusters](https://a.example/x) &amp; wait<br>\n- [x] b\n\n[x]: http://b.example\n"
    first, second = parse(text).items
    assert first.label == "Run make up in all clusters & wait"
    assert first.links == ("https://a.example/x",)
    assert second.label == "b"


def test_title_group_section_and_intro() -> None:
    text = "# Ours\n\nOne.\n\nTwo *three*.\n\n## A <!-- phase: prepare -->\n- [ ] x\n### B\n#### C\n- [ ] y\n"
    checklist = parse(text)
    assert (checklist.title, checklist.intro) == ("Ours", "One.\n\nTwo three.")
    assert [(s.group, s.title, s.path) for s in checklist.sections] == [("A", "A", "A"), ("A", "C", "A / B / C")]


def test_several_first_level_headings_are_groups() -> None:
    checklist = parse("# Before\n- [ ] a\n# Go live\n- [ ] b\n")
    assert checklist.title == "Checklist"
    assert [section.path for section in checklist.sections] == ["Before", "Go live"]


def test_a_checklist_without_headings_has_one_section() -> None:
    (section,) = parse("- [ ] a\n").sections
    assert (section.group, section.title, section.path, section.id) == ("Checklist",) * 3 + ("checklist",)


def test_underlined_headings() -> None:
    checklist = parse("Ours\n====\n\nGo live\n-------\n- [ ] a\n")
    assert (checklist.title, checklist.sections[0].path) == ("Ours", "Go live")


def test_numbering_of_headings_does_not_enter_ids() -> None:
    assert parse("## 2.1 Go live\n- [ ] Do it\n").items[0].id == "go-live/do-it"


@pytest.mark.parametrize(
    ("label", "condition"),
    [
        ("Test rollback (if applicable)", "if applicable"),
        ("Drain (when the pool is shared)", "when the pool is shared"),
        ("Warm caches (as needed)", "as needed"),
        ("Buy cake (optional)", "optional"),
        ("Number them (00001-00010)", ""),
        ("Decide if needed", ""),
    ],
)
def test_conditions(label: str, condition: str) -> None:
    assert condition_in(label) == condition


def test_brackets_restrict_items_to_kinds() -> None:
    checklist = parse(
        "## Go live\n- [ ] a (for production)\n- [ ] b (staging and production)\n- [ ] c (production data)\n"
    )
    applies = [[item.applies(kind) for kind in Kind] for item in checklist.items]
    assert applies == [[False, False, True], [False, True, True], [True, True, True]]
    assert bracketed_kinds("x (only in the dev environment)") == {DEVELOPMENT}


def test_due_times_of_headings_and_brackets() -> None:
    text = "## After deployment (Within the first hour)\n- [ ] a\n- [ ] b (day 3)\n## Weeks 1–4\n- [ ] c\n"
    assert [item.due for item in parse(text).items] == [
        Due(0, 1, DueUnit.HOUR),
        Due(3, 3, DueUnit.DAY),
        Due(1, 4, DueUnit.WEEK),
    ]
    assert parse("## Preparation (within 2 days)\n- [ ] a\n").items[0].due is None


@pytest.mark.parametrize(
    ("label", "role"),
    [
        ("Database administrator approval", "dba approve"),
        ("Backend engineer review", "backend review"),
        ("Security team review (if required)", "security review"),
        ("Product owner notified", "product-owner acknowledge"),
        ("Operations team informed", "operations acknowledge"),
        ("Approved by the CTO", "cto approve"),
        ("Release manager sign-off received", "release-manager approve"),
        ("Platform team signed off", "platform approve"),
        ("Peer review by the data team", "data review"),
        ("Notify the support team", "support acknowledge"),
        ("Buy cake", None),
    ],
)
def test_roles_in_a_sign_off_section(label: str, role: str | None) -> None:
    found = role_in(label, among_sign_offs=True)
    assert (f"{found.name} {found.kind}" if found else None) == role


@pytest.mark.parametrize(
    "label", ["Stakeholders notified", "Team notified", "Peer review of all files", "Budget approval"]
)
def test_elsewhere_only_people_sign_off(label: str) -> None:
    assert role_in(label, among_sign_offs=False) is None


def test_an_approval_in_another_section_moves_before_go_and_gates_production() -> None:
    item = parse("## Before deployment\n- [ ] DBA approval\n").items[0]
    assert item.phase(PRODUCTION) is Phase.SIGN_OFF
    assert (item.required(PRODUCTION), item.required(STAGING)) == (Requirement.GO, Requirement.NO)


def test_nothing_else_is_required_unless_it_is_written() -> None:
    items = parse("## Before deployment\n- [ ] Backup\n## Sign-off\n- [ ] Support team briefed\n").items
    assert {item.required(kind) for item in items for kind in Kind} == {Requirement.NO}
