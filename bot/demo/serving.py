"""One port for all: the page at `/`, the stand-in's Web API and Socket Mode; and an orderly end."""

from __future__ import annotations

import errno
import logging
import os
import signal
import socket
import sys
import threading
from pathlib import Path

from bot.demo.local import LocalWorkspace
from bot.demo.stage import own_folder, sweep
from bot.demo.standin.web import Server
from checks.base import CannotRun

HOST = "127.0.0.1"
FIRST_PORT = 8080
TRIED_PORTS = 50
logger = logging.getLogger(__name__)


def serve(port: int | None) -> int:
    """Runs the local workspace until SIGINT or SIGTERM; the exit code. A port that is asked for has to be free."""
    stopping = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stopping.set())
    sweep()
    try:
        listening = listen(port)
    except OSError as error:
        print(
            f"gonogo: port {port} cannot be used ({error.strerror}); leave --port out for a free one", file=sys.stderr
        )
        return 2
    with own_folder() as folder:
        code, is_finished = _serve_in(folder, listening, stopping)
    if not is_finished:
        sys.stdout.flush()
        os._exit(code)  # waits for no half-started database; its supervisor ends it with this process
    return code


def listen(port: int | None) -> socket.socket:
    """A listening socket: on this port, or (None) on 8080 or the next that is free. Raises OSError."""
    if port is not None:
        return _bound(port)
    for candidate in range(FIRST_PORT, FIRST_PORT + TRIED_PORTS):
        try:
            return _bound(candidate)
        except OSError as error:
            if error.errno not in (errno.EADDRINUSE, errno.EACCES):
                raise
    return _bound(0)


def _bound(port: int) -> socket.socket:
    """`create_server` sets SO_REUSEADDR, so a demo that was killed does not keep its port."""
    return socket.create_server((HOST, port))


def _serve_in(folder: Path, listening: socket.socket, stopping: threading.Event) -> tuple[int, bool]:
    """The exit code, and whether nothing is being started any more."""
    address = f"http://{HOST}:{listening.getsockname()[1]}"
    workspace = LocalWorkspace(folder, f"{address}/slack")
    faults: list[str] = []
    opening = threading.Thread(target=_open, args=(workspace, faults, stopping), name="opening", daemon=True)
    opening.start()
    from bot.demo.page.app import page_app  # takes a second, in which the databases start

    server = Server(page_app(workspace), listening)
    server.start()
    _greet(address)
    stopping.wait()
    print("\nStopping …", flush=True)
    workspace.close(opening)
    server.stop()
    for fault in faults:
        print(f"gonogo: {fault}", file=sys.stderr)
    return (1 if faults else 0), not opening.is_alive()


def _open(workspace: LocalWorkspace, faults: list[str], stopping: threading.Event) -> None:
    """On its own thread, so that the page is there at once and Ctrl-C works meanwhile."""
    try:
        workspace.open()
    except (CannotRun, TimeoutError, FileNotFoundError) as fault:
        _give_up(str(fault), faults, stopping)
    except Exception:
        if not stopping.is_set():  # else the ground was taken away under it, as it should be
            logger.exception("the workspace could not be opened")
        _give_up("the workspace could not be opened; see above", faults, stopping)


def _give_up(sentence: str, faults: list[str], stopping: threading.Event) -> None:
    if not stopping.is_set():
        faults.append(sentence)
        stopping.set()


def _greet(address: str) -> None:
    print(f"gonogo's local workspace: {address}", flush=True)
    print("Sample databases and the real bot are starting; the page says when they are ready.", flush=True)
    print("Stop it with Ctrl-C: nothing stays behind.", flush=True)
