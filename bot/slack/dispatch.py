"""A click is judged: one unit of work holds the decision, the journal entry and what is to be sent.

The same way for buttons, forms, commands, mentions, and clicks that waited for a membership.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.core.policy import Project
from bot.core.refusal import NotYetKnown, Refused
from bot.slack.click import Click, kept
from bot.slack.messages.buttons import words_of
from bot.slack.places import Told, require_own_message, tell
from bot.slack.services import Services
from bot.usecases.act import Answer
from bot.usecases.post_ports import PostReader, PostUnit
from bot.usecases.verb import Verb

CHECKING = "Checking who you are in Slack … you will hear in a moment. Your click is kept."
OUTDATED = "This button is from an older version of gonogo, so nothing was recorded. `{command} status` shows today's."
NOT_BUILT = "“{words}” is not part of this version of gonogo, so nothing was recorded."
UNKNOWN = "gonogo does not know this deployment, so nothing was recorded. `{command} status` lists the open ones."
NOT_CONFIGURED = "The project “{name}” is no longer in the settings, so nothing was recorded."


_OF_A_PROJECT = frozenset({Verb.START, Verb.DELEGATE, Verb.TAKE_BACK, Verb.PLAN})


@dataclass(frozen=True)
class Settled:
    """Recorded. `text` is what the person is told; empty where the repaint says it."""

    answer: Answer


@dataclass(frozen=True)
class Declined:
    """Nothing was recorded, and why: see `Refused` for when the same would do."""

    sentence: str
    offer_again: bool = False
    wants_reason: bool = False


@dataclass(frozen=True)
class Waiting:
    """Kept: who this is has to be fetched first."""


Verdict = Settled | Declined | Waiting


def judge(services: Services, click: Click) -> Verdict:
    """Settles a click whose answer, refusal or wait the caller shows itself."""
    return _judge(services, click, lambda unit: decide(unit, services, click))


def judge_and_tell(services: Services, click: Click) -> Verdict:
    """Settles a click; an answer is said privately in the same unit. A refusal or a wait the caller shows."""
    return _judge(services, click, lambda unit: _decided_and_told(unit, services, click))


def _judge(services: Services, click: Click, work: Callable[[PostUnit], Answer]) -> Verdict:
    try:
        return Settled(services.store.write(work))
    except Refused as refusal:
        return Declined(refusal.sentence, refusal.offer_again, refusal.wants_reason)
    except NotYetKnown as missing:
        keep(services, click, missing)
        return Waiting()


def _decided_and_told(unit: PostUnit, services: Services, click: Click) -> Answer:
    answer = decide(unit, services, click)
    if answer.text:
        tell(unit, click, told_of(answer), services.clock(), answer.deployment_id)
    return answer


def decide(unit: PostUnit, services: Services, click: Click) -> Answer:
    """The use case of the click's verb, inside the caller's unit. Raises Refused, NotYetKnown."""
    if click.event_id and not unit.clicks.first_sight(click.event_id, click.at):
        return Answer()
    handler = services.handlers.get(click.verb)
    if handler is None:
        raise Refused(_no_handler(services, click.verb))
    require_own_message(unit, click)
    project = project_of(unit, services, click)
    return handler(unit, project, click.act(team_of(services, click)), click)


def told_of(answer: Answer) -> Told:
    """An answer, with the buttons that it offers."""
    return Told({"text": answer.text, "offers": [dict(offer) for offer in answer.offers]})


def _no_handler(services: Services, verb: str) -> str:
    if verb in set(Verb):
        return NOT_BUILT.format(words=words_of(Verb(verb)).removesuffix(" …"))
    return OUTDATED.format(command=services.command)


def team_of(services: Services, click: Click) -> str:
    """The bot's workspace; before first contact the one that the verified request names."""
    identity = services.who.current
    return identity.team if identity else click.home_team


def project_of(reader: PostReader, services: Services, click: Click) -> Project:
    """The project of the click's deployment or notice, else the one it names. Raises Refused."""
    named = click.target.extra if click.verb in _OF_A_PROJECT else ""
    name = named or services.main.name
    deployment_id = click.target.deployment or _of_notice(reader, click.target.notice)
    if deployment_id:
        deployment = reader.deployments.find(deployment_id)
        if deployment is None:
            raise Refused(UNKNOWN.format(command=services.command))
        name = deployment.project
    if name not in services.projects:
        raise Refused(NOT_CONFIGURED.format(name=name))
    return services.projects[name]


def _of_notice(reader: PostReader, notice_id: str) -> str:
    notice = reader.notices.get(notice_id) if notice_id else None
    return notice.deployment_id if notice else ""


def say(services: Services, click: Click, told: Told) -> None:
    """Says something privately, in a unit of its own: the unit of the click was rolled back, or there was none."""
    services.store.write(lambda unit: tell(unit, click, told, services.clock()))


def keep(services: Services, click: Click, missing: NotYetKnown) -> None:
    """Keeps a click that cannot be judged yet, and asks the directory for what it lacks."""
    lacks = {"people": missing.people, "groups": missing.groups, "channels": missing.channels}
    services.store.write(lambda unit: unit.clicks.keep(kept(click, click.event_id or unit.new_id(), lacks)))
    services.directory.want_missing(missing)
