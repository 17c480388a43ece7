from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.storage import Store
from tests.states import open_state


@pytest.fixture
def state_file(tmp_path: Path) -> Path:
    return tmp_path / "gonogo.db"


@pytest.fixture
def store(state_file: Path) -> Iterator[Store]:
    opened = open_state(state_file)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """One store for all examples of a rule; each makes rows of its own."""
    opened = Store.open(tmp_path_factory.mktemp("shared") / "gonogo.db")
    yield opened
    opened.close()
