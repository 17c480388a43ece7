"""The repository of the sample team: its migrations, documents and what operates it, with the history that git keeps.

Some documents are older than the migrations that are deployed, as with any team. Without git all of it is there, and
only dates of files say when it was changed.
"""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.demo.sample.mishaps import HERE, copy_migrations

logger = logging.getLogger(__name__)

GIT_SECONDS = 20
BEFORE, WITH = timedelta(days=40), timedelta(days=2)
OLDER = ("migrations/0000[1-7]_*", "docs/deployment.md")
"""What the migrations that are deployed today did not change."""
_NAMED = {
    f"GIT_{who}_{what}": words
    for who in ("AUTHOR", "COMMITTER")
    for what, words in (("NAME", "Bo Larsen"), ("EMAIL", "bo@shop.example"))
}
_ENVIRONMENT = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", **_NAMED}


def copy_repository(folder: Path) -> Path:
    """Copies all of it into the folder, and commits it in two steps; the folder of its migrations."""
    shutil.copytree(HERE / "project", folder, dirs_exist_ok=True)
    migrations = copy_migrations(folder / "migrations")
    try:
        _git(folder, "init", "--quiet", "--template=")
        _commit(folder, "The shop as it was", BEFORE, *OLDER)
        _commit(folder, "The loyalty programme", WITH, "migrations", "docs", "ops", "CHANGELOG.md")
    except (OSError, subprocess.SubprocessError) as fault:
        logger.info("the sample repository has no history: %s", type(fault).__name__)
    return migrations


def _commit(folder: Path, words: str, ago: timedelta, *paths: str) -> None:
    date = (datetime.now(UTC) - ago).isoformat(timespec="seconds")
    _git(folder, "add", "--", *paths)
    _git(folder, "commit", "--quiet", "-m", words, GIT_AUTHOR_DATE=date, GIT_COMMITTER_DATE=date)


def _git(folder: Path, *arguments: str, **dates: str) -> None:
    """Nothing of whoever runs the demo. Raises FileNotFoundError, and CalledProcessError where git refuses."""
    environment = {**os.environ, **_ENVIRONMENT, **dates}
    command = ["git", "-C", str(folder), *arguments]
    subprocess.run(command, env=environment, capture_output=True, check=True, timeout=GIT_SECONDS)
