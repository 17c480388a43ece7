from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bot.storage import AlreadyRunning, process_lock

HOLD = """
import sys, pathlib
from bot.storage import process_lock
with process_lock(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.readline()
"""


def hold(state_file: Path) -> subprocess.Popen[str]:
    child = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(state_file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "held\n"
    return child


def test_a_second_process_is_told_who_runs(state_file: Path) -> None:
    child = hold(state_file)
    sentence = rf"process {child.pid} holds .*gonogo\.db\.lock\. Stop it first"
    with pytest.raises(AlreadyRunning, match=sentence), process_lock(state_file, wait_seconds=0.2):
        pass
    child.communicate("\n")
    with process_lock(state_file, wait_seconds=0):
        pass


def test_a_killed_process_leaves_no_lock(state_file: Path) -> None:
    child = hold(state_file)
    child.kill()
    child.communicate()
    with process_lock(state_file, wait_seconds=0):
        pass


def test_a_restart_waits_for_its_predecessor(state_file: Path) -> None:
    child = hold(state_file)
    assert child.stdin is not None
    child.stdin.write("\n")
    child.stdin.flush()
    with process_lock(state_file, wait_seconds=30):
        pass
    child.communicate()
