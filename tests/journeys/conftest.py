from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.troupe import BARE, Troupe, troupe


@pytest.fixture
def play(tmp_path: Path) -> Iterator[Troupe]:
    """A team with roles, staging and production; nothing else configured."""
    with troupe(tmp_path) as playing:
        yield playing


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[Troupe]:
    """Only tokens and a channel."""
    with troupe(tmp_path, BARE) as playing:
        yield playing
