"""SIGKILL two hundred times at random moments: what was lost, what came twice."""

from __future__ import annotations

import random
import tempfile
import threading
import time
from pathlib import Path

from bot.demo.standin import Message
from tests.process.running import Running, running

KILLS = 200


def run() -> list[tuple[str, float, str]]:
    """Acknowledged clicks that were lost, and messages that stand twice, after KILLS kills."""
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as bot:
        bot.begins()
        dashboard = bot.started()
        section = dashboard.thread.sees("Testing", timeout=60)
        lost = sum(_kill_once(bot, section, random.Random(number)) for number in range(KILLS))
        time.sleep(3)
        channel = bot.slack.transcript("#deploys").count("Production · migrations 00008–00010")
        return [
            ("kills", KILLS, ""),
            ("acknowledged clicks lost", lost, ""),
            ("messages that stand twice in the thread", len(bot.doubled(dashboard)), ""),
            ("dashboards in the channel", channel, ""),
        ]


def _kill_once(bot: Running, section: Message, chance: random.Random) -> bool:
    """One tick or undo with a kill around it; whether an acknowledged one is missing afterwards."""
    label = "Create test database"
    before = _is_done(section, label)
    killer = threading.Timer(chance.uniform(0.0, 0.3), bot.process.kill)
    killer.start()
    warning = bot.slack.person("ann").presses("Undo" if before else "Done", in_=section, beside=label)
    killer.join()
    bot.process.start()
    bot.hears()
    return not warning and not _becomes(section, label, done=not before)


def _is_done(section: Message, label: str) -> bool:
    return any(label in line and "✓" in line for line in section.lines())


def _becomes(section: Message, label: str, *, done: bool) -> bool:
    ends = time.monotonic() + 20
    while _is_done(section, label) is not done:
        if time.monotonic() > ends:
            return False
        time.sleep(0.1)
    return True
