"""A click is judged: one unit of work holds the decision, the journal entry and what is to be sent.

The same way for buttons, forms, commands, mentions, and clicks that waited for a membership.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from bot.core.deployment import State
from bot.core.policy import Project
from bot.core.refusal import NotYetKnown, Refused
from bot.slack.inbound.click import Click, kept
from bot.slack.messages.blocks import Rendered
from bot.slack.messages.direct import private
from bot.slack.places import permalinks, require_own_message, tell
from bot.slack.services import Services
from bot.usecases import views
from bot.usecases.act import Answer
from bot.usecases.post_ports import PostReader, PostUnit
from bot.usecases.verb import Verb

CHECKING = "Checking who you are in Slack … you will hear in a moment. Your click is kept."
OUTDATED = "This button is from an older version of gonogo, so nothing was recorded. `{command} status` shows today's."
UNKNOWN = "gonogo does not know this deployment, so nothing was recorded. `{command} status` lists the open ones."
NOT_CONFIGURED = "The project “{name}” is no longer in the settings, so nothing was recorded."

Verdict = Answer | Refused | NotYetKnown
"""Recorded; or nothing was, and why; or kept until it is known who this is."""


def decide(unit: PostUnit, services: Services, click: Click) -> Answer:
    """The use case of the click's verb, inside the caller's unit. Raises Refused, NotYetKnown."""
    if click.event_id and not unit.clicks.first_sight(click.event_id, click.at):
        return Answer()
    act = services.row(click.verb).act
    if act is None:
        raise Refused(OUTDATED.format(command=services.command))
    require_own_message(unit, click)
    project = project_of(unit, services, click)
    return act(unit, project, click.act(team_of(services, click)), click)


def decide_and_tell(unit: PostUnit, services: Services, click: Click) -> Answer:
    """The same, and its answer is said privately, so that both are committed or none."""
    answer = decide(unit, services, click)
    if answer.text:
        tell(unit, click, private.say(answer.text, answer.offers), services.clock(), answer.deployment_id)
    return answer


def judge(
    services: Services, click: Click, work: Callable[[PostUnit, Services, Click], Answer] = decide_and_tell
) -> Verdict:
    """Settles a click in a unit of its own. A refusal or a wait the caller shows."""
    try:
        return services.store.write(lambda unit: work(unit, services, click))
    except Refused as refusal:
        return refusal
    except NotYetKnown as missing:
        keep(services, click, missing)
        return missing


def keep(services: Services, click: Click, missing: NotYetKnown) -> None:
    """Keeps a click that cannot be judged yet, and asks the directory for what it lacks."""
    lacks = {"people": missing.people, "groups": missing.groups, "channels": missing.channels}
    services.store.write(lambda unit: unit.clicks.keep(kept(click, click.event_id or unit.new_id(), lacks)))
    services.directory.want_missing(missing)


def say(services: Services, click: Click, message: Rendered) -> None:
    """Says something privately, in a unit of its own: the unit of the click was rolled back, or there was none."""
    services.store.write(lambda unit: tell(unit, click, message, services.clock()))


def team_of(services: Services, click: Click) -> str:
    """The bot's workspace; before first contact the one that the verified request names."""
    identity = services.who.current
    return identity.team if identity else click.home_team


def project_of(reader: PostReader, services: Services, click: Click) -> Project:
    """The project of the click's deployment or notice, else the one it names. Raises Refused."""
    named = click.target.extra if services.row(click.verb).names_project else ""
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


def declined(services: Services, click: Click, refusal: Refused) -> Rendered:
    """A refusal with what helps: the same decision about today's subject, and the way to the thread."""
    return services.store.read(lambda reader: _declined(reader, services, click, refusal))


def _declined(reader: PostReader, services: Services, click: Click, refusal: Refused) -> Rendered:
    if click.verb == Verb.START:
        return _held(reader, services, click, refusal.sentence)
    target = click.target
    subject = _subject(reader, services, click) if refusal.offer_again else ""
    offer = {"verb": click.verb, "deployment": target.deployment, "role": target.role, "subject": subject}
    return _offering(reader, services, refusal.sentence, target.deployment, [offer] if subject else [])


def _held(reader: PostReader, services: Services, click: Click, text: str) -> Rendered:
    """A start that another deployment stands in the way of: the way there, and what to do about it."""
    name = click.target.extra or services.main.name
    holder = reader.deployments.holder(team_of(services, click), name, click.text("environment"))
    if holder is None:
        return private.say(text)
    verbs = [Verb.JOIN, Verb.TAKE_OVER, *([Verb.PARK] if holder.state is State.PREPARING else [])]
    offers = [{"verb": str(verb), "deployment": holder.id} for verb in verbs]
    return _offering(reader, services, text, holder.id, offers)


def _offering(
    reader: PostReader, services: Services, text: str, deployment_id: str, offers: Sequence[Mapping[str, str]]
) -> Rendered:
    links = permalinks(reader, services.who.url, [deployment_id])
    return private.say(text, offers, permalink=links.get(deployment_id, ""))


def _subject(reader: PostReader, services: Services, click: Click) -> str:
    """What this decision would decide now; empty where a look at the facts comes first."""
    if not services.row(click.verb).offered_anew or not click.target.role:
        return ""
    project = project_of(reader, services, click)
    target = click.target
    return views.sign_off(reader, project, target.deployment, target.role, services.clock()).subject
