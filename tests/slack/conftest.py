from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.demo.standin import Person, StandIn, Timings

sys.path.insert(0, str(Path(__file__).parent))

from bot_under_test import BotUnderTest

MANIFEST = Path(__file__).parents[2] / "manifest.json"
MakeBot = Callable[..., BotUnderTest]


@pytest.fixture
def slack() -> Iterator[StandIn]:
    standin = StandIn.start(MANIFEST, timings=Timings(event_retries=(0.05, 0.1)))
    for name, real_name in (("ann", "Ann Keller"), ("bo", "Bo Larsen"), ("dana", "Dana Okafor"), ("ona", "Ona Reyes")):
        standin.add_person(name, real_name, id=f"U0{name.upper()}")
    standin.add_group("dba-team", ["dana"])
    yield standin
    threading.Thread(target=standin.stop, daemon=True).start()


@pytest.fixture
def ann(slack: StandIn) -> Person:
    return slack.person("ann")


@pytest.fixture
def bo(slack: StandIn) -> Person:
    return slack.person("bo")


@pytest.fixture
def dana(slack: StandIn) -> Person:
    return slack.person("dana")


@pytest.fixture
def make_bot(slack: StandIn, tmp_path: Path) -> Iterator[MakeBot]:
    """Builds a bot on the test's own state file; stops all of them at the end."""
    made: list[BotUnderTest] = []

    def make(**more: object) -> BotUnderTest:
        bot = BotUnderTest(slack, tmp_path / "gonogo.db", **more)  # type: ignore[arg-type]
        made.append(bot)
        return bot

    yield make
    for bot in made:
        bot.stop_in_background()


@pytest.fixture
def bot(make_bot: MakeBot) -> BotUnderTest:
    return make_bot().connected()
