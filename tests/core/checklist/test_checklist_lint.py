"""What `gonogo checklist lint` has to say."""

from __future__ import annotations

import pytest
from checklist_samples import DEFAULT_FILE, GIVEN_FILE, linted


def test_the_shipped_checklist_is_clean() -> None:
    assert linted(DEFAULT_FILE.read_bytes()) == ()


def test_the_given_checklist_without_annotations_is_clean() -> None:
    assert linted(GIVEN_FILE.read_bytes()) == ()


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
    found = [problem for problem in linted(text) if sentence in problem.message]
    assert {(problem.line, problem.severity) for problem in found} == {(line, "warning")}
    assert all(problem.hint for problem in found)


def test_errors_and_warnings_come_together() -> None:
    found = linted("## Before\n- [x] a <!-- check: nope -->\n", {"syntax"})
    assert [problem.severity for problem in found] == ["error", "warning"]
