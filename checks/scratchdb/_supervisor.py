"""Runs one PostgreSQL server and stops it when whoever asked for it is gone, however that one ended.

Started by `server` as a program: `python -I _supervisor.py PARENT DIRECTORY REMOVE UID GID -- postgres …`.
REMOVE is `remove` or `keep`; UID and GID may be `-`. Standard input is a pipe whose other end the parent holds, so
its end is the parent's end.
"""

from __future__ import annotations

import os
import select
import shutil
import signal
import subprocess
import sys

_POLL = 1.0
_FAST_SHUTDOWN = 10.0
_told_to_end: list[int] = []


def main(arguments: list[str]) -> int:
    split = arguments.index("--")
    parent, directory, remove, user, group = arguments[:split]
    account = {} if user == "-" else {"user": int(user), "group": int(group), "extra_groups": []}
    server = subprocess.Popen(  # type: ignore[call-overload]
        arguments[split + 1 :], stdin=subprocess.DEVNULL, cwd=directory, env=_environment(), **account
    )
    _wait_for_end(server, int(parent))
    ended_by_itself = server.poll() is not None
    _stop(server)
    if remove == "remove" and not ended_by_itself:
        shutil.rmtree(directory, ignore_errors=True)
    return 0


def _wait_for_end(server: subprocess.Popen[bytes], parent: int) -> None:
    """Returns when the server ended, the pipe closed, or the parent changed (a fork may hold the pipe open)."""
    while server.poll() is None and os.getppid() == parent and not _told_to_end:
        readable, _, _ = select.select([sys.stdin], [], [], _POLL)
        if readable and not os.read(sys.stdin.fileno(), 1024):
            return


def _stop(server: subprocess.Popen[bytes]) -> None:
    for sign in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        if server.poll() is not None:
            return
        server.send_signal(sign)
        try:
            server.wait(_FAST_SHUTDOWN)
        except subprocess.TimeoutExpired:
            continue


def _environment() -> dict[str, str]:
    """PGDATA, PGPORT and the like of the caller must not reach the server."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PG", "LC_", "LANG"))}
    return kept | {"LC_ALL": "C"}


if __name__ == "__main__":
    # Ctrl-C in a terminal reaches the whole group: the parent decides, and its end closes the pipe.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for sign in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(sign, lambda number, _: _told_to_end.append(number))
    sys.exit(main(sys.argv[1:]))
