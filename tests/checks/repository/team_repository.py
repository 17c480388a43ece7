"""A team's repository for one test: files, and commits on the days that the test names."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from checks.base import Inputs, Result
from tests.checks.check_samples import migrations, run_one


class TeamRepository:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.git("init", "--quiet")

    def write(self, path: str, text: str) -> None:
        place = self.folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")

    def commit(self, day: str, who: str = "Ann") -> None:
        """Commits everything at noon UTC of a day such as 2026-10-19."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "x", day=day, who=who)

    def tag(self, name: str) -> None:
        self.git("tag", name)

    @property
    def head(self) -> str:
        return self.git("rev-parse", "HEAD")

    def check(self, check_id: str, started: str = "", **options: object) -> Result:
        """The check with these options, over the files of the folder and two migrations, of which one is pending."""
        files = migrations(
            "CREATE TABLE users (id bigint);", "CREATE TABLE orders (id bigint);", applied_through="00001"
        )
        places = {"folder": str(self.folder), "migrations_directory": str(self.folder / "migrations")}
        given = {**places, "started": started, check_id: options}
        return run_one(check_id, Inputs(migrations=files, options=given))

    def git(self, *arguments: str, day: str = "2026-01-01", who: str = "Ann") -> str:
        at = f"{day}T12:00:00+0000"
        environ = {
            **os.environ,
            "GIT_CONFIG_GLOBAL": os.devnull,
            **{f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER") for key, value in _of(who, at).items()},
        }
        done = subprocess.run(
            ["git", "-C", str(self.folder), *arguments], capture_output=True, env=environ, check=True, text=True
        )
        return done.stdout.strip()


def _of(who: str, at: str) -> dict[str, str]:
    return {"NAME": who, "EMAIL": f"{who.lower()}@shop.example", "DATE": at}
