from __future__ import annotations

from pathlib import Path

import pytest

from tests.postgres import database, postgres

__all__ = ["database", "postgres"]


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands read gonogo.toml of the current folder: each test has one of its own, and no variables of gonogo."""
    monkeypatch.chdir(tmp_path)
    for name in ("GONOGO_CONFIG", "SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_API_URL", "GONOGO_PACE"):
        monkeypatch.delenv(name, raising=False)
