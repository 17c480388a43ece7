"""Runs one PostgreSQL server, in its bounds, and stops it when whoever asked for it is gone, however that one ended.

Started by `server` as a program: `python -I _supervisor.py PARENT DIRECTORY REMOVE UID GID DISK MEMORY -- postgres …`.
REMOVE is `remove` or `keep`; UID and GID may be `-`; DISK and MEMORY are bytes, 0 for no bound. Standard input is a
pipe whose other end the parent holds: its end is the parent's end, `w` and `r` begin and end watching over the bounds,
`k` kills at once. The file `reached` says which bound was, before any client can notice the end.
"""

from __future__ import annotations

import contextlib
import os
import resource
import select
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

DISK, MEMORY, TIME = "disk", "memory", "time"
REACHED = "reached"

_POLL = 1.0
_FAST_SHUTDOWN = 10.0
_QUICK_END = 2.0
_MOST_PROCESSES = 128
# While watched: the fuller the disk, the more often it is looked at, for the fastest writer that was seen.
_FASTEST = 2 * 1024**3
_OFTEN, _SELDOM = 0.02, 0.5
_DISK_MARGIN = 64 * 1024**2
_CHILDREN = "/proc/{0}/task/{0}/children"
_told_to_end: list[int] = []


def main(arguments: list[str]) -> int:
    split = arguments.index("--")
    parent, directory, remove, user, group, disk, memory = arguments[:split]
    account = None if user == "-" else int(user)
    identity = {} if account is None else {"user": account, "group": int(group), "extra_groups": []}
    _limit_each(int(disk), int(memory), 0 if account is None else _MOST_PROCESSES)
    server = subprocess.Popen(  # type: ignore[call-overload]
        arguments[split + 1 :], stdin=subprocess.DEVNULL, cwd=directory, **identity
    )
    if reached := _wait_for_end(server, int(parent), _Bounds(directory, int(disk), int(memory))):
        Path(directory, REACHED).write_text(reached)
        _kill(server, account)
        return 0
    ended_by_itself = server.poll() is not None
    _stop(server)
    if remove == "remove" and not ended_by_itself:
        shutil.rmtree(directory, ignore_errors=True)
    return 0


def _limit_each(disk: int, memory: int, processes: int) -> None:
    """Bounds of each process by itself, which the server's inherit from this one; 0 sets none.

    A number of processes is counted by user, so it is for a user of its own alone.
    """
    limits = {resource.RLIMIT_FSIZE: disk, resource.RLIMIT_DATA: memory, resource.RLIMIT_NPROC: processes}
    limits = {kind: value for kind, value in limits.items() if value} | {resource.RLIMIT_CORE: 0}
    for kind, value in limits.items():
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(kind, (value, value))


def _wait_for_end(server: subprocess.Popen[bytes], parent: int, bounds: _Bounds) -> str:
    """Returns when the server ended, the pipe closed, or the parent changed (a fork may hold the pipe open).

    The answer is the bound that was reached, or "".
    """
    wait = _POLL
    while server.poll() is None and os.getppid() == parent and not _told_to_end:
        readable, _, _ = select.select([sys.stdin], [], [], wait)
        told = os.read(sys.stdin.fileno(), 1024) if readable else None
        if told == b"":
            return ""
        if told and b"k" in told:
            return TIME
        bounds.listen(told or b"")
        if reached := bounds.reached(server.pid):
            return reached
        wait = bounds.pause()
    return ""


class _Bounds:
    """How much of the disk and of memory a server may have; looked at only while somebody's files are tried."""

    def __init__(self, directory: str, disk: int, memory: int) -> None:
        self.directory = directory
        self.disk = disk
        self.memory = memory
        self.watchers = 0
        self._room = disk

    def listen(self, told: bytes) -> None:
        self.watchers += told.count(b"w") - told.count(b"r")

    def reached(self, server: int) -> str:
        """Which bound the server has come to, or ""."""
        if not self.watchers:
            return ""
        if self.memory and sum(family(server).values()) > self.memory:
            return MEMORY
        self._room = self.disk - on_disk(self.directory)
        return DISK if self.disk and self._room < _DISK_MARGIN else ""

    def pause(self) -> float:
        """Seconds until the next look."""
        return min(_SELDOM, max(_OFTEN, self._room / _FASTEST)) if self.watchers else _POLL


def family(root: int) -> dict[int, int]:
    """The processes from `root` down, each with the bytes of memory that nobody shares with it."""
    if Path(_CHILDREN.format(os.getpid())).exists():
        return {pid: _own_memory(pid) for pid in _descendants(root)}
    return family_by_ps(root)


def family_by_ps(root: int) -> dict[int, int]:
    """The same where there is no /proc, as on macOS, with memory that may be shared; without `ps`, `root` alone."""
    command = ["ps", "-A", "-o", "pid=,ppid=,rss="]
    found = {root: 0}
    with contextlib.suppress(OSError, ValueError):
        listed = subprocess.run(command, capture_output=True, text=True, check=False).stdout
        rows = [tuple(map(int, line.split())) for line in listed.splitlines()]
        for _ in rows:
            below = {pid: size * 1024 for pid, parent, size in rows if parent in found and pid not in found}
            if not below:
                break
            found |= below
    return found


def _descendants(root: int) -> Iterator[int]:
    yield root
    with contextlib.suppress(OSError):
        for child in Path(_CHILDREN.format(root)).read_text().split():
            yield from _descendants(int(child))


def _own_memory(pid: int) -> int:
    with contextlib.suppress(OSError), Path(f"/proc/{pid}/status").open() as status:
        return sum(int(line.split()[1]) * 1024 for line in status if line.startswith(("RssAnon:", "VmSwap:")))
    return 0


def on_disk(directory: str) -> int:
    """Bytes that a folder takes, without the copy of PostgreSQL's programs in it; files come and go meanwhile."""
    total, todo = 0, [directory]
    while todo:
        with contextlib.suppress(OSError), os.scandir(todo.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    todo += [entry.path] if entry.name != "pginstall" else []
                    continue
                with contextlib.suppress(OSError):
                    total += entry.stat(follow_symlinks=False).st_blocks * 512
    return total


def _kill(server: subprocess.Popen[bytes], user: int | None) -> None:
    """Ends it at once with all that it started: a busy process of it would not hear of its end for long.

    The postmaster itself is told, so that it gives back its shared memory, which nobody else would.
    """
    server.send_signal(signal.SIGSTOP)
    for _ in range(2):
        _kill_all(pid for pid in family(server.pid) if pid != server.pid)
    server.send_signal(signal.SIGQUIT)
    server.send_signal(signal.SIGCONT)
    try:
        server.wait(_QUICK_END)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
    if user is not None:
        _kill_all(_processes_of(user))


def _processes_of(user: int) -> Iterator[int]:
    for place in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if place.stat().st_uid == user:
                yield int(place.name)


def _kill_all(pids: Iterable[int]) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _stop(server: subprocess.Popen[bytes]) -> None:
    for sign in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        if server.poll() is not None:
            return
        server.send_signal(sign)
        try:
            server.wait(_FAST_SHUTDOWN)
        except subprocess.TimeoutExpired:
            continue


if __name__ == "__main__":
    # Ctrl-C in a terminal reaches the whole group: the parent decides, and its end closes the pipe.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for sign in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(sign, lambda number, _: _told_to_end.append(number))
    sys.exit(main(sys.argv[1:]))
