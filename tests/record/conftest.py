from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "cli_operating"))

from operating_samples import Team, make_team


@pytest.fixture
def team(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Team:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GONOGO_CONFIG", raising=False)
    return make_team(tmp_path)
