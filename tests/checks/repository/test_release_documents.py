"""Changelog and release notes: the section, or file, of the version that is deployed."""

from __future__ import annotations

import pytest

from checks.base import Status
from checks.repository.releases import entries
from tests.checks.check_samples import places
from tests.checks.repository.team_repository import TeamRepository

CHANGELOG = """# Changelog

## Unreleased

- soon

## [2.4.0] - 2026-11-21

### Added
- orders have a channel

### Fixed
- totals

## 2.4.0-rc1

## v2.3.0 (2026-10-01)

Nothing to see.
"""


def test_sections_have_their_lines_of_text() -> None:
    found = [(entry.heading, entry.line, entry.lines) for entry in entries(CHANGELOG)]
    assert found == [
        ("Unreleased", 3, 1),
        ("[2.4.0] - 2026-11-21", 7, 2),
        ("2.4.0-rc1", 15, 0),
        ("v2.3.0 (2026-10-01)", 17, 1),
    ]
    assert [entry.heading for entry in entries("2.4.0\n-----\n\n* x\n\n2.3.0\n=====\n")] == ["2.4.0", "2.3.0"]


@pytest.mark.parametrize(
    ("version", "status", "summary"),
    [
        ("2.4.0", Status.PASSED, "CHANGELOG.md:7: [2.4.0] - 2026-11-21, 2 lines"),
        ("v2.3.0", Status.PASSED, "CHANGELOG.md:17: v2.3.0 (2026-10-01), 1 line"),
        ("2.4.0-rc1", Status.FAILED, "CHANGELOG.md:15: the section of 2.4.0-rc1 is empty"),
        ("4.0", Status.FAILED, "CHANGELOG.md: no section names 4.0"),
        ("2.4", Status.FAILED, "CHANGELOG.md: no section names 2.4"),
        ("2.5.0", Status.FAILED, "CHANGELOG.md: no section names 2.5.0"),
    ],
)
@pytest.mark.parametrize("check", ["changelog", "release-notes"])
def test_the_version_has_a_section(
    check: str, version: str, status: Status, summary: str, team: TeamRepository
) -> None:
    team.write("CHANGELOG.md", CHANGELOG)
    result = team.check(check, file="CHANGELOG.md", version=version)
    assert (result.status, result.summary) == (status, summary)
    assert bool(places(result)) is (status is Status.FAILED)


def test_the_tag_that_is_checked_out_is_the_version(team: TeamRepository) -> None:
    team.write("CHANGELOG.md", CHANGELOG)
    team.commit("2026-11-21")
    untold = team.check("changelog", file="CHANGELOG.md")
    told = "CHANGELOG.md: newest section [2.4.0] - 2026-11-21, 2 lines; last changed 2026-11-21 by Ann"
    assert (untold.status, untold.summary) == (Status.EVIDENCE, f"{told} ({team.head[:7]})")
    team.tag("v2.3.0")
    assert team.check("changelog", file="CHANGELOG.md").summary == "CHANGELOG.md:17: v2.3.0 (2026-10-01), 1 line"


def test_release_notes_in_a_file_of_their_own(team: TeamRepository) -> None:
    place = "releases/{version}.md"
    unknown = team.check("release-notes", file=place)
    assert (unknown.status, unknown.summary) == (Status.COULD_NOT_RUN, "nothing says which version this is")
    missing = team.check("release-notes", file=place, version="2.4.0")
    assert (missing.status, missing.summary) == (Status.FAILED, "releases/2.4.0.md is not there")
    team.write("releases/2.4.0.md", "# 2.4.0\n\n")
    assert team.check("release-notes", file=place, version="2.4.0").summary == "releases/2.4.0.md is empty"
    team.write("releases/2.4.0.md", "# 2.4.0\n\nOrders have a channel.\n")
    written = team.check("release-notes", file=place, version="2.4.0")
    assert (written.status, written.summary) == (Status.PASSED, "releases/2.4.0.md: 1 line on 2.4.0")
