"""Where deployments stand and what they lack, as messages told privately: from buttons, commands and mentions."""

from __future__ import annotations

from collections.abc import Sequence

from bot.core.deployment import Deployment
from bot.slack.links import permalinks
from bot.slack.messages import blockers, status
from bot.slack.messages.blocks import Rendered
from bot.slack.messages.status import Status
from bot.slack.services import Services
from bot.usecases import views
from bot.usecases.post_ports import PostReader


def blockers_of(reader: PostReader, services: Services, deployment_id: str) -> Rendered:
    """The answer of *What is missing?*"""
    project = services.projects[reader.deployments.get(deployment_id).project]
    return blockers.render(views.dashboard(reader, project, deployment_id, services.clock()))


def status_of(reader: PostReader, services: Services, found: Sequence[Deployment]) -> Rendered:
    """The answer of *Status*."""
    known = [one for one in found if one.project in services.projects]
    now = services.clock()
    facts = tuple(views.dashboard(reader, services.projects[one.project], one.id, now) for one in known)
    return status.render(Status(facts, permalinks(reader, services.who.url, [one.id for one in known])))
