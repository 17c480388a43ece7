"""What commands answer: messages from facts, forms, a choice of deployments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from bot.core.deployment import Deployment
from bot.core.refusal import Refused
from bot.slack.click import Click
from bot.slack.dispatch import CHECKING, Declined, Waiting, judge, told_of
from bot.slack.ids import Target
from bot.slack.listeners.asked import Asked, Reply, meant
from bot.slack.listeners.buttons import view_of
from bot.slack.listeners.delegating import BACK, wish
from bot.slack.messages import picker, private
from bot.slack.messages.blocks import Rendered
from bot.slack.messages.picker import Picker
from bot.slack.offers import declined
from bot.slack.opening import opener_of
from bot.slack.sending_forms import open_form
from bot.slack.services import Services
from bot.slack.summaries import blockers_of, history_of, mine_of, status_of
from bot.usecases.post_ports import PostReader
from bot.usecases.verb import Verb

Answering = Callable[[Services, Asked], Reply]
NONE_OPEN = "No deployment is open. `{command} start production` starts one."
PRESS = "Press the button: a form opens."


def told(text: str) -> Reply:
    return Reply(private.say(text))


def start(services: Services, asked: Asked) -> Reply:
    """`start ENVIRONMENT [RANGE] [PROJECT]`; a form where the environment or a range it needs is missing."""
    name, environment, range_text = _named(services, asked)
    project = services.projects[name]
    click = asked.click(Verb.START, Target(extra=project.name), environment=environment, range=range_text)
    is_clear = bool(environment) and (project.has_migrations or bool(range_text))
    return judged(services, click) if is_clear else _form(services, asked, click)


def delegate(services: Services, asked: Asked) -> Reply:
    """`delegate [PROJECT]`: a form; `delegate ROLE @SOMEBODY until DAY` and `delegate ROLE back` at once."""
    rest = [word for word in asked.words[1:] if word not in services.projects]
    name = next((word for word in asked.words[1:] if word in services.projects), services.main.name)
    if not rest:
        return _form(services, asked, asked.click(Verb.DELEGATE, Target(extra=name)))
    if len(rest) == 2 and rest[1].lower() == BACK:
        return judged(services, asked.click(Verb.TAKE_BACK, Target(role=rest[0], extra=name)))
    try:
        names = services.store.read(lambda reader: reader.people.names())
        meant_by = wish(rest, names, asked.at, services.projects[name].timezone)
    except Refused as refusal:
        return told(refusal.sentence)
    until = meant_by.until.isoformat()
    click = asked.click(Verb.DELEGATE, Target(extra=name), role=meant_by.role, to=meant_by.to, until=until)
    return judged(services, click)


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
    if isinstance(verdict, Declined) and verdict.wants_reason:
        return _offered(click, verdict.sentence)
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


def _offered(click: Click, text: str = PRESS) -> Reply:
    """Where no form can be opened, the button that opens it."""
    target = click.target
    offer = {"verb": click.verb, "deployment": target.deployment, "extra": target.extra}
    return Reply(private.render({"text": text, "offers": [offer]}))


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
    """What waits for this person, and their own open deployments."""
    return _reading(services, lambda reader: mine_of(reader, services, asked.who))


def history(services: Services, asked: Asked) -> Reply:
    """`history [ENVIRONMENT]`: the last deployments, newest first."""
    environment = asked.words[1] if len(asked.words) > 1 else ""
    return _reading(services, lambda reader: history_of(reader, services, environment))


def plan(services: Services, asked: Asked) -> Reply:
    """`plan ENVIRONMENT [RANGE] [PROJECT]`: asked here, answered privately when it is worked out."""
    project, environment, range_text = _named(services, asked)
    if not environment:
        return told(f"Say for which environment: `{services.command} plan production`.")
    click = asked.click(Verb.PLAN, Target(extra=project), environment=environment, range=range_text)
    return judged(services, click)


def _named(services: Services, asked: Asked) -> tuple[str, str, str]:
    """The project, the environment and the range, in any order of project and the others."""
    names = [word for word in asked.words[1:] if word in services.projects]
    rest = [word for word in asked.words[1:] if word not in names]
    return names[0] if names else services.main.name, (rest[0] if rest else ""), " ".join(rest[1:])


def _reading(services: Services, read: Callable[[PostReader], Rendered]) -> Reply:
    try:
        return Reply(services.store.read(read))
    except Refused as refusal:
        return told(refusal.sentence)
