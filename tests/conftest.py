"""One set of habits for every test."""

from __future__ import annotations

import gc
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

MEMORY = Path("/dev/shm")
ENOUGH = 4 << 30
"""Bytes; a whole run was seen to hold 1.2 GB at once."""

# No test asserts speed by the clock: a busy machine is no fault of the rule under test.
settings.register_profile("gonogo", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("gonogo")


def has_room() -> bool:
    """Whether memory takes files that programs may be run from, and plenty of them."""
    if not os.access(MEMORY, os.W_OK) or os.statvfs(MEMORY).f_flag & os.ST_NOEXEC:
        return False
    return shutil.disk_usage(MEMORY).free > ENOUGH


# A thousand databases are made and dropped: on ext4 the search for an inode that was not just deleted takes more time
# than PostgreSQL does. Whoever sets TMPDIR is obeyed.
DISK = os.environ.setdefault("GONOGO_TESTS_DISK", tempfile.gettempdir())  # workers begin with TMPDIR set already
if "TMPDIR" not in os.environ and has_room():
    os.environ["TMPDIR"] = str(MEMORY)
    tempfile.tempdir = None


@pytest.fixture
def on_disk() -> Iterator[Path]:
    """A folder that a restart would keep, for those who ask where the state lies."""
    with tempfile.TemporaryDirectory(dir=DISK) as folder:
        yield Path(folder)


def pytest_collection_finish() -> None:
    """What was imported and collected stays: the collector need not look at it again and again."""
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


WAITING = {"page", "standin", "docs", "journeys", "process", "slack"}
"""Folders whose tests wait for other processes and for moments; those of all others compute."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that wait are spread among those that compute: side by side, either sort leaves cores idle or fights."""
    files: dict[Path, list[pytest.Item]] = {}
    for item in items:
        files.setdefault(item.path, []).append(item)
    waiting = [path for path in files if path.parent.name in WAITING]
    computing = [path for path in files if path not in waiting]
    spread = [*computing]
    for number, path in enumerate(waiting):
        spread.insert(number + number * len(computing) // len(waiting), path)
    items[:] = [item for path in spread for item in files[path]]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """`-n auto`: half as many again as there are cores, since a test often waits for another process."""
    return (os.cpu_count() or 2) * 3 // 2
