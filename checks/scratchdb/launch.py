"""One start of postgres under its supervisor: how it is called, where it listens, what bounds it."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from checks.base import ScratchLimits
from checks.measures import MEGABYTE
from checks.scratchdb import _supervisor
from checks.scratchdb.account import Account
from checks.scratchdb.cluster import bare_environment

HOST = "127.0.0.1"


def on_port(port: int) -> dict[str, str]:
    """Settings of a server that only this machine reaches, with a password."""
    return {"port": str(port), "listen_addresses": HOST, "unix_socket_directories": "", "logging_collector": "off"}


def bounded(limits: ScratchLimits, major: int) -> dict[str, str]:
    """Settings that only a superuser changes; the log of changes is kept small, so that tables get what there is.

    https://www.postgresql.org/docs/current/runtime-config-resource.html
    """
    megabytes = limits.disk // MEGABYTE
    found = {"temp_file_limit": f"{megabytes}MB", "max_wal_size": f"{max(64, megabytes // 16)}MB"}
    return found | {"min_wal_size": "32MB"} | ({"io_method": "sync"} if major >= 18 else {})


def launch(
    directory: Path, remove: bool, account: Account | None, limits: ScratchLimits | None, command: Sequence[str]
) -> subprocess.Popen[bytes]:
    """The supervisor, which has started the command or will at once; see there for what it is told."""
    uid, gid = (str(account.uid), str(account.gid)) if account else ("-", "-")
    bounds = (str(limits.disk), str(limits.memory)) if limits else ("0", "0")
    supervised = [str(os.getpid()), str(directory), "remove" if remove else "keep", uid, gid, *bounds]
    place = directory / "log"
    # It tells of other people's statements, and other servers of ours can pass through the folder.
    place.touch(mode=0o600)
    with place.open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-I", _supervisor.__file__, *supervised, "--", *command],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            env=bare_environment(),
            start_new_session=True,
        )


def why_not(directory: Path, port: int | None) -> str:
    log = (directory / "log").read_text(errors="replace") if (directory / "log").exists() else ""
    if "Address already in use" in log:
        return f"port {port} is taken by another program"
    fatal = re.findall(r"FATAL:\s+(.*)", log)
    return f"the server did not start: {fatal[-1]}" if fatal else "the server did not start"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
