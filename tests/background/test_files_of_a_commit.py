"""Files of a git repository are what the runner's checkout has: nothing hides one, and what would differ is told."""

from __future__ import annotations

import os
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from bot.background import preflight
from bot.background.migration_source import read_source
from bot.settings.inputs import Sources
from bot.usecases.checking.record_reading import record_reading
from bot.usecases.lifecycle import start
from bot.usecases.views import sql_detail
from checks.git import git
from checks.migrations import MigrationsError, read_pairs
from tests.checks.layouts.layout_samples import SETS, pairs_of
from tests.checks.repository.team_repository import TeamRepository
from tests.usecases.team import ANN, Team

FOLDER = "db/migrations"


@pytest.fixture
def shop(tmp_path: Path) -> TeamRepository:
    (tmp_path / "shop").mkdir()
    repository = TeamRepository(tmp_path / "shop")
    for number in (1, 2, 3):
        repository.write(f"{FOLDER}/0000{number}_t{number}.sql", f"CREATE TABLE t{number} (id int);\n")
    return repository


def sources(shop: TeamRepository) -> Sources:
    return Sources("default", "production", Path(FOLDER), repository=str(shop.folder))


def committed(shop: TeamRepository, tmp_path: Path) -> dict[str, bytes]:
    shop.commit("2026-01-05")
    found = read_source(sources(shop), tmp_path / "cache")
    assert found is not None
    return {file.name: file.content for file in found.migrations.files}


def checked_out(shop: TeamRepository, tmp_path: Path) -> dict[str, bytes]:
    """What a runner finds in a real clone of the repository."""
    subprocess.run(["git", "clone", "--quiet", str(shop.folder), str(tmp_path / "runner")], check=True)
    return {path.name: path.read_bytes() for path in (tmp_path / "runner" / FOLDER).glob("[!.]*.sql")}


def test_export_ignore_hides_no_file(shop: TeamRepository, tmp_path: Path) -> None:
    shop.write(f"{FOLDER}/.gitattributes", "00002_t2.sql export-ignore\n00003_t3.sql export-subst\n")
    shop.write(f"{FOLDER}/00003_t3.sql", "SELECT '$Format:%H$';\n")
    read = committed(shop, tmp_path)
    assert sorted(read) == ["00001_t1.sql", "00002_t2.sql", "00003_t3.sql"]
    assert read == checked_out(shop, tmp_path)


def test_a_link_inside_of_the_repository_is_followed(shop: TeamRepository, tmp_path: Path) -> None:
    shop.write("shared/audit.sql", "CREATE TABLE audit (id int);\n")
    (shop.folder / FOLDER / "00004_audit.sql").symlink_to("../../shared/audit.sql")
    read = committed(shop, tmp_path)
    assert read["00004_audit.sql"] == b"CREATE TABLE audit (id int);\n"
    assert read == checked_out(shop, tmp_path)


@pytest.mark.parametrize("name", ["00004_audit.sql", "old"])
@pytest.mark.parametrize("target", ["/etc/hostname", "../../../outside.sql", "nowhere.sql", "../../db"])
def test_a_link_that_leads_elsewhere_is_told(shop: TeamRepository, tmp_path: Path, name: str, target: str) -> None:
    (shop.folder / FOLDER / name).symlink_to(target)
    with pytest.raises(MigrationsError, match=f"^{name} is a link that leads .*: put the file itself there$"):
        committed(shop, tmp_path)


def test_a_submodule_is_told(shop: TeamRepository, tmp_path: Path) -> None:
    shop.commit("2026-01-04")
    shop.git("update-index", "--add", "--cacheinfo", f"160000,{shop.head},{FOLDER}/vendor")
    shop.git("commit", "-q", "-m", "a submodule")
    with pytest.raises(MigrationsError, match=r"^vendor is a submodule"):
        read_source(sources(shop), tmp_path / "cache")


@pytest.mark.parametrize(
    ("place", "line", "content", "told"),
    [
        (FOLDER, "*.sql eol=crlf", "SELECT 1;\n", "eol=crlf"),
        (".", "*.sql text eol=crlf", "SELECT 1;\n", "eol=crlf"),
        (FOLDER, "*.sql ident", "SELECT '$Id$';\n", "ident"),
        (".", "db/** filter=lfs -text", "version https://git-lfs\n", "filter=lfs"),
        (".", "*.sql working-tree-encoding=UTF-16LE", "SELECT 1;\n", "working-tree-encoding=UTF-16LE"),
    ],
)
def test_a_file_that_a_checkout_changes_is_told(
    shop: TeamRepository, tmp_path: Path, place: str, line: str, content: str, told: str
) -> None:
    shop.write(f"{FOLDER}/00001_t1.sql", content)
    shop.write(f"{place}/.gitattributes", f"{line}\n")
    with pytest.raises(MigrationsError, match=f"^00001_t1.sql has {told} in .gitattributes"):
        committed(shop, tmp_path)


