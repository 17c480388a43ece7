from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.process.running import Running, running


@pytest.fixture
def bot(tmp_path: Path) -> Iterator[Running]:
    with running(tmp_path) as started:
        yield started
