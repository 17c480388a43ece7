from __future__ import annotations

import logging
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


def logged_by(module: str, caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    """What one module logged: a bot of an earlier test may still say that its stand-in has gone."""
    return [record for record in caplog.records if record.name == module]
