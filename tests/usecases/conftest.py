from __future__ import annotations

from pathlib import Path

import pytest

from tests.postgres import database, postgres
from tests.usecases.team import Team

__all__ = ["database", "postgres"]


@pytest.fixture
def team(tmp_path: Path) -> Team:
    return Team(tmp_path / "gonogo.db")
