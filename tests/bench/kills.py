"""SIGKILL two hundred times at random moments: what was lost, what came twice."""

from __future__ import annotations

import random
import tempfile
import threading
import time
from pathlib import Path

from bot.demo import acts
from bot.demo.standin import Message
from tests.process.running import Running, running

KILLS = 200


def run() -> list[tuple[str, float, str]]:
    """Acknowledged clicks that were lost, and messages that stand twice, after KILLS kills."""
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as bot:
        bot.begins()
        dashboard = bot.started()
        section = acts.section_of(dashboard, "Testing")
        value = next(block["accessory"]["value"] for block in section.blocks() if "accessory" in block)
        lost = sum(_kill_once(bot, section, value, random.Random(number)) for number in range(KILLS))
        time.sleep(3)
        channel = bot.slack.transcript("#deploys").count("Production · migrations 00008–00010")
        return [
            ("kills", KILLS, ""),
            ("acknowledged clicks lost", lost, ""),
            ("messages that stand twice in the thread", len(bot.doubled(dashboard)), ""),
            ("dashboards in the channel", channel, ""),
        ]


def _kill_once(bot: Running, section: Message, value: str, chance: random.Random) -> bool:
    """One tick or undo with a kill around it; whether an acknowledged one is missing afterwards."""
    before = _is_done(section)
    killer = threading.Timer(chance.uniform(0.0, 0.3), bot.process.kill)
    killer.start()
    warning = bot.slack.click("ann", section, "undo" if before else "tick", value)
    killer.join()
    bot.process.start()
    bot.hears()
    return not warning and not _becomes(section, done=not before)


def _is_done(section: Message) -> bool:
    return "Run all migrations on test database" not in section.text()


def _becomes(section: Message, *, done: bool) -> bool:
    ends = time.monotonic() + 20
    while _is_done(section) is not done:
        if time.monotonic() > ends:
            return False
        time.sleep(0.1)
    return True
