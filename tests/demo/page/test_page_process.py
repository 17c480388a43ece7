"""`gonogo demo` as a process: its three lines, its end by Ctrl-C, and what a kill leaves for the next start."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

import pytest

from bot.demo import stage
from bot.demo.serving import listen
from tests.demo.page.browser import Demo, running_demo, start_demo, temp_folder

pytestmark = pytest.mark.timeout(600)


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


def test_ctrl_c_stops_all_and_leaves_nothing() -> None:
    with temp_folder() as temp, running_demo(temp) as demo:
        assert demo.process.stdout is not None
        bot = wait_for_bot(demo)
        assert "the page says when they are ready" in demo.process.stdout.readline()
        assert "Ctrl-C" in demo.process.stdout.readline()
        assert b"gonogo local workspace" in urllib.request.urlopen(demo.address, timeout=10).read()
        assert demo.interrupt(10.0) == 0
        assert (demo.leftovers(), servers_in(demo.temp), is_alive(bot)) == ([], [], False)


def test_ctrl_c_while_the_databases_start() -> None:
    with temp_folder() as temp, running_demo(temp) as demo:
        time.sleep(1.0)
        assert demo.interrupt(10.0) == 0
        deadline = time.monotonic() + 20
        while servers_in(demo.temp) and time.monotonic() < deadline:
            time.sleep(0.1)  # the supervisors of half-started servers notice that nobody wants them
        assert servers_in(demo.temp) == []


def test_the_next_start_clears_what_a_kill_left() -> None:
    with temp_folder() as temp:
        with running_demo(temp) as first:
            bot = wait_for_bot(first)
            os.kill(first.process.pid, signal.SIGKILL)
            first.process.wait()
        left = first.leftovers()
        assert any(name.startswith(stage.PREFIX) for name in left)
        with running_demo(temp, int(re.findall(r"\d+$", first.address)[0])) as second:
            wait_for_bot(second)
            assert not is_alive(bot)
            assert not set(left) & set(second.leftovers())
            assert second.interrupt(10.0) == 0
        assert (second.leftovers(), servers_in(temp)) == ([], [])


def test_the_bot_is_started_again_when_it_dies() -> None:
    with temp_folder() as temp, running_demo(temp) as demo:
        first = wait_for_bot(demo)
        time.sleep(2.0)
        os.kill(first, signal.SIGKILL)
        deadline = time.monotonic() + 30
        while (second := wait_for_bot(demo)) == first and time.monotonic() < deadline:
            time.sleep(0.1)
        assert second != first and is_alive(second)


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
