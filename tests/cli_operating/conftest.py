from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from operating_samples import Team, make_team

from tests.postgres import database, postgres

__all__ = ["database", "postgres"]


@pytest.fixture
def tmp_path(on_disk: Path) -> Path:
    """The doctor looks at what the state lies on, and memory is a fault."""
    return on_disk


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test has a current folder of its own, and no variables of gonogo."""
    monkeypatch.chdir(tmp_path)
    for name in ("GONOGO_CONFIG", "SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_API_URL", "GONOGO_PACE", "DYNO"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def team(tmp_path: Path) -> Team:
    return make_team(tmp_path)
