"""The wheel, installed by itself and run from an empty directory: nothing of the checkout is needed."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment with only our wheel in it; the libraries are borrowed from this one by a path line."""
    folder = tmp_path_factory.mktemp("wheel")
    built = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(built, check=True, capture_output=True)
    [wheel] = folder.glob("gonogo-*.whl")
    venv.create(folder / "env", with_pip=True)
    python = folder / "env" / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--no-deps", wheel], check=True, capture_output=True)
    where = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        check=True,
        capture_output=True,
        text=True,
    )
    borrowed = sysconfig.get_path("purelib")
    (Path(where.stdout.strip()) / "borrowed.pth").write_text(borrowed + "\n", encoding="utf-8")
    return folder / "env" / "bin"


def gonogo(installed: Path, empty: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environ = {"PATH": os.environ["PATH"], "HOME": str(empty)}
    command = [str(installed / "gonogo"), *arguments]
    return subprocess.run(command, cwd=empty, env=environ, capture_output=True, text=True, check=False, timeout=120)


def test_the_checklist_that_ships_is_in_the_wheel(installed: Path, tmp_path: Path) -> None:
    shown = gonogo(installed, tmp_path, "checklist", "show")
    assert shown.returncode == 0, shown.stderr
    assert "168" in shown.stdout


def test_checks_run_from_the_wheel(installed: Path, tmp_path: Path) -> None:
    migrations = tmp_path / "m"
    migrations.mkdir()
    (migrations / "00001_a.sql").write_text("CREATE TABLE a (id bigint PRIMARY KEY);\n", encoding="utf-8")
    found = gonogo(installed, tmp_path, "check", "files", "--migrations", str(migrations), "--only", "syntax")
    assert found.returncode == 0, found.stdout + found.stderr


def test_the_bot_s_own_migrations_are_in_the_wheel(installed: Path, tmp_path: Path) -> None:
    code = "from bot.storage import Store; Store.open('state.db').close(); print('migrated')"
    done = subprocess.run([installed / "python", "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "migrated", done.stderr


def test_without_settings_it_says_what_to_do(installed: Path, tmp_path: Path) -> None:
    refused = gonogo(installed, tmp_path, "run")
    assert refused.returncode == 2
    assert "gonogo init" in refused.stderr
    assert "Traceback" not in refused.stderr
