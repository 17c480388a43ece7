"""A refusal with what helps: the same decision offered anew about today's subject, and the way to the thread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.core.deployment import State
from bot.slack.click import Click
from bot.slack.dispatch import Declined, project_of, team_of
from bot.slack.links import permalinks
from bot.slack.places import Told
from bot.slack.services import Services
from bot.usecases import views
from bot.usecases.post_ports import PostReader
from bot.usecases.verb import Verb

_ROLES = frozenset({Verb.SIGN, Verb.SECOND})


def declined(services: Services, click: Click, verdict: Declined) -> Told:
    """What the person is told about a click that was not recorded."""
    return services.store.read(lambda reader: _declined(reader, services, click, verdict))


def _declined(reader: PostReader, services: Services, click: Click, verdict: Declined) -> Told:
    if click.verb == Verb.START:
        return _held(reader, services, click, verdict.sentence)
    subject = _subject(reader, services, click) if verdict.offer_again else ""
    target = click.target
    offer = {"verb": click.verb, "deployment": target.deployment, "role": target.role, "subject": subject}
    return _told(reader, services, verdict.sentence, target.deployment, [offer] if subject else [])


def _held(reader: PostReader, services: Services, click: Click, text: str) -> Told:
    """A start that another deployment stands in the way of: the way there, and what to do about it."""
    name = click.target.extra or services.main.name
    holder = reader.deployments.holder(team_of(services, click), name, click.text("environment"))
    if holder is None:
        return Told({"text": text})
    verbs = [Verb.JOIN, Verb.TAKE_OVER, *([Verb.PARK] if holder.state is State.PREPARING else [])]
    return _told(reader, services, text, holder.id, [{"verb": str(verb), "deployment": holder.id} for verb in verbs])


def _told(
    reader: PostReader, services: Services, text: str, deployment_id: str, offers: Sequence[Mapping[str, str]]
) -> Told:
    links = permalinks(reader, services.who.url, [deployment_id])
    return Told({"text": text, "permalink": links.get(deployment_id, ""), "offers": list(offers)})


def _subject(reader: PostReader, services: Services, click: Click) -> str:
    """What this decision would decide now; empty where a look at the facts comes first."""
    if click.verb not in _ROLES or not click.target.role:
        return ""
    project = project_of(reader, services, click)
    target = click.target
    return views.sign_off(reader, project, target.deployment, target.role, services.clock()).subject
