"""What README and docs show is what happens: each page is done in a folder of its own."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bot.demo.sample.mishaps import copy_migrations
from tests.cli_operating.operating_samples import make_team
from tests.docs.literate import PAGES, ROOT, Block, blocks, edited, matches

COPIED = ("bot", "checks", "templates", "migrations")
WITH_STEPS = [page for page in PAGES if any(block.directive for block in blocks(page))]
_QUIET = ("GONOGO_", "SLACK_")


class Desk:
    """The folder of one page. `extending.md` is done in a copy of the checkout, whose code it changes."""

    def __init__(self, page: Path, folder: Path) -> None:
        self.folder = folder
        if page.name == "extending.md":
            for name in COPIED:
                shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
            shutil.copy(ROOT / "manifest.json", folder)
        self.code = folder if page.name == "extending.md" else ROOT

    def do(self, block: Block) -> None:
        if block.directive.startswith("file: "):
            self._write(block)
        elif block.directive.startswith("edit: "):
            file = self.folder / block.place
            file.write_text(edited(file.read_text(encoding="utf-8"), block.text), encoding="utf-8")
        elif block.runs:
            for command, shown in block.sessions():
                printed = self._run(command, self._place(block))
                assert matches(shown, printed), f"{block.page}:{block.line}: {command} prints\n{printed}"

    def _write(self, block: Block) -> None:
        file = self.folder / block.place
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(block.text, encoding="utf-8")

    def _place(self, block: Block) -> Path:
        folder = self.folder / block.place if block.place else self.folder
        if not (folder / "migrations").exists():
            folder.mkdir(exist_ok=True)
            copy_migrations(folder / "migrations")
            if block.place in ("team", "running"):
                team = make_team(folder)
                if block.place == "running":
                    team.go()
        return folder

    def _run(self, command: str, folder: Path) -> str:
        program, *arguments = shlex.split(command)
        programs = {"gonogo": [sys.executable, "-m", "bot"], "python": [sys.executable], "cat": ["cat"]}
        quiet = {name: value for name, value in os.environ.items() if not name.startswith(_QUIET)}
        variables = {**quiet, "PYTHONPATH": str(self.code)}
        ended = subprocess.run(
            [*programs[program], *arguments],
            cwd=folder,
            env=variables,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            timeout=120,
            check=False,
        )
        return ended.stdout


@pytest.mark.parametrize("page", WITH_STEPS, ids=lambda page: page.name)
def test_a_page_is_done_as_it_says(page: Path, tmp_path: Path) -> None:
    desk = Desk(page, tmp_path)
    for block in blocks(page):
        desk.do(block)


class TestMatching:
    """The comparison itself."""

    def test_equal_text_matches_and_other_text_does_not(self) -> None:
        assert matches("a (b)\nc\n", "a (b)\nc\n")
        assert not matches("a\nc\n", "a\nb\nc\n")

    def test_dots_stand_for_a_part_of_a_line(self) -> None:
        assert matches("took … s\n", "took 0.3 s\n")
        assert not matches("took … s\n", "took\n0.3 s\n")

    def test_a_line_of_dots_stands_for_any_lines(self) -> None:
        assert matches("a\n…\nz\n", "a\nb\nc\nz\n")
        assert matches("a\n…\nz\n", "a\nz\n")
        assert matches("a\n…\n", "a\nb\n")
        assert not matches("a\n…\nz\n", "b\nz\n")

    def test_a_diff_has_exactly_one_place(self) -> None:
        assert edited("a\nb\n", " a\n+x\n-b\n") == "a\nx\n"
        with pytest.raises(ValueError, match="2 places"):
            edited("a\na\n", " a\n+x\n")
