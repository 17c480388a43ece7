"""What other people's machines run: the hook by pre-commit in a real repository, the action's steps by bash."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from pre_commit.clientlib import load_manifest

from tests.cli.cli_samples import migrations

ROOT = Path(__file__).resolve().parents[2]
HOOKS = ROOT / ".pre-commit-hooks.yaml"
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
BROKEN = "CREATE TABEL teams (id bigint PRIMARY KEY);\n"
WHO = ("-c", "user.name=Ann", "-c", "user.email=ann@shop.example", "-c", "init.defaultBranch=main")


def run(folder: Path, *command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environ = {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT), "HOME": str(folder), **variables}
    environ.pop("GITHUB_STEP_SUMMARY", None) if "GITHUB_STEP_SUMMARY" not in variables else None
    return subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, check=False)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    migrations(tmp_path)
    for words in (("init", "--quiet"), ("add", "."), ("commit", "--quiet", "-m", "main")):
        assert run(tmp_path, "git", *WHO, *words).returncode == 0
    return tmp_path


def test_the_hook_stops_a_commit_that_does_not_parse_and_lets_the_mended_one_pass(shop: Path) -> None:
    """As it is written, but for `language`: what pre-commit installs for `python` is what these tests run on."""
    [hook] = load_manifest(str(HOOKS))
    written = yaml.safe_load(HOOKS.read_text(encoding="utf-8"))[0]
    assert (hook["id"], hook["language"]) == ("gonogo", "python")
    local = {**written, "language": "system", "args": ["--migrations", "migrations"]}
    config = {"repos": [{"repo": "local", "hooks": [local]}]}
    (shop / ".pre-commit-config.yaml").write_text(yaml.safe_dump(config))
    kept = str(shop / ".cache")
    installed = run(shop, sys.executable, "-m", "pre_commit", "install", PRE_COMMIT_HOME=kept)
    assert installed.returncode == 0, installed.stderr
    (shop / "migrations" / "00004_teams.sql").write_text(BROKEN)
    run(shop, "git", "add", "migrations")
    stopped = run(shop, "git", *WHO, "commit", "-m", "teams", PRE_COMMIT_HOME=kept)
    assert stopped.returncode == 1
    assert re.search(r"gonogo check files\.+Failed", stopped.stderr + stopped.stdout)
    assert "00004_teams.sql:1" in stopped.stderr + stopped.stdout
    (shop / "migrations" / "00004_teams.sql").write_text(BROKEN.replace("TABEL", "TABLE"))
    run(shop, "git", "add", "migrations")
    assert run(shop, "git", *WHO, "commit", "-m", "teams", PRE_COMMIT_HOME=kept).returncode == 0
    assert run(shop, "git", "log", "--format=%s").stdout.splitlines() == ["teams", "main"]


def action_step(folder: Path, **inputs: str) -> subprocess.CompletedProcess[str]:
    """The step that checks, with the action's own defaults, as a runner starts it."""
    step = next(one for one in ACTION["runs"]["steps"] if one["name"] == "Check")
    given = {name: inputs.get(name, str(about["default"])) for name, about in ACTION["inputs"].items()}
    environ = {name: re.sub(r"\$\{\{ inputs\.(\w+).*\}\}", lambda m: given[m[1]], v) for name, v in step["env"].items()}
    (folder / "temp" / "gonogo" / "bin").mkdir(parents=True)
    (folder / "temp" / "gonogo" / "bin" / "gonogo").symlink_to(Path(sys.executable).with_name("gonogo"))
    places = {"RUNNER_TEMP": str(folder / "temp"), "GITHUB_STEP_SUMMARY": str(folder / "summary.md")}
    return run(folder, "bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"], **environ, **places)


def test_the_action_annotates_sums_up_and_writes_its_files(shop: Path) -> None:
    assert run(shop, "git", "switch", "--quiet", "-c", "teams").returncode == 0
    (shop / "migrations" / "00004_teams.sql").write_text(BROKEN)
    only = "--only syntax,file-names"
    files = {"sarif": "gonogo.sarif", "junit": "gonogo.xml"}
    done = action_step(shop, migrations="migrations", since="main", scratch="false", arguments=only, **files)
    assert done.returncode == 1, done.stderr
    assert "::error file=migrations/00004_teams.sql,line=1,title=gonogo syntax::" in done.stdout
    assert (shop / "summary.md").read_text().startswith("### ✗ gonogo: 1 check failed\n")
    assert '"uri": "migrations/00004_teams.sql"' in (shop / "gonogo.sarif").read_text()
    assert 'failures="1"' in (shop / "gonogo.xml").read_text()


def test_no_input_of_the_action_is_read_as_a_command() -> None:
    """https://docs.github.com/actions/security-for-github-actions/security-guides/security-hardening-for-github-actions"""
    steps: list[dict[str, Any]] = ACTION["runs"]["steps"]
    assert [step["name"] for step in steps if "${{" in step["run"]] == []
    used = {name for step in steps for value in step["env"].values() for name in re.findall(r"inputs\.(\w+)", value)}
    assert used == set(ACTION["inputs"])
