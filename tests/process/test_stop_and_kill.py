"""The process itself: it stops politely, survives being killed, and starts while Slack is down."""

from __future__ import annotations

import random
import re
import sqlite3
import threading
import time

from bot.demo import acts
from tests.process.running import Running


def test_sigterm_ends_in_time_with_exit_code_0(bot: Running) -> None:
    bot.begins()
    dashboard = bot.started()
    begun = time.monotonic()
    assert bot.process.stop() == 0, bot.process.last_words()
    assert time.monotonic() - begun < 10
    assert "preparing" in dashboard.text()


def test_a_state_that_another_process_holds_is_a_line_in_the_log(bot: Running) -> None:
    bot.begins()
    dashboard = bot.started()
    held = sqlite3.connect(bot.folder / "gonogo.db", isolation_level=None, timeout=30)
    section = acts.section_of(dashboard, "Testing")
    bot.slack.person("bo").presses("Done", in_=section, beside="Run all migrations on test database")
    held.execute("BEGIN IMMEDIATE")
    log = bot.process.log
    acts.wait_until(lambda: "the state file is busy" in log.read_text(encoding="utf-8"), "the line in the log")
    held.execute("COMMIT")
    section.becomes("1 done", timeout=30)
    assert "Traceback" not in log.read_text(encoding="utf-8")


def test_it_starts_while_slack_is_down(bot: Running) -> None:
    bot.slack.faults.down()
    bot.process.start()
    time.sleep(2)
    assert bot.process.running, bot.process.last_words()
    bot.slack.faults.up()
    bot.hears()
    assert bot.started()


def test_a_second_bot_on_the_same_state_is_kept_out_with_a_sentence(bot: Running) -> None:
    bot.begins()
    second = Running(bot.slack, bot.folder)
    second.process.log = bot.folder / "second.log"
    second.process.start()
    assert second.process.process is not None
    assert second.process.process.wait(40) == 2
    assert re.search(r"gonogo: .*(runs|running|another)", second.process.last_words())


def test_killed_at_random_moments_nothing_is_lost_and_nothing_doubled(bot: Running) -> None:
    bot.begins()
    dashboard = bot.started()
    sections = [acts.section_of(dashboard, title) for title in ("Development Environment", "Pre-Deployment Checks")]
    lines = [(section, line) for section in sections for line in section.lines() if "○ open" in line]
    chance, heard = random.Random(20261122), []
    for section, line in lines[:6]:
        label = line.split("open", 1)[1].split(" · ")[0].strip()
        killer = threading.Timer(chance.uniform(0.0, 0.25), bot.process.kill)
        killer.start()
        warning = bot.slack.person("ann").presses("Done", in_=section, beside=label)
        killer.join()
        heard += [] if warning else [(section, label)]
        bot.process.start()
        bot.hears()
        time.sleep(0.3)
    for section, label in heard:
        acts.wait_until(lambda section=section, label=label: label not in section.text(), f"“{label}” being kept", 30)  # type: ignore[misc]
    assert bot.doubled(dashboard) == []
    assert bot.slack.transcript("#deploys").count("Production · migrations 00008–00010") == 1
