from __future__ import annotations

from pathlib import Path

import pytest

from tests.checks.repository.team_repository import TeamRepository


@pytest.fixture
def team(tmp_path: Path) -> TeamRepository:
    return TeamRepository(tmp_path)
