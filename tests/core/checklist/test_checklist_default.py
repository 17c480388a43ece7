"""The checklist that ships with gonogo against the one that was given, and against the tables of its rules."""

from __future__ import annotations

import re

import pytest
from checklist_samples import (
    DEFAULT_FILE,
    DEVELOPMENT,
    GIVEN_FILE,
    PRODUCTION,
    STAGING,
    default_checklist,
    given_checklist,
)

from bot.core.checklist.items import Kind, Requirement

CHECKLIST = default_checklist()


def given_lines() -> list[tuple[str, str]]:
    """Every item of the given file as (heading, label), read without the parser under test."""
    heading, found = "", []
    for line in GIVEN_FILE.read_text().split("\n"):
        heading = line.lstrip("# ") if line.startswith("#") else heading
        if line.startswith("- [ ] "):
            found.append((heading, line.removeprefix("- [ ] ")))
    return found


def labels(kind: Kind, requirement: Requirement) -> set[str]:
    return {item.label for item in CHECKLIST.items if item.required(kind) is requirement}


def test_labels_and_order_are_those_of_the_given_file() -> None:
    ours = [(section.title, item.label) for section in CHECKLIST.sections for item in section.items]
    assert ours == given_lines()
    assert len(ours) == 168


def test_only_annotations_were_added_to_the_given_file() -> None:
    plain = re.sub(r" <!-- [^\n]* -->", "", DEFAULT_FILE.read_text())
    assert plain == GIVEN_FILE.read_text()


@pytest.mark.parametrize(("kind", "count"), [(PRODUCTION, 123), (STAGING, 80), (DEVELOPMENT, 49)])
def test_every_item_is_counted_once_or_is_elsewhere_or_on_demand(kind: Kind, count: int) -> None:
    counted = [item.id for part in CHECKLIST.items_for(kind) for item in part.items]
    on_demand = [item.id for part in CHECKLIST.on_demand_for(kind) for item in part.items]
    elsewhere = [item.id for item in CHECKLIST.items if not item.applies(kind)]
    assert len(counted) == CHECKLIST.count(kind) == count
    assert len(on_demand) == 34
    assert sorted(counted + on_demand + elsewhere) == sorted(item.id for item in CHECKLIST.items)


TABLE = {
    "Pre-Deployment / Development Environment": ("prepare", "prepare", "prepare"),
    "Pre-Deployment / Testing": ("prepare", "prepare", "prepare"),
    "Pre-Deployment / Code Review": ("prepare", "prepare", "prepare"),
    "Deployment / Pre-Deployment Checks": (None, "prepare", "prepare"),
    "Deployment / Staging Environment": (None, "deploy", "prepare"),
    "Deployment / Production Deployment": (None, None, "deploy"),
    "Post-Deployment / Immediate Checks (Within 1 Hour)": (None, "verify", "verify"),
    "Post-Deployment / Short-term Monitoring (Day 1-7)": (None, None, "verify"),
    "Post-Deployment / Long-term Tasks (Week 1-4)": (None, None, "verify"),
    "Environment-Specific Checklist / Development": ("prepare", None, None),
    "Environment-Specific Checklist / Staging": (None, "prepare", None),
    "Environment-Specific Checklist / Production": (None, None, "prepare"),
    "Troubleshooting Checklist / Migration Fails": ("troubleshoot", "troubleshoot", "troubleshoot"),
    "Troubleshooting Checklist / Performance Issues": ("troubleshoot", "troubleshoot", "troubleshoot"),
    "Troubleshooting Checklist / Data Integrity Issues": ("troubleshoot", "troubleshoot", "troubleshoot"),
    "Rollback Checklist / If Rollback Needed": ("rollback", "rollback", "rollback"),
    "Documentation Updates": ("close", "close", "close"),
    "Sign-off / Development Team": (None, "sign-off", "sign-off"),
    "Sign-off / Stakeholders": (None, None, "sign-off"),
    "Completion": ("close", "close", "close"),
}


@pytest.mark.parametrize("checklist", [CHECKLIST, given_checklist()], ids=["annotated", "inferred"])
def test_sections_have_the_phases_of_the_table(checklist) -> None:  # type: ignore[no-untyped-def]
    assert {s.path: tuple(s.phase(kind) for kind in Kind) for s in checklist.sections} == TABLE


def test_inference_alone_says_the_same_about_every_item() -> None:
    for written, inferred in zip(CHECKLIST.items, given_checklist().items, strict=True):
        assert dict(written.phases) == dict(inferred.phases)
        assert (written.role, written.due, written.condition) == (inferred.role, inferred.due, inferred.condition)


