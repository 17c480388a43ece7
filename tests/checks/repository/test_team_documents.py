"""Documents: when they were changed, whether the deployment changed them, where runbooks lead."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from checks.base import CannotRun, Status
from checks.documents import Documents
from checks.repository import CHECKS
from tests.checks.check_samples import places
from tests.checks.repository.team_repository import TeamRepository

DOCUMENTS = ("schema-document", "api-document", "deployment-document", "operations-document", "backup-document")


@pytest.mark.parametrize("check", [check.id for check in CHECKS])
def test_what_is_not_set_up_is_not_asked(check: str, team: TeamRepository) -> None:
    result = team.check(check)
    assert result.status is Status.NOT_APPLICABLE
    assert result.summary.startswith(f"not set up: [checks.{check}] ")


@pytest.mark.parametrize("check", [check.id for check in CHECKS if check.option == "file"])
def test_a_document_that_is_not_there_is_named(check: str, team: TeamRepository) -> None:
    result = team.check(check, file="docs/none.md")
    assert (result.status, result.summary) == (Status.COULD_NOT_RUN, "docs/none.md is not there")
    wrong = team.check(check, file=[1])
    assert wrong.summary == f"[checks.{check}] file is neither a path nor a list of paths"


@pytest.mark.parametrize("check", DOCUMENTS)
def test_a_person_reads_when_the_document_was_changed(check: str, team: TeamRepository) -> None:
    team.write("docs/x.md", "text")
    team.commit("2026-10-19", "Bo")
    alone = team.check(check, file="docs/x.md")
    assert alone.status is Status.EVIDENCE
    assert alone.summary == f"docs/x.md: last changed 2026-10-19 by Bo ({team.head[:7]})"
    before = team.check(check, "2026-11-01T09:00:00.000Z", file="docs/x.md")
    assert before.summary == f"not changed since the deployment began; {alone.summary}"
    during = team.check(check, "2026-10-19T09:00:00.000Z", file="docs/x.md")
    assert (before.status, during.status) == (Status.EVIDENCE, Status.PASSED)
    assert during.summary == f"changed since the deployment began: docs/x.md, 2026-10-19 by Bo ({team.head[:7]})"


@pytest.mark.parametrize(
    ("written", "status", "told"),
    [
        ("2026-10-19", Status.PASSED, "changed with the migrations: "),
        ("2026-10-20", Status.EVIDENCE, "not changed since the deployment began; "),
    ],
)
def test_a_document_that_was_changed_with_the_pending_migrations_is_up_to_date(
    written: str, status: Status, told: str, team: TeamRepository
) -> None:
    team.write("migrations/00001_a.sql", "one")
    team.write("docs/api.md", "text")
    team.commit("2026-10-19")
    team.write("migrations/00002_b.sql", "two")
    if written == "2026-10-19":
        team.write("docs/api.md", "two")
    team.commit(written)
    result = team.check("api-document", "2026-11-01T09:00:00.000Z", file="docs/api.md")
    assert (result.status, result.summary.startswith(f"{told}docs/api.md")) == (status, True), result


def test_of_several_documents_those_that_changed_are_counted(team: TeamRepository) -> None:
    for name in ("a", "b", "c"):
        team.write(f"docs/{name}.md", "one")
    team.commit("2026-01-05")
    team.write("docs/b.md", "two")
    team.commit("2026-02-05", "Lu")
    result = team.check("operations-document", "2026-02-01T00:00:00Z", file=["docs"])
    told = f"1 of 3 documents changed since the deployment began: docs/b.md, 2026-02-05 by Lu ({team.head[:7]})"
    assert result.summary == told
    assert [finding.file for finding in result.findings] == ["docs/b.md", "docs/a.md", "docs/c.md"]


def test_what_nobody_committed_has_the_date_of_its_file(team: TeamRepository) -> None:
    team.write("docs/x.md", "text")
    os.utime(team.folder / "docs/x.md", (0, datetime(2026, 3, 4, 12, tzinfo=UTC).timestamp()))
    assert team.check("api-document", file="docs/*.md").summary == "docs/x.md: last changed 2026-03-04 (file date)"


def test_a_document_that_changes_is_another_input_though_the_migrations_stay(team: TeamRepository) -> None:
    team.write("x.md", "one")
    team.commit("2026-01-05")
    first = team.check("schema-document", file="x.md")
    team.write("x.md", "two")
    team.commit("2026-01-06")
    assert team.check("schema-document", file="x.md").inputs_hash != first.inputs_hash


def test_a_rollback_plan_is_told_with_the_down_files(team: TeamRepository) -> None:
    team.write("rollback.md", "restore")
    team.commit("2026-10-19")
    result = team.check("rollback-plan", file="rollback.md")
    told = f"rollback.md, last changed 2026-10-19 by Ann ({team.head[:7]}); no down file for 1 pending version"
    assert (result.status, result.summary) == (Status.EVIDENCE, told)


def test_runbooks_lead_somewhere(team: TeamRepository) -> None:
    team.write(
        "runbooks/lag.md", "# Lag\n\nSee [disk](disk%20full.md#a) and [top](/docs/x.md) or [web](https://x.example)."
    )
    team.write("runbooks/disk full.md", "[back](lag.md) ![no](picture.png)\n```\n[code](none.md)\n```\n")
    team.write("docs/x.md", "x")
    team.commit("2026-10-19")
    good = team.check("runbooks", file="runbooks")
    assert (good.status, good.summary.endswith("; 3 links to files, each there")) == (Status.EVIDENCE, True)
    (team.folder / "docs/x.md").unlink()
    broken = team.check("runbooks", file="runbooks")
    assert (broken.status, places(broken)) == (Status.WARNING, [("/docs/x.md", "runbooks/lag.md", 3)])
    assert broken.summary == "runbooks/lag.md:3: /docs/x.md is not there"


@pytest.mark.parametrize(("days", "status"), [(30, Status.EVIDENCE), (400, Status.WARNING)])
def test_a_recovery_plan_has_to_be_read_once_a_year(days: int, status: Status, team: TeamRepository) -> None:
    day = (datetime.now(UTC) - timedelta(days=days)).date()
    team.write("dr.md", f"---\nreviewed: 2020-01-01\n---\n- **Reviewed:** {day}\n")
    result = team.check("disaster-recovery-plan", file="dr.md")
    assert (result.status, result.summary.startswith(f"dr.md reviewed {day}, {days} d ago")) == (status, True)
    assert team.check("disaster-recovery-plan", file="dr.md", days=7).status is Status.WARNING


def test_without_a_review_its_last_change_counts(team: TeamRepository) -> None:
    team.write("dr.md", "restore, then switch")
    team.commit("2020-10-19")
    result = team.check("disaster-recovery-plan", file="dr.md")
    assert result.summary.startswith("dr.md last changed 2020-10-19, ")
    assert result.hint == f"read it again, then write `reviewed: {datetime.now(UTC):%Y-%m-%d}` into dr.md"


def test_documents_of_a_commit_are_read_from_the_repository(team: TeamRepository) -> None:
    team.write("docs/deep/x.md", "old")
    team.write("docs/y.md", "why")
    team.commit("2026-01-05", "Bo")
    old = Documents(team.folder, team.head)
    team.write("docs/deep/x.md", "new")
    team.commit("2026-01-06")
    assert (old.text("docs/deep/x.md"), old.changed("docs/deep/x.md").who) == ("old", "Bo")
    assert (old.matching("docs"), old.matching("docs/*.md")) == (["docs/deep/x.md", "docs/y.md"], ["docs/y.md"])
    assert (old.has("docs"), old.has("docs/z.md")) == (True, False)
    for path in ("../x.md", "/etc/passwd", "docs/z.md", "docs/\n"):
        with pytest.raises(CannotRun):
            old.text(path)


def test_a_document_of_25_mb_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "x.md").write_bytes(b"x" * 25 * 1024 * 1024)
    with pytest.raises(CannotRun, match="larger than 20 MB"):
        Documents(tmp_path).text("x.md")
