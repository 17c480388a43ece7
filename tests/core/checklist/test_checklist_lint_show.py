"""What `gonogo checklist lint|show` have to say."""

from __future__ import annotations

import pytest
from checklist_samples import DEFAULT_FILE, DEVELOPMENT, GIVEN_FILE, PRODUCTION, STAGING, default_checklist

from bot.core.checklist_lint import lint
from bot.core.checklist_show import show, summarise


def test_the_shipped_checklist_is_clean() -> None:
    assert lint(DEFAULT_FILE.read_bytes(), "default.md") == []


def test_the_given_checklist_without_annotations_is_clean() -> None:
    assert lint(GIVEN_FILE.read_bytes(), "given.md") == []


@pytest.mark.parametrize(
    ("text", "line", "sentence"),
    [
        (
            "## Go live\n- [ ] a <!-- required: go -->\n",
            2,
            "required for go, but its phase, deploy, opens only after go",
        ),
        ("## After deployment\n- [ ] a <!-- required: complete -->\n", 2, "to complete, but its phase, verify,"),
        ("## Rollback\n- [ ] a <!-- required: go -->\n", 2, "is on demand, so nothing waits for it"),
        ("## Go live\n- [ ] a <!-- required: complete; by: completion -->\n", 2, "settled only by completing"),
        ("## Before <!-- environments: staging -->\n- [ ] a (for production)\n", 2, "applies in no kind"),
        (
            "## Before\n- [ ] a <!-- id: a; environments: staging -->\n"
            "- [ ] b <!-- when: a done; environments: production -->\n",
            3,
            "'a' never applies where this item does",
        ),
        ("## Before\n- [x] a\n", 2, "This box is ticked"),
        ("## Sign-off\n- [ ] DBA approval\n- [ ] Approved by the DBA\n", 3, "The role 'dba' signs off line 2 too"),
        ("## Go live <!-- phase: deploy -->\n- [ ] a <!-- role: dba approve -->\n", 2, "opens only after go"),
        ("- [ ] a\n- [ ] b\n", 1, "No heading says which phase"),
    ],
)
def test_each_warning(text: str, line: int, sentence: str) -> None:
    found = [problem for problem in lint(text, "l.md") if sentence in problem.message]
    assert {(problem.line, problem.severity) for problem in found} == {(line, "warning")}
    assert all(problem.hint for problem in found)


def test_roles_that_no_settings_name() -> None:
    text = "## Sign-off\n- [ ] a <!-- role: dbaa approve -->\n- [ ] b <!-- role: ops review -->\n"
    assert lint(text, "l.md") == []
    first, second = lint(text, "l.md", known_roles={"dba", "ops"}), lint(text, "l.md", known_roles={"dba"})
    assert [(p.line, "[roles.dbaa]" in p.hint, "Nearest: dba." in p.hint) for p in first] == [(2, True, True)]
    assert [p.line for p in second] == [2, 3]


def test_errors_and_warnings_come_together() -> None:
    found = lint("## Before\n- [x] a <!-- check: nope -->\n", "l.md", {"syntax"})
    assert [problem.severity for problem in found] == ["error", "warning"]
    assert [problem.line for problem in lint(b"\xff", "l.md")] == [1]


def test_rows_say_what_was_understood() -> None:
    rows = {row.id: row for row in show(default_checklist())}
    assert len(rows) == 168
    staging = rows["staging-migrations"]
    assert staging.section == "Deployment / Staging Environment"
    assert staging.phases == {STAGING: "deploy", PRODUCTION: "prepare"}
    assert staging.required == {STAGING: "complete", PRODUCTION: "go"}
    assert (staging.checks, staging.carry) == (("migrations-completed",), True)
    assert (rows["sign-off-dba"].role, rows["backup-restorable"].valid) == ("dba approve", "30d")
    assert (rows["services-operational"].due, rows["week-user-feedback"].due) == ("1h", "day 1-7")
    assert rows["maintenance-mode-removed"].when == "maintenance-mode done"
    assert rows["sign-off-security"].condition == "if required"
    assert rows["all-items"].by_completion


def test_the_summary_counts() -> None:
    summary = summarise(default_checklist())
    assert (summary.items, summary.on_demand) == (168, 34)
    assert summary.counted == {DEVELOPMENT: 49, STAGING: 80, PRODUCTION: 123}
    assert summary.for_go == {DEVELOPMENT: 5, STAGING: 9, PRODUCTION: 16}
    assert summary.to_complete == {DEVELOPMENT: 0, STAGING: 2, PRODUCTION: 7}
