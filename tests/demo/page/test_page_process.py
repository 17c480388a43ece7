"""`gonogo demo` as a process: its three lines, its end by Ctrl-C, and what a kill leaves for the next start."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import pytest

from bot.demo import stage
from bot.demo.serving import listen
from tests.demo.page.browser import Demo, running_demo, start_demo, temp_folder

pytestmark = pytest.mark.timeout(600)
SOON = 60.0
"""Seconds until it counts as hanging; a busy machine is no fault."""


def wait_for_bot(demo: Demo, seconds: float = 240.0) -> int:
    """The bot's process number, once its websocket is up."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        for pid_file in demo.temp.glob(f"{stage.PREFIX}*/{stage.BOT_PID_FILE}"):
            return int(pid_file.read_text())
        time.sleep(0.1)
    raise AssertionError("the bot did not start")


def is_alive(pid: int) -> bool:
    try:
        return " Z " not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False


def servers_in(temp: Path) -> list[str]:
    """Command lines of every process that works in this temp folder."""
    listed = subprocess.run(["ps", "-eo", "args="], capture_output=True, text=True, check=True).stdout
    return [line for line in listed.splitlines() if str(temp) in line]


def test_ctrl_c_while_the_databases_start() -> None:
    with temp_folder() as temp, running_demo(temp) as demo:
        time.sleep(1.0)
        assert demo.interrupt(SOON) == 0
        deadline = time.monotonic() + 20
        while servers_in(demo.temp) and time.monotonic() < deadline:
            time.sleep(0.1)  # the supervisors of half-started servers notice that nobody wants them
        assert servers_in(demo.temp) == []


def test_the_next_start_clears_what_a_kill_left_and_ctrl_c_leaves_nothing() -> None:
    with temp_folder() as temp:
        with running_demo(temp) as first:
            bot = wait_for_bot(first)
            os.kill(first.process.pid, signal.SIGKILL)
            first.process.wait()
        left = first.leftovers()
        assert any(name.startswith(stage.PREFIX) for name in left)
        with running_demo(temp, int(re.findall(r"\d+$", first.address)[0])) as second:
            assert second.process.stdout is not None
            again = wait_for_bot(second)
            assert not is_alive(bot)
            assert not set(left) & set(second.leftovers())
            assert "the page says when they are ready" in second.process.stdout.readline()
            assert "Ctrl-C" in second.process.stdout.readline()
            assert b"gonogo local workspace" in urllib.request.urlopen(second.address, timeout=10).read()
            assert second.interrupt(SOON) == 0
        assert (second.leftovers(), servers_in(temp), is_alive(again)) == ([], [], False)


ASKED = """
import asyncio, socket, sys, time, urllib.request
from pathlib import Path
from nicegui import Client, core
from bot.demo.local import LocalWorkspace
from bot.demo.page.app import page_app
from bot.demo.standin.web import Server
listening = socket.create_server(("127.0.0.1", 0))
port = listening.getsockname()[1]
Server(page_app(LocalWorkspace(Path(sys.argv[1]), f"http://127.0.0.1:{port}/slack")), listening).start()
for request in sys.stdin.read().split("~"):
    with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
        client.sendall(request.replace("\\n", "\\r\\n").encode())
        print("" if request.endswith("half") else client.recv(40).decode().split("\\r\\n")[0])
# No browser ever came for the page: NiceGUI forgets it after a minute, here at once.
core.loop.call_soon_threadsafe(lambda: Client.prune_instances(client_age_threshold=-1))
time.sleep(0.3)
print("still here:", urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=20).status)
"""
REQUESTS = {
    "GET / HTTP/1.1\nHost: x\n\n": "HTTP/1.1 200 OK",
    "POST / HTTP/1.1\nHost: x\nContent-Length: 0\n\n": "HTTP/1.1 405 Method Not Allowed",
    "BREW / HTTP/1.1\nHost: x\n\n": "HTTP/1.1 400 Bad Request",
    "GET /nowhere HTTP/1.1\nHost: x\n\n": "HTTP/1.1 404 Not Found",
    "GET /slack/link/ HTTP/1.1\nHost: x\n\n": "HTTP/1.1 404 Not Found",
    "POST /slack/api/chat.postMessage HTTP/1.1\nHost: x\nContent-Length: 100\n\nhalf": "",
    f"GET / HTTP/1.1\nHost: x\nX: {'a' * 300_000}\n\n": "HTTP/1.1 200 OK",
    "\x16\x03\x01 no HTTP\n\n": "HTTP/1.1 400 Bad Request",
}


def test_whatever_asks_the_page_s_server_is_answered_without_a_trace(tmp_path: Path) -> None:
    command = [sys.executable, "-c", ASKED, str(tmp_path)]
    done = subprocess.run(command, input="~".join(REQUESTS), capture_output=True, text=True, check=True, timeout=60)
    *answers, last = done.stdout.splitlines()
    assert answers == list(REQUESTS.values())
    assert last == "still here: 200"
    assert not [line for line in done.stderr.splitlines() if not line.endswith("not found")], done.stderr


def test_a_port_that_is_taken_is_refused_with_a_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, temp_folder() as temp:
        port = taken.getsockname()[1]
        with pytest.raises(AssertionError, match="no address"):
            start_demo(temp, port)
        assert list(temp.iterdir()) == []


def test_the_next_free_port_is_taken() -> None:
    with listen(None) as first, listen(None) as second:
        assert second.getsockname()[1] > first.getsockname()[1]


def test_a_folder_in_use_is_not_swept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with stage.own_folder() as used:
        left = tmp_path / f"{stage.PREFIX}left"
        left.mkdir()
        (left / stage.OWNER_FILE).touch()
        assert stage.sweep() == [left]
        assert used.is_dir()
    assert list(tmp_path.iterdir()) == []
