"""Another process holds the state for five seconds: every click is acknowledged and told, and none is half recorded."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot_under_test import BotUnderTest, deployment_of, eventually, started

from bot.demo.standin import Person, StandIn
from bot.slack.inbound.dispatch import CHECKING
from bot.slack.inbound.faults import BUSY

MIGRATED = "Run all migrations on test database"
HOLDER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=30)
connection.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.readline()
connection.execute("COMMIT")
"""


@contextmanager
def busy(file: Path) -> Iterator[None]:
    """Another process has begun to write, and does not end."""
    held = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert held.stdout
    assert held.stdout.readline() == "held\n"
    try:
        yield
    finally:
        held.communicate("go on\n")


def decisions(bot: BotUnderTest) -> int:
    return len(bot.store.read(lambda reader: reader.decisions.of(deployment_of(bot).id)))


def test_a_press_is_acknowledged_in_time_and_told_and_the_next_is_recorded(
    bot: BotUnderTest, ann: Person, tmp_path: Path
) -> None:
    section = started(bot, ann).sees("Testing")
    until = time.monotonic() + 5
    with busy(tmp_path / "gonogo.db"):
        for _ in range(2):
            pressed = time.monotonic()
            assert ann.presses("Done", in_=section, beside=MIGRATED) is None
            assert time.monotonic() - pressed < 3
            form = ann.modal()
            assert BUSY in form.text()
            form.cancel()
        time.sleep(max(0.0, until - time.monotonic()))
    assert decisions(bot) == 0
    ann.presses("Done", in_=section, beside=MIGRATED)
    section.becomes("✓ 1 done")
    assert decisions(bot) == 1


def test_a_command_a_mention_and_a_form_are_told_where_they_were_made(
    bot: BotUnderTest, slack: StandIn, ann: Person, tmp_path: Path
) -> None:
    thread = started(bot, ann)
    ann.types("/deploy abort")
    form = ann.modal("Abort")
    form.fill("Why?", "a long story that nobody types twice")
    with busy(tmp_path / "gonogo.db"):
        assert form.submit() == {"Why?": BUSY}
        assert ann.modal("Abort").value("Why?") == "a long story that nobody types twice"
        assert ann.types("/deploy join") == BUSY
        ann.says("@gonogo join", in_thread=thread)
        ann.hears(BUSY)
        ann.says("join", in_="@gonogo")
        ann.sees("@gonogo", BUSY)
    assert ann.modal("Abort").submit() is None
    assert eventually(lambda: not bot.store.read(lambda reader: reader.deployments.open()))
    assert CHECKING not in "\n".join(ann.told())


def test_a_click_that_waits_for_a_membership_is_settled_when_the_state_is_free(
    bot: BotUnderTest, slack: StandIn, ann: Person, tmp_path: Path
) -> None:
    """Whether Slack answers while the state is busy, or the click is to be judged then."""
    section = started(bot, ann).sees("Testing")
    nia = slack.add_person("nia", "Nia Newcomer")
    slack.faults.late("users.info", 1.0)
    nia.presses("Done", in_=section, beside=MIGRATED)
    with busy(tmp_path / "gonogo.db"):
        time.sleep(4)
        assert decisions(bot) == 0
    section.becomes("✓ 1 done", timeout=15)
    assert bot.store.read(lambda reader: reader.clicks.waiting()) == ()


def test_what_nobody_wrote_is_brought_again_and_not_lost(
    bot: BotUnderTest, slack: StandIn, ann: Person, dana: Person, tmp_path: Path
) -> None:
    slack.timings.event_retries = (0.2, 0.2, 0.2, 0.2)
    started(bot, ann)
    assert eventually(lambda: bot.store.read(lambda reader: reader.people.group("@dba-team")).user_ids)
    with busy(tmp_path / "gonogo.db"):
        slack.set_group("dba-team", ["bo"])
        dana.opens_home()
        time.sleep(2)
    assert eventually(lambda: bot.store.read(lambda reader: reader.people.group("@dba-team")).user_ids == {"U0BO"})
    dana.home("Open deployments")
