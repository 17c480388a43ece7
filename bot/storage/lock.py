"""Keeps a second `gonogo run` off the same state file."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.storage.sqlite import StoreFault

_PAUSE_SECONDS = 0.1


class AlreadyRunning(StoreFault):
    """Another process holds the lock of this state file."""


@contextmanager
def process_lock(state_file: Path, wait_seconds: float = 10.0) -> Iterator[None]:
    """Hold the lock beside the state file; the kernel lets go of it when this process ends, however it ends.

    A restart overlaps its predecessor for a moment, hence the wait. Raises `AlreadyRunning`.
    """
    path = state_file.with_name(f"{state_file.name}.lock")
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        _wait(descriptor, path, time.monotonic() + wait_seconds)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        yield
    finally:
        # The file stays: removing it would let a third process lock a new one beside a waiting second.
        os.close(descriptor)


def lock_holder(state_file: Path) -> int | None:
    """The process that runs on this state file, or None; takes nothing. 0 where it did not say who it is."""
    path = state_file.with_name(f"{state_file.name}.lock")
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        # Shared, so that two who look at once do not take each other for the bot.
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        text = os.pread(descriptor, 20, 0).decode(errors="replace").strip()
        return int(text) if text.isdigit() else 0
    else:
        return None
    finally:
        os.close(descriptor)


def _wait(descriptor: int, path: Path, deadline: float) -> None:
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            if time.monotonic() >= deadline:
                raise AlreadyRunning(_sentence(descriptor, path)) from None
            time.sleep(_PAUSE_SECONDS)
        else:
            return


def _sentence(descriptor: int, path: Path) -> str:
    holder = os.pread(descriptor, 20, 0).decode(errors="replace").strip() or "unknown"
    return (
        f"another gonogo runs on this state file: process {holder} holds {path}."
        " Stop it first, or give this one another [database] path"
    )
