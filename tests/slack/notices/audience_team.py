"""A team that tells a support desk, its management and Pia, on a clock that people can move."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any

from bot_under_test import BotUnderTest, Waiting, deployment_of

from bot.usecases.act import Act
from bot.usecases.lifecycle.go import open_deploying
from bot.usecases.situation.judging import load

MakeBot = Callable[..., BotUnderTest]
NIGHT = (time(20), time(8))
TUESDAY = datetime(2026, 11, 24, 12, tzinfo=UTC)


class Moved(Waiting):
    """The publisher's clock and the bot's, which stand at the same moment and are moved by hand."""

    def __init__(self) -> None:
        super().__init__()
        self._began = TUESDAY

    def to(self, moment: datetime) -> None:
        self._began = moment - timedelta(seconds=self.seconds())


class Told:
    """The bot, with what its deployers do."""

    def __init__(self, bot: BotUnderTest, clock: Moved) -> None:
        self.bot, self.clock = bot, clock

    def does(self, use_case: Callable[..., Any], *arguments: Any, who: str = "U0ANN") -> None:
        act = Act(who, self.clock.now(), deployment_of(self.bot).team)
        deployment = deployment_of(self.bot).id
        self.bot.store.write(lambda unit: use_case(unit, self.bot.project, act, deployment, *arguments))

    def goes(self) -> None:
        def work(unit: Any) -> None:
            act = Act("U0ANN", self.clock.now(), deployment_of(self.bot).team)
            open_deploying(unit, load(unit, self.bot.project, deployment_of(self.bot).id, act.at), act)

        self.bot.store.write(work)
