"""Documents of a repository: as its ref has them now, so that what was written after go is seen."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.background.backstage import Backstage
from bot.background.check_inputs import inputs_of
from bot.background.migration_source import read_documents
from bot.settings.inputs import Sources
from checks.base import Status
from checks.catalogue import CATALOGUE
from checks.migrations import MigrationsError
from checks.runner import run_checks
from tests.checks.repository.team_repository import TeamRepository
from tests.usecases.team import Team


@pytest.fixture
def team(tmp_path: Path) -> TeamRepository:
    (tmp_path / "shop").mkdir()
    return TeamRepository(tmp_path / "shop")


def sources(team: TeamRepository, **changes: str) -> Sources:
    return Sources("default", "production", Path("db"), repository=str(team.folder), **changes)


def test_documents_are_those_of_the_ref_today(team: TeamRepository, tmp_path: Path) -> None:
    team.write("CHANGELOG.md", "## 1.0.0\n- first\n")
    team.commit("2026-01-05")
    pinned = team.head
    team.write("CHANGELOG.md", "## 1.1.0\n- second\n")
    team.commit("2026-01-06", "Bo")
    found = read_documents(sources(team), tmp_path / "cache", pinned)
    assert found is not None
    assert (found.text("CHANGELOG.md"), found.changed("CHANGELOG.md").who) == ("## 1.1.0\n- second\n", "Bo")


def test_the_pinned_commit_serves_while_the_repository_does_not_answer(team: TeamRepository, tmp_path: Path) -> None:
    team.write("CHANGELOG.md", "old")
    team.commit("2026-01-05")
    read_documents(sources(team), tmp_path / "cache")
    pinned = team.head
    gone = sources(team, ref="no-such-branch")
    found = read_documents(gone, tmp_path / "cache", pinned)
    assert found is not None
    assert found.text("CHANGELOG.md") == "old"
    with pytest.raises(MigrationsError, match="could not be fetched"):
        read_documents(gone, tmp_path / "cache")


def test_plain_files_have_no_repository(tmp_path: Path) -> None:
    assert read_documents(Sources("default", "production", tmp_path), tmp_path / "cache") is None


def test_a_check_of_a_deployment_reads_what_was_written_since_its_start(team: TeamRepository, tmp_path: Path) -> None:
    team.write("db/00001_users.sql", "CREATE TABLE users (id bigint);")
    team.write("docs/deploy.md", "one")
    team.commit("2026-11-01")
    people = Team(tmp_path / "gonogo.db")
    deployment = people.starts("staging", versions=("00001",))
    options = {"deployment-document": {"file": "docs/deploy.md"}}
    where = replace(sources(team), tool="sqlx", options=options)
    backstage = Backstage(people.store, {}, lambda *_: where, lambda: people.now, tmp_path / "cache")
    check = CATALOGUE["deployment-document"]
    [(_, before)] = run_checks([check], inputs_of(backstage, deployment, where))
    assert before.summary.startswith("not changed since the deployment began; docs/deploy.md: last changed 2026-11-01")
    team.write("docs/deploy.md", "two")
    team.commit("2026-11-24", "Bo")
    [(_, after)] = run_checks([check], inputs_of(backstage, deployment, where))
    told = f"changed since the deployment began: docs/deploy.md, 2026-11-24 by Bo ({team.head[:7]})"
    assert (before.status, after.status, after.summary) == (Status.EVIDENCE, Status.PASSED, told)
    assert after.inputs_hash != before.inputs_hash
