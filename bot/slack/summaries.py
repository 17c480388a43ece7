"""Where deployments stand and what they lack, as messages told privately: from buttons, commands and mentions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.core.deployment import Deployment
from bot.slack.dispatch import project_of
from bot.slack.inbound.click import Click
from bot.slack.messages.blocks import Rendered
from bot.slack.messages.direct import home, status
from bot.slack.messages.direct.status import History, Status
from bot.slack.places import permalinks
from bot.slack.services import Services
from bot.usecases import views
from bot.usecases.post_ports import PostReader

SHOWN = 15


def missing(reader: PostReader, services: Services, click: Click) -> Rendered:
    """The answer of *What is missing?* Raises Refused for an unknown deployment."""
    project = project_of(reader, services, click)
    return status.blockers_render(views.dashboard(reader, project, click.target.deployment, services.clock()))


def standing(reader: PostReader, services: Services, click: Click) -> Rendered:
    """The answer of *Status*, about every open deployment where the click names none. Raises Refused."""
    project_of(reader, services, click)
    one = reader.deployments.find(click.target.deployment)
    return status_of(reader, services, (one,) if one else reader.deployments.open())


def status_of(reader: PostReader, services: Services, found: Sequence[Deployment]) -> Rendered:
    """The same about some deployments."""
    known = [one for one in found if one.project in services.projects]
    now = services.clock()
    facts = tuple(views.dashboard(reader, services.projects[one.project], one.id, now) for one in known)
    return status.render(Status(facts, permalinks(reader, services.who.url, [one.id for one in known])))


def mine_of(reader: PostReader, services: Services, who: str) -> Rendered:
    """The answer of *mine*: what waits for this person, and what they deploy."""
    facts = views.home(reader, services.projects, who, services.clock())
    own = {one.id for one in views.deployments_of(reader, who)}
    links = permalinks(reader, services.who.url, own)
    shown = tuple(each for each in facts.open if each.deployment.id in own)
    return home.mine_render(replace(facts, open=shown, permalinks=links))


def history_of(reader: PostReader, services: Services, environment: str) -> Rendered:
    """The answer of *history*."""
    found = views.past(reader, SHOWN, environment)
    return status.past_render(
        History(found, permalinks(reader, services.who.url, [one.deployment.id for one in found]))
    )
