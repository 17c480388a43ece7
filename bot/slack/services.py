"""What listeners work with. Built once, in `bot/app.py`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.core.policy import Project
from bot.slack.click import Click
from bot.slack.client import Clients
from bot.slack.directory import Directory
from bot.slack.echoes import Echoes
from bot.slack.identity import WhoAmI
from bot.usecases.act import Act, Answer
from bot.usecases.ports import Unit
from bot.usecases.post_ports import Store

Handler = Callable[[Unit, Project, Act, Click], Answer]


@dataclass(frozen=True)
class Services:
    """`projects` by name, the unnamed one is `default`. `handlers` says which use case a verb is."""

    store: Store
    projects: Mapping[str, Project]
    clients: Clients
    who: WhoAmI
    directory: Directory
    echoes: Echoes
    clock: Callable[[], datetime]
    handlers: Mapping[str, Handler]

    @property
    def main(self) -> Project:
        """The project meant where none is named."""
        return self.projects.get("default") or next(iter(self.projects.values()))

    @property
    def command(self) -> str:
        """The slash command's name, with its slash."""
        return self.main.command
