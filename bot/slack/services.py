"""What listeners work with, and what a verb is to them. Built once, in `bot/app.py`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.core.policy import Project
from bot.slack.calling import Clients
from bot.slack.identity import WhoAmI
from bot.slack.inbound.click import Asked, Click
from bot.slack.messages.blocks import Rendered
from bot.slack.messages.forms.reason import Why
from bot.slack.outbound.pace import Echoes
from bot.slack.people.directory import Directory
from bot.usecases.act import Act, Answer
from bot.usecases.ports import Unit
from bot.usecases.post_ports import PostReader, Store

View = dict[str, Any]
Handler = Callable[[Unit, Project, Act, Click], Answer]
Opener = Callable[[PostReader, Project, Click, datetime], View]
Summary = Callable[[PostReader, "Services", Click], Rendered]
Answering = Callable[["Services", Asked], Rendered | None]


@dataclass(frozen=True)
class Command:
    """A slash command, the same after a mention. It acts like the verb's button on the deployment that is meant.

    `usage` is what may follow its name, `about` its line of help ({command} in it is the configured name); one without
    stands at the end of help. `done` is told where the use case says nothing. `answer` is for a command that is about
    more or other than one deployment.
    """

    name: str
    about: str = ""
    usage: str = ""
    done: str = ""
    answer: Answering | None = None


@dataclass(frozen=True)
class VerbRow:
    """All there is to a verb beyond its words: `act` is the use case, `command` the slash command.

    `form` is what its button opens, `why` the words of a form that asks for nothing but a reason. `shows` tells
    privately what it read. `names_project`: the target's `extra` is a project. `offered_anew`: where the subject moved
    on, the refusal brings the same decision about today's. `expires`: what changes a deployment's life is meant now or
    not at all, so a click that waited for a membership ends after minutes.
    """

    act: Handler | None = None
    form: Opener | None = None
    why: Why | None = None
    shows: Summary | None = None
    command: Command | None = None
    names_project: bool = False
    offered_anew: bool = False
    expires: bool = False


_NO_ROW = VerbRow()


@dataclass(frozen=True)
class Services:
    """`projects` by name, the unnamed one is `default`. `verbs` has the row of each verb."""

    store: Store
    projects: Mapping[str, Project]
    clients: Clients
    who: WhoAmI
    directory: Directory
    echoes: Echoes
    clock: Callable[[], datetime]
    verbs: Mapping[str, VerbRow]

    def row(self, verb: str) -> VerbRow:
        """An empty row for a word that an old message still carries."""
        return self.verbs.get(verb, _NO_ROW)

    @property
    def main(self) -> Project:
        """The project meant where none is named."""
        return self.projects.get("default") or next(iter(self.projects.values()))

    @property
    def command(self) -> str:
        """The slash command's name, with its slash."""
        return self.main.command