def test_required_for_go_and_to_complete() -> None:
    everywhere = {
        "Review all migration files for syntax errors",
        "Ensure migrations are numbered sequentially (00001-00010)",
        "Run all migrations on test database",
        "Peer review of all migration files",
        "Check for potential performance issues",
    }
    before = {
        "Database backup completed",
        "Backup verified and restorable",
        "Migration window scheduled",
        "Rollback plan prepared",
    }
    staging = {"Run all migrations", "Validate schema matches development"}
    sign_offs = {
        "Database administrator approval",
        "Backend engineer review",
        "DevOps engineer review",
        "Security team review (if required)",
        "Management approval (for production)",
    }
    assert labels(DEVELOPMENT, Requirement.GO) == everywhere
    assert labels(STAGING, Requirement.GO) == everywhere | before
    assert labels(PRODUCTION, Requirement.GO) == everywhere | before | staging | sign_offs
    assert labels(DEVELOPMENT, Requirement.COMPLETE) == set()
    assert labels(STAGING, Requirement.COMPLETE) == staging
    assert labels(PRODUCTION, Requirement.COMPLETE) == {
        "Final backup before deployment",
        "Run migration runner script",
        "Verify all migrations completed",
        "Run schema validation script",
        "Verify application connectivity",
        "Run smoke tests",
        "Remove maintenance mode",
    }


def test_standing_items_and_what_is_carried() -> None:
    days = {item.label: item.valid_days for item in CHECKLIST.items if item.valid_days}
    environment = [i for s in CHECKLIST.sections if s.group == "Environment-Specific Checklist" for i in s.items]
    assert [item.valid_days for item in environment] == [90] * 21
    assert {label: n for label, n in days.items() if label not in {item.label for item in environment}} == {
        "Backup verified and restorable": 30,
        "Emergency contacts identified": 90,
        "Monitoring alerts configured": 30,
        "Schedule regular materialized view refreshes": 180,
        "Set up partition creation cron job": 180,
        "Configure automated backups": 180,
        "Set up monitoring dashboards": 180,
    }
    carrying = {CHECKLIST.section_of(item).title for item in CHECKLIST.items if item.carry}
    assert carrying == {"Development Environment", "Testing", "Code Review", "Staging Environment", "Development Team"}
    assert not CHECKLIST.find("Database administrator approval").carry
    assert CHECKLIST.find("Backend engineer review").carry


def test_what_completing_settles_and_what_waits_for_maintenance_mode() -> None:
    assert {item.label for item in CHECKLIST.items if item.by_completion} == {
        "Notify stakeholders of completion",
        "Team notified",
        "All checklist items completed",
    }
    waiting = [item for item in CHECKLIST.items if item.when]
    assert [(i.label, CHECKLIST.item(i.when or "").label) for i in waiting] == [
        ("Remove maintenance mode", "Put application in maintenance mode (if needed)")
    ]


def test_checks_are_on_the_lines_that_they_answer() -> None:
    def lines(check: str) -> list[str]:
        return [item.label for item in CHECKLIST.items if check in item.checks]

    assert lines("syntax") == ["Review all migration files for syntax errors", "Validate SQL syntax"]
    ran = ["Deploy to staging environment", "Run all migrations", "Verify all migrations completed"]
    assert lines("migrations-completed") == ran
    assert lines("applies-to-scratch") == ["Run all migrations on test database"]
    assert lines("runner-ran") == ["Run migration runner script"]
    assert lines("can-connect") == ["Verify database connectivity"]
    assert lines("own-notice-completion") == ["Notify stakeholders of completion", "Team notified"]


def test_every_item_has_a_written_id() -> None:
    item_lines = [line for line in DEFAULT_FILE.read_text().split("\n") if line.startswith("- [ ] ")]
    assert all(re.search(r"<!-- id: [a-z0-9-]+", line) for line in item_lines)


def test_labels_that_occur_twice_are_told_apart_by_id() -> None:
    labels = [item.label for item in CHECKLIST.items]
    twice = {label for label in labels if labels.count(label) > 1}
    assert twice == {"Run schema validation script", "Test critical queries"}
    assert len({item.id for item in CHECKLIST.items}) == 168


def test_eight_sign_offs() -> None:
    found = {item.role.name: str(item.role.kind) for item in CHECKLIST.items if item.role}
    assert found == {
        "dba": "approve",
        "backend": "review",
        "devops": "review",
        "security": "review",
        "product-owner": "acknowledge",
        "operations": "acknowledge",
        "support": "acknowledge",
        "management": "approve",
    }
