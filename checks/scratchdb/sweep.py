"""Sweeps throw-away servers whose owner is gone: by the lock its owner held, its process, and its data folder."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

PREFIX = "gonogo-pg-"
OWNER_FILE = "owner.lock"

_NEWBORN = 60.0
_END_TIMEOUT = 5.0


def sweep(parent: Path | None = None) -> list[Path]:
    """Stops and deletes leftovers below the temp folder; returns what it deleted. Servers in use stay."""
    swept = []
    for directory in sorted((parent or Path(tempfile.gettempdir())).glob(PREFIX + "*")):
        with contextlib.suppress(OSError):
            if _is_leftover(directory):
                _end_server(directory / "data")
                shutil.rmtree(directory, ignore_errors=True)
                swept.append(directory)
    return swept


def _is_leftover(directory: Path) -> bool:
    if directory.is_symlink() or directory.stat().st_uid != os.geteuid():
        return False
    try:
        with (directory / OWNER_FILE).open("r+") as owner:
            fcntl.flock(owner, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return _old_enough(directory)
    except FileNotFoundError:
        return _old_enough(directory)
    except BlockingIOError:
        return False


def _old_enough(directory: Path) -> bool:
    """A folder that was just made may not have its lock yet."""
    locked_once = (directory / "data" / "PG_VERSION").exists()
    return locked_once or time.time() - directory.stat().st_mtime > _NEWBORN


def _end_server(data: Path) -> None:
    """Kills the postmaster of this very data folder; another process that got its number is left alone."""
    try:
        pid = int((data / "postmaster.pid").read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return
    if not _runs_in(pid, data):
        return
    os.kill(pid, signal.SIGQUIT)
    deadline = time.monotonic() + _END_TIMEOUT
    while _runs_in(pid, data) and time.monotonic() < deadline:
        time.sleep(0.02)


def _runs_in(pid: int, data: Path) -> bool:
    """Whether the process is a postgres on this data folder, which stands on its command line."""
    commandline = Path(f"/proc/{pid}/cmdline")
    if Path("/proc/self").exists():
        try:
            shown = commandline.read_bytes().decode(errors="replace").replace("\0", " ")
        except OSError:
            return False
    else:
        listed = ["ps", "-o", "command=", "-p", str(pid)]
        shown = subprocess.run(listed, capture_output=True, text=True, check=False).stdout
    return "postgres" in shown and str(data) in shown