@pytest.mark.parametrize("line", ["*.sql text", "*.sql eol=lf", "*.sql ident", "*.sql -filter", "*.md filter=lfs"])
def test_attributes_that_change_nothing_are_no_obstacle(shop: TeamRepository, tmp_path: Path, line: str) -> None:
    shop.write(".gitattributes", f"{line}\n")
    assert committed(shop, tmp_path) == checked_out(shop, tmp_path)


def test_only_the_folder_itself_counts_where_the_tool_reads_no_subfolders(shop: TeamRepository, tmp_path: Path) -> None:
    shop.write(f"{FOLDER}/old/00001_t0.sql", "CREATE TABLE t0 (id int);\n")
    shop.write(f"{FOLDER}/.hidden.sql", "SELECT 1;\n")
    assert committed(shop, tmp_path) == checked_out(shop, tmp_path)


def test_what_differs_is_an_obstacle_of_the_deployment(shop: TeamRepository, tmp_path: Path) -> None:
    shop.write(".gitattributes", "*.sql eol=crlf\n")
    shop.commit("2026-01-05")
    team = Team(tmp_path / "gonogo.db")
    deployment = team.row(team.starts("staging"))
    reading = preflight.read(sources(shop), deployment, tmp_path / "cache", team.now)
    assert [fault.message for fault in reading.faults if "eol=crlf" in fault.message]
    assert reading.files is None


@pytest.mark.parametrize("tool", SETS)
def test_a_deployment_keeps_the_files_of_each_tool_as_they_were_pinned(tmp_path: Path, tool: str) -> None:
    """Read from a commit, kept as bytes, and put back over what the folder has become: up and down are as they were."""
    (tmp_path / "shop").mkdir()
    shop = TeamRepository(tmp_path / "shop")
    for name, text in SETS[tool].items():
        shop.write(f"{FOLDER}/{name}", text)
    shop.commit("2026-01-05")
    place = replace(sources(shop), tool=tool)
    team = Team(tmp_path / "gonogo.db")
    old = read_pairs(pairs_of(tool), tool)
    ends = {"first_version": old.ups[0].version, "last_version": old.ups[-1].version}
    deployment = replace(team.row(team.does(start.start, ANN, "staging").deployment_id or ""), **ends)
    reading = preflight.read(place, deployment, tmp_path / "cache", team.now)
    assert reading.faults == ()
    pinned = reading.files or ()
    assert [(file.version, file.name, file.is_down) for file in pinned] == [
        (file.version, file.name, file.is_down) for file in old.files
    ]
    team.store.write(lambda unit: record_reading(unit, team.project, team.act("gonogo"), deployment.id, reading))
    shown = team.store.read(lambda reader: sql_detail(reader, team.project, deployment.id, "", team.now)).files
    assert sorted((file.name, text) for file, text in shown) == sorted({(f.name, f.source.decode()) for f in old.files})
    for name, text in SETS[tool].items():
        shop.write(f"{FOLDER}/{name}", text.replace("note text", "note varchar"))
    shop.commit("2026-01-06")
    moved = read_source(place, tmp_path / "cache")
    assert moved is not None
    assert moved.migrations.files != old.files
    kept = [(file, reading.contents[file.sha]) for file in pinned]
    assert preflight.migrations_for(moved, deployment, kept).files == old.files


def test_git_gets_neither_tokens_nor_addresses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SLACK_BOT_TOKEN", "DATABASE_URL", "PGPASSWORD", "GIT_DIR", "GITHUB_TOKEN"):
        monkeypatch.setenv(name, "planted")
    seen = tmp_path / "seen"
    (tmp_path / "git").write_text(f"#!/bin/sh\nenv > {seen}\n", encoding="utf-8")
    (tmp_path / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert git(None, "version", seconds=10).returncode == 0
    assert "planted" not in seen.read_text(encoding="utf-8")
    assert "GIT_TERMINAL_PROMPT=0" in seen.read_text(encoding="utf-8")
