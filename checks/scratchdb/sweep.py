"""Sweeps folders whose owner is gone, above all of throw-away servers: by the lock the owner held, and its process."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

PREFIX = "gonogo-pg-"
OWNER_FILE = "owner.lock"

_NEWBORN = 60.0
_END_TIMEOUT = 5.0


def sweep(parent: Path | None = None) -> list[Path]:
    """Stops and deletes leftovers below the temp folder; returns what it deleted. Servers in use stay."""
    return sweep_folders(PREFIX, OWNER_FILE, "data/PG_VERSION", _end_server, parent)


def owned_folder(prefix: str, owner_file: str = OWNER_FILE) -> tuple[Path, IO[str]]:
    """A new folder and its lock, which ends with this process even by kill -9: so a sweep tells what is in use."""
    directory = Path(tempfile.mkdtemp(prefix=prefix))
    owner = (directory / owner_file).open("w")
    fcntl.flock(owner, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return directory, owner


def sweep_folders(
    prefix: str, owner_file: str, marker: str, end: Callable[[Path], None], parent: Path | None = None
) -> list[Path]:
    """Calls `end` for each folder whose owner no longer holds its lock, and deletes it; what it deleted.

    Where the file `marker` is, the lock was held once: a folder that was just made may not have it yet.
    """
    swept = []
    for directory in sorted((parent or Path(tempfile.gettempdir())).glob(prefix + "*")):
        with contextlib.suppress(OSError):
            if _is_leftover(directory, owner_file, marker):
                end(directory)
                shutil.rmtree(directory, ignore_errors=True)
                swept.append(directory)
    return swept


def _is_leftover(directory: Path, owner_file: str, marker: str) -> bool:
    if directory.is_symlink() or directory.stat().st_uid != os.geteuid():
        return False
    with contextlib.suppress(FileNotFoundError):
        try:
            with (directory / owner_file).open("r+") as owner:
                fcntl.flock(owner, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return (directory / marker).exists() or time.time() - directory.stat().st_mtime > _NEWBORN


def _end_server(directory: Path) -> None:
    data = directory / "data"
    end_process(data / "postmaster.pid", signal.SIGQUIT, "postgres", str(data))


def end_process(pid_file: Path, how: signal.Signals, *words: str) -> None:
    """Ends the process with these words on its command line; another one that got its number is left alone."""
    try:
        pid = int(pid_file.read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return
    if not _runs(pid, words):
        return
    os.kill(pid, how)
    deadline = time.monotonic() + _END_TIMEOUT
    while _runs(pid, words) and time.monotonic() < deadline:
        time.sleep(0.02)


def _runs(pid: int, words: tuple[str, ...]) -> bool:
    commandline = Path(f"/proc/{pid}/cmdline")
    if Path("/proc/self").exists():
        try:
            shown = commandline.read_bytes().decode(errors="replace").replace("\0", " ")
        except OSError:
            return False
    else:
        listed = ["ps", "-o", "command=", "-p", str(pid)]
        shown = subprocess.run(listed, capture_output=True, text=True, check=False).stdout
    return all(word in shown for word in words)
