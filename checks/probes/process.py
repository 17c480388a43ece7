"""Runs one program in its bounds: time, kept output, and nothing of it left behind.

The program leads a process group and carries a marker in its environment. Both end with it: what it forked into
other sessions is found by the marker (Linux), and nobody waits for a pipe that such a process keeps open.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import selectors
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from checks.base import CannotRun

OUTPUT_LIMIT = 64 * 1024
# The runner gives a command 15 minutes; the program has to be ended before that.
MOST_SECONDS = 840.0
MARKER = "GONOGO_PROBE"

_KEPT = ("PATH", "HOME", "LANG")

_POLL = 0.05
_CHUNK = 64 * 1024
# How long output may still come from a pipe that outlives its program, and how long a program may take to end itself.
_LAST_OUTPUT = 1.0
_LAST_WORDS = 2.0
_ROUNDS = 5

OnOutput = Callable[[bytes], None]
_UNHEARD: Sequence[OnOutput] = (lambda _: None, lambda _: None)


@dataclass(frozen=True)
class Program:
    """What to run. `seconds` is its time limit; `limit` the bytes kept of each of its two outputs."""

    arguments: tuple[str, ...]
    directory: Path
    environment: Mapping[str, str] = field(repr=False)
    seconds: float = 60.0
    limit: int = OUTPUT_LIMIT


@dataclass(frozen=True)
class Ended:
    """How it ended. `code` is negative for a signal; `is_cut`: it printed more than was kept."""

    code: int
    in_time: bool
    output: bytes
    errors: bytes
    is_cut: bool


def run_program(program: Program, on_output: Sequence[OnOutput] = _UNHEARD) -> Ended:
    """Runs it to its end or to its time limit. Raises CannotRun where it cannot be started.

    `on_output` are given the kept bytes of its output and its errors as they come.
    """
    marker = secrets.token_hex(16)
    child = _start(program, marker)
    pipes = [pipe for pipe in (child.stdout, child.stderr) if pipe is not None]
    kept = [_Kept(pipe, program.limit, tell) for pipe, tell in zip(pipes, on_output, strict=True)]
    try:
        in_time = _read_to_the_end(child, kept, program.seconds)
    finally:
        _end(child, marker)
    output, errors = (bytes(one.data) for one in kept)
    return Ended(child.returncode, in_time, output, errors, any(one.is_cut for one in kept))


class _Kept:
    """The first bytes of a pipe; what comes after them is read and forgotten, so that the program can go on."""

    def __init__(self, pipe: IO[bytes], limit: int, tell: OnOutput) -> None:
        self.pipe = pipe
        self.data = bytearray()
        self.is_cut = False
        self._limit = limit
        self._tell = tell
        os.set_blocking(pipe.fileno(), False)

    def read(self) -> bool:
        """Takes what is there; False at the pipe's end."""
        try:
            chunk = os.read(self.pipe.fileno(), _CHUNK)
        except BlockingIOError:
            return True
        fresh = chunk[: self._limit - len(self.data)]
        self.is_cut = self.is_cut or len(fresh) < len(chunk)
        self.data += fresh
        if fresh:
            self._tell(fresh)
        return bool(chunk)


def _start(program: Program, marker: str) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            program.arguments,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=program.directory,
            env={**program.environment, MARKER: marker},
            start_new_session=True,
        )
    except (OSError, ValueError) as fault:
        refusal = _refusal(program, fault)
    raise refusal


def _refusal(program: Program, fault: OSError | ValueError) -> CannotRun:
    """Why it did not start; an argument may hold anything, so only the program's name is shown."""
    name = program.arguments[0]
    number = fault.errno if isinstance(fault, OSError) else None
    if not program.directory.is_dir():
        return CannotRun(f"the folder {program.directory} does not exist", "mend the place of the settings file")
    if number == errno.ENOENT:
        return _missing(program, name)
    if number in {errno.EACCES, errno.EPERM}:
        return CannotRun(f"{name} is not executable", f"chmod +x {name}")
    if number == errno.ENOEXEC:
        return CannotRun(f"{name} is no program", 'begin it with a line such as "#!/bin/sh"')
    why = os.strerror(number) if number else "an argument holds a zero byte"
    return CannotRun(f"{name} cannot be started: {why}", "mend command in the settings")


def _missing(program: Program, name: str) -> CannotRun:
    path = program.directory / name if "/" in name else shutil.which(name, path=program.environment.get("PATH"))
    if path and Path(path).exists():
        return CannotRun(f"the first line of {name} names an interpreter that does not exist", "mend its #! line")
    where = f"in {program.directory}" if "/" in name else "on the PATH"
    return CannotRun(f"there is no program {name} {where}", "install it, or mend command in the settings")


def _read_to_the_end(child: subprocess.Popen[bytes], kept: list[_Kept], seconds: float) -> bool:
    """Reads until the program and its pipes ended; True where the program did so within its time."""
    deadline = time.monotonic() + seconds
    last: float | None = None
    with selectors.DefaultSelector() as selector:
        for one in kept:
            selector.register(one.pipe, selectors.EVENT_READ, one)
        while True:
            if last is None and _has_ended(child):
                last = time.monotonic() + _LAST_OUTPUT
            if last is not None and (time.monotonic() > last or not selector.get_map()):
                return True
            if last is None and time.monotonic() > deadline:
                return False
            # Without pipes this only sleeps: the program closed its outputs and goes on, or is about to end.
            for key, _ in selector.select(_POLL if selector.get_map() else _POLL / 5):
                if not key.data.read():
                    selector.unregister(key.fileobj)


def _has_ended(child: subprocess.Popen[bytes]) -> bool:
    """Without reaping it: until then its process id, which is its group's, cannot become somebody else's."""
    if child.returncode is not None:
        return True
    return os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _end(child: subprocess.Popen[bytes], marker: str) -> None:
    """Ends the program, its group, and whatever else carries the marker."""
    if not _has_ended(child):
        _signal_group(child, signal.SIGTERM)
        patience = time.monotonic() + _LAST_WORDS
        while not _has_ended(child) and time.monotonic() < patience:
            time.sleep(_POLL)
    _signal_group(child, signal.SIGKILL)
    _kill_marked(marker)
    child.wait()
    for pipe in (child.stdout, child.stderr):
        if pipe is not None:
            pipe.close()


def _signal_group(child: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, number)


def _kill_marked(marker: str) -> None:
    """Several rounds, since a process may fork while the others are looked for."""
    for _ in range(_ROUNDS):
        found = list(_marked(f"{MARKER}={marker}".encode()))
        for pid in found:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        if not found:
            return


def _marked(variable: bytes) -> Iterator[int]:
    for entry in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):
            if variable in entry.read_bytes():
                yield int(entry.parent.name)


def base_environment() -> dict[str, str]:
    """PATH, HOME and LANG: neither tokens of the bot nor PG* variables reach a team's program unless named."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return {"PATH": os.defpath, "LANG": "C.UTF-8"} | kept
