"""What commands answer: messages from facts, forms, a choice of deployments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from bot.core.deployment import Deployment
from bot.core.refusal import Refused
from bot.slack.click import Click
from bot.slack.dispatch import CHECKING, Declined, Waiting, judge, told_of
from bot.slack.ids import Target
from bot.slack.links import permalinks
from bot.slack.listeners.asked import Asked, Reply, meant
from bot.slack.listeners.buttons import view_of
from bot.slack.messages import picker, private
from bot.slack.messages.blocks import Rendered, rendered, section
from bot.slack.messages.mrkdwn import day_and_time, link, user
from bot.slack.messages.picker import Picker
from bot.slack.messages.words import state_word, titled
from bot.slack.offers import declined
from bot.slack.opening import opener_of
from bot.slack.sending_forms import open_form
from bot.slack.services import Services
from bot.slack.summaries import blockers_of, status_of
from bot.usecases import views
from bot.usecases.facts import Verb
from bot.usecases.post_ports import PostReader

Answering = Callable[[Services, Asked], Reply]
SHOWN = 15
NONE_OPEN = "No deployment is open. `{command} start production` starts one."
PRESS = "Press the button: a form opens."


def told(text: str) -> Reply:
    return Reply(private.say(text))


def start(services: Services, asked: Asked) -> Reply:
    """`start ENVIRONMENT [RANGE] [PROJECT]`; a form where the environment or a range it needs is missing."""
    names = [word for word in asked.words[1:] if word in services.projects]
    rest = [word for word in asked.words[1:] if word not in names]
    project = services.projects[names[0]] if names else services.main
    environment, range_text = (rest[0] if rest else ""), " ".join(rest[1:])
    click = asked.click(Verb.START, Target(extra=project.name), environment=environment, range=range_text)
    is_clear = bool(environment) and (project.has_migrations or bool(range_text))
    return judged(services, click) if is_clear else _form(services, asked, click)


def delegate(services: Services, asked: Asked) -> Reply:
    """`delegate [PROJECT]`: a form."""
    name = next((word for word in asked.words[1:] if word in services.projects), services.main.name)
    return _form(services, asked, asked.click(Verb.DELEGATE, Target(extra=name)))


def form(verb: Verb) -> Answering:
    """A command that opens the form of a verb for one deployment."""

    def answering(services: Services, asked: Asked) -> Reply:
        return _for_one(services, asked, verb, lambda one: _form(services, asked, asked.click(verb, Target(one.id))))

    return answering


def act(verb: Verb, done: str) -> Answering:
    """A command that acts at once on one deployment; `done` is said where the use case says nothing."""

    def answering(services: Services, asked: Asked) -> Reply:
        return _for_one(services, asked, verb, lambda one: judged(services, asked.click(verb, Target(one.id)), done))

    return answering


def judged(services: Services, click: Click, done: str = "") -> Reply:
    """Judges and tells at once."""
    verdict = judge(services, click)
    if isinstance(verdict, Declined):
        return Reply(private.render(declined(services, click, verdict).facts))
    if isinstance(verdict, Waiting):
        return told(CHECKING)
    answer = replace(verdict.answer, text=verdict.answer.text or done)
    return Reply(private.render(told_of(answer).facts)) if answer.text else Reply()


def _form(services: Services, asked: Asked, click: Click) -> Reply:
    opener = opener_of(click.verb)
    if opener is None or not asked.trigger_id:
        return _offered(click)
    try:
        view = services.store.read(lambda reader: view_of(reader, services, click, opener))
    except Refused as refusal:
        return told(refusal.sentence)
    failure = open_form(services.clients.opening, asked.trigger_id, view)
    return told(failure) if failure else Reply()


def _for_one(services: Services, asked: Asked, verb: Verb, then: Callable[[Deployment], Reply]) -> Reply:
    """Goes on with the one deployment that is meant, or lets the person choose."""
    try:
        found = services.store.read(lambda reader: meant(reader, services, asked, asked.words[1:]))
    except Refused as refusal:
        return told(refusal.sentence)
    if not found:
        return told(NONE_OPEN.format(command=services.command))
    return then(found[0]) if len(found) == 1 else Reply(picker.render(Picker(verb, found)))


def _offered(click: Click) -> Reply:
    """Where no form can be opened, the button that opens it."""
    target = click.target
    offer = {"verb": click.verb, "deployment": target.deployment, "extra": target.extra}
    return Reply(private.render({"text": PRESS, "offers": [offer]}))


def blocking(services: Services, asked: Asked) -> Reply:
    """What is missing for the next step of one deployment."""

    def read(one: Deployment) -> Reply:
        return Reply(services.store.read(lambda reader: blockers_of(reader, services, one.id)))

    return _for_one(services, asked, Verb.BLOCKERS, read)


def standing(services: Services, asked: Asked) -> Reply:
    """Where the deployment of this thread, of this number, or every open one stands."""

    def read(reader: PostReader) -> Rendered:
        is_named = len(asked.words) > 1 or asked.thread_ts
        found = meant(reader, services, asked, asked.words[1:]) if is_named else reader.deployments.open()
        return status_of(reader, services, found)

    return _reading(services, read)


def mine(services: Services, asked: Asked) -> Reply:
    """The person's own open deployments."""
    return _reading(services, lambda reader: status_of(reader, services, views.deployments_of(reader, asked.who)))


def history(services: Services, _asked: Asked) -> Reply:
    """The last deployments, newest first."""
    return _reading(services, lambda reader: _history(reader, services))


def _history(reader: PostReader, services: Services) -> Rendered:
    recent = reader.deployments.recent(SHOWN)
    links = permalinks(reader, services.who.url, [one.id for one in recent])
    lines = [_past(one, links.get(one.id, "")) for one in recent]
    return rendered("The last deployments", [section("\n".join(lines or ["There is none yet."]))])


def _past(deployment: Deployment, address: str) -> str:
    way = f" · {link(address, 'thread')}" if address else ""
    started = day_and_time(deployment.started_at)
    return f"{user(deployment.label)}  {titled(deployment)}  {state_word(deployment)} · started {started}{way}"


def _reading(services: Services, read: Callable[[PostReader], Rendered]) -> Reply:
    try:
        return Reply(services.store.read(read))
    except Refused as refusal:
        return told(refusal.sentence)
