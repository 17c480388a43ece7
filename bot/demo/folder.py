"""The workspace's own folder below the temp folder: owned by a lock, swept after a kill, with the bot that used it."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

PREFIX = "gonogo-workspace-"
OWNER_FILE = "owner"
BOT_PID_FILE = "bot.pid"
_NEWBORN = 30.0  # seconds in which a folder may not have its lock yet
_PATIENCE = 5.0


@contextlib.contextmanager
def own_folder() -> Iterator[Path]:
    """A new folder, deleted at the end. The lock on `owner` ends with this process, even by kill -9."""
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    owner = (folder / OWNER_FILE).open("w")
    fcntl.flock(owner, fcntl.LOCK_EX | fcntl.LOCK_NB)
    try:
        yield folder
    finally:
        owner.close()
        shutil.rmtree(folder, ignore_errors=True)


def sweep(parent: Path | None = None) -> list[Path]:
    """Ends the bot and deletes the folder of every workspace whose owner is gone; what it deleted."""
    swept = []
    for folder in sorted((parent or Path(tempfile.gettempdir())).glob(PREFIX + "*")):
        with contextlib.suppress(OSError):
            if _is_leftover(folder):
                _end_bot(folder)
                shutil.rmtree(folder, ignore_errors=True)
                swept.append(folder)
    return swept


def _is_leftover(folder: Path) -> bool:
    if folder.is_symlink() or folder.stat().st_uid != os.geteuid():
        return False
    try:
        with (folder / OWNER_FILE).open("r+") as owner:
            fcntl.flock(owner, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
    except FileNotFoundError:
        return time.time() - folder.stat().st_mtime > _NEWBORN
    except BlockingIOError:
        return False


def _end_bot(folder: Path) -> None:
    """Kills the bot whose settings lie in this very folder; another process that got its number is left alone."""
    try:
        pid = int((folder / BOT_PID_FILE).read_text())
    except (OSError, ValueError):
        return
    deadline = time.monotonic() + _PATIENCE
    while _is_bot_of(pid, folder) and time.monotonic() < deadline:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        time.sleep(0.02)


def _is_bot_of(pid: int, folder: Path) -> bool:
    try:
        shown = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
    except OSError:
        return False
    return str(folder) in shown
