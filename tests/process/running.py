"""`gonogo run` as a process of its own against a stand-in in the test's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.demo.bot_process import BotProcess
from bot.demo.standin import Message, StandIn
from tests.journeys.troupe import PACE, TEAM, with_people


class Running:
    """A bot process, its stand-in, and the folder with its state."""

    def __init__(self, slack: StandIn, folder: Path) -> None:
        self.slack, self.folder = slack, folder
        settings = folder / "gonogo.toml"
        settings.write_text(TEAM + PACE, encoding="utf-8")
        self.process = BotProcess(settings, slack.environment(), folder / "bot.log")

    def begins(self) -> Running:
        self.process.start()
        self.hears()
        return self

    def hears(self) -> None:
        try:
            self.slack.wait_connected(timeout=30)
        except TimeoutError:
            raise AssertionError(f"the bot never connected:\n{self.process.last_words()}") from None

    def started(self) -> Message:
        """A production deployment that Ann has started."""
        ann = self.slack.person("ann")
        ann.types("/deploy start production 00008-00010")
        return ann.sees("#deploys", "Production · migrations 00008–00010", timeout=30)

    def doubled(self, dashboard: Message) -> list[str]:
        """First lines of messages that stand in the thread more than once; private answers may be alike."""
        public = (reply for reply in dashboard.thread.replies() if reply.posted.ephemeral_to is None and reply.lines())
        firsts = Counter(reply.lines()[0].split("   ")[0] for reply in public)
        return [line for line, count in firsts.items() if count > 1]


@contextmanager
def running(folder: Path) -> Iterator[Running]:
    with StandIn.start(None) as slack:
        started = Running(with_people(slack), folder)
        try:
            yield started
        finally:
            started.process.kill()
