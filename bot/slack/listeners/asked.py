"""What a command or a mention asks for, and which deployment it means."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.core.deployment import Deployment
from bot.core.refusal import Refused
from bot.slack.click import Click
from bot.slack.dispatch import team_of
from bot.slack.ids import Target
from bot.slack.messages.blocks import Rendered
from bot.slack.places import deployment_in_thread
from bot.slack.services import Services
from bot.usecases import views
from bot.usecases.post_ports import PostReader

_LABEL = re.compile(r"(?:(?P<project>[\w.-]+)/)?#?(?P<number>\d{1,9})")


@dataclass(frozen=True)
class Asked:
    """Words typed after the command's name or the bot's. `trigger_id` is empty where no form can be opened."""

    words: tuple[str, ...]
    who: str
    home_team: str
    at: datetime
    channel: str
    thread_ts: str = ""
    trigger_id: str = ""
    event_id: str = ""

    def click(self, verb: str, target: Target, **values: str) -> Click:
        """The same as a click."""
        return Click(
            verb,
            target,
            self.who,
            self.home_team,
            self.at,
            values={name: value for name, value in values.items() if value},
            channel=self.channel,
            thread_ts=self.thread_ts,
            event_id=self.event_id,
        )


@dataclass(frozen=True)
class Reply:
    """What is told at once, privately; None where a form or a repaint is the answer."""

    message: Rendered | None = None


def meant(reader: PostReader, services: Services, asked: Asked, words: Sequence[str]) -> tuple[Deployment, ...]:
    """The deployment that is named, or whose thread this is, or the person's own open ones, or all open ones.

    Raises Refused for a number that is no deployment.
    """
    for word in words:
        label = _LABEL.fullmatch(word)
        if label:
            return (_named(reader, services, asked, label["project"], int(label["number"])),)
    here = deployment_in_thread(reader, asked.channel, asked.thread_ts)
    if here:
        return (reader.deployments.get(here),)
    named = [one for one in reader.deployments.open() if one.environment in words]
    return tuple(named) or views.deployments_of(reader, asked.who) or reader.deployments.open()


def _named(reader: PostReader, services: Services, asked: Asked, project: str | None, number: int) -> Deployment:
    team = team_of(services, asked.click("", Target()))
    name = project or services.main.name
    found = reader.deployments.by_number(team, name, number)
    if found is None:
        raise Refused(f"There is no deployment {f'{project}/' if project else ''}{number}.")
    return found
