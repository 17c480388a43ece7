"""A refusal with what helps: the same decision offered anew about today's subject, and the way to the thread."""

from __future__ import annotations

from bot.slack.click import Click
from bot.slack.dispatch import Declined, project_of
from bot.slack.links import permalinks
from bot.slack.places import Told
from bot.slack.services import Services
from bot.usecases import views
from bot.usecases.facts import Verb
from bot.usecases.post_ports import PostReader

_ROLES = frozenset({Verb.SIGN, Verb.SECOND})


def declined(services: Services, click: Click, verdict: Declined) -> Told:
    """What the person is told about a click that was not recorded."""
    if not verdict.offer_again:
        return Told({"text": verdict.sentence})
    return services.store.read(lambda reader: _offered(reader, services, click, verdict.sentence))


def _offered(reader: PostReader, services: Services, click: Click, text: str) -> Told:
    target = click.target
    links = permalinks(reader, services.who.url, [target.deployment])
    facts: dict[str, object] = {"text": text, "permalink": links.get(target.deployment, "")}
    subject = _subject(reader, services, click)
    if subject:
        offer = {"verb": click.verb, "deployment": target.deployment, "role": target.role, "subject": subject}
        facts["offers"] = [offer]
    return Told(facts)


def _subject(reader: PostReader, services: Services, click: Click) -> str:
    """What this decision would decide now; empty where a look at the facts comes first."""
    if click.verb not in _ROLES or not click.target.role:
        return ""
    project = project_of(reader, services, click)
    target = click.target
    return views.sign_off(reader, project, target.deployment, target.role, services.clock()).subject
