"""A click is judged: one unit of work holds the decision, the journal entry and what is to be sent.

The same way for buttons, forms, commands, mentions, and clicks that waited for a membership.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.core.deployment import State
from bot.core.refusal import NotYetKnown, Refused
from bot.core.team import Project
from bot.core.typed import require_typed
from bot.slack.inbound.click import Click, kept
from bot.slack.inbound.verb_row import Services
from bot.slack.messages.blocks import Rendered
from bot.slack.messages.direct import private
from bot.usecases import views
from bot.usecases.act import Answer
from bot.usecases.books.rows import IN_DIRECT, NOTICE, Said
from bot.usecases.books.units import PostReader, PostUnit, Reader
from bot.usecases.locks import in_force
from bot.usecases.permit import require_in_channel
from bot.usecases.reminding import want_digest
from bot.usecases.standing_facts import LockFacts
from bot.usecases.verb import Verb

SHOWN = "shown"
DASHBOARD, HOME = "dashboard", "home"
ROOTS = frozenset({DASHBOARD, HOME, NOTICE}) | IN_DIRECT
"""Live messages that stand in no thread: a notice in its audience's channel, what is for one person in a DM."""
EPHEMERAL_LIVES = timedelta(minutes=5)
COPIED = (
    "This button is on a copy of a message, so nothing was recorded. Press it in the deployment's own thread: "
    "the status command has the link."
)


@dataclass(frozen=True)
class Place:
    """A channel and, where there is one, the thread; an empty channel means a direct message."""

    channel: str = ""
    thread_ts: str = ""


def permalinks(reader: Reader, url: str, deployment_ids: Iterable[str]) -> dict[str, str]:
    """Deployment id → address of its dashboard, for those that are posted; none while the workspace's is not known.

    With the query Slack opens the thread, where the work is, and not only the message.
    """
    found = {}
    for deployment_id in dict.fromkeys(deployment_ids):
        place = thread_of(reader, deployment_id)
        if url and place.channel:
            message = address(url, place.channel, place.thread_ts)
            found[deployment_id] = f"{message}?thread_ts={place.thread_ts}&cid={place.channel}"
    return found


def address(url: str, channel: str, ts: str) -> str:
    """A message's, built without asking Slack (docs.slack.dev/reference/methods/chat.getPermalink shows the form)."""
    return f"{url.rstrip('/')}/archives/{channel}/p{ts.replace('.', '')}" if url else ""


def thread_of(reader: Reader, deployment_id: str) -> Place:
    """The thread of a deployment; nowhere while its dashboard is not posted."""
    dashboards = (live for live in reader.outbox.wanted(deployment_id) if live.kind == DASHBOARD)
    return next((Place(live.channel, live.ts) for live in dashboards if live.ts), Place())


def deployment_in_thread(reader: Reader, channel: str, thread_ts: str) -> str:
    """The id of the deployment whose thread this is; empty for other threads."""
    root = reader.outbox.message_at(channel, thread_ts) if thread_ts else None
    return (root.deployment_id or "") if root else ""


def place_of(reader: Reader, click: Click, deployment_id: str | None = None) -> Place:
    """Where the answer to this click belongs. A direct message is answered by one that stays."""
    if click.channel and not click.channel.startswith("D"):
        # Slack gives a message that has replies its own ts as thread_ts; the person who clicked looks at the channel.
        return Place(click.channel, "" if click.thread_ts == click.message_ts else click.thread_ts)
    if click.channel:
        return Place()
    wanted = deployment_id or click.target.deployment
    return thread_of(reader, wanted) if wanted else Place()


def tell(unit: PostUnit, click: Click, message: Rendered, now: datetime, deployment_id: str | None = None) -> None:
    """Says something to the person who clicked, and to nobody else; once where the click came as an event."""
    place = place_of(unit, click, deployment_id)
    key = f"private:{click.event_id or unit.new_id()}"
    where = {"user": click.who, "channel": place.channel, "thread_ts": place.thread_ts}
    facts = {**where, "text": message.text, "blocks": message.blocks}
    sort = "ephemeral" if place.channel else "direct"
    expires = now + EPHEMERAL_LIVES if place.channel else None
    unit.outbox.say(Said(key, sort, f"private:{click.who}", SHOWN, facts, expires_at=expires), now)


def require_own_message(reader: PostReader, click: Click) -> None:
    """A click in a message that the bot did not post there is refused. Raises Refused.

    A copied or forwarded message brings its old buttons along, in another channel or at another time.
    """
    if not click.message_ts or click.ephemeral:
        return
    is_live = reader.outbox.message_at(click.channel, click.message_ts) is not None
    is_ours = is_live or reader.said.at_place(click.channel, click.message_ts) is not None
    if not is_ours and not _is_being_posted(reader, click):
        raise Refused(COPIED)


def _is_being_posted(reader: PostReader, click: Click) -> bool:
    """Slack may show a message before its answer has come, and somebody be quick."""
    is_direct = click.channel.startswith("D")
    here = (click.channel, click.who) if is_direct else (click.channel,)
    deployments = {None, click.target.deployment}  # a digest tells of several, so it is nobody's
    if any(live.deployment_id in deployments for live in reader.live.on_its_way(here)):
        return True
    place = ("user", click.who) if is_direct else ("channel", click.channel)
    said = (one.said for one in reader.said.on_its_way() if one.said.sort != "ephemeral")
    return any(each.facts.get(place[0]) == place[1] for each in said)


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
    require_typed(click.values)
    act = services.row(click.verb).act
    if act is None:
        raise Refused(OUTDATED.format(command=services.command))
    require_own_message(unit, click)
    project, done = project_of(unit, services, click), click.act(team_of(services, click))
    if click.target.deployment:
        require_in_channel(unit, project.channel, done, any_age=True)
    answer = act(unit, project, done, click)
    want_digest(unit, click.who, click.at)
    return answer


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


def want_home(services: Services, user_id: str) -> None:
    """Asks for this person's App Home."""
    at = services.clock()
    services.store.write(lambda unit: unit.outbox.want(None, HOME, user_id, "", at, urgent=True))


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
    notice = reader.notices.get(click.target.notice) if click.target.notice else None
    deployment_id = click.target.deployment or (notice.deployment_id if notice else "")
    if deployment_id:
        deployment = reader.deployments.find(deployment_id)
        if deployment is None:
            raise Refused(UNKNOWN.format(command=services.command))
        name = deployment.project
    if name not in services.projects:
        raise Refused(NOT_CONFIGURED.format(name=name))
    return services.projects[name]


def declined(services: Services, click: Click, refusal: Refused) -> Rendered:
    """A refusal with what helps: the same decision about today's subject, and the way to the thread.

    Whoever may not see the deployment hears the refusal alone.
    """
    try:
        return services.sight.shown_to(click.who, lambda reader: _declined(reader, services, click, refusal))
    except Refused:
        return private.say(refusal.sentence)


def _declined(reader: PostReader, services: Services, click: Click, refusal: Refused) -> Rendered:
    if click.verb == Verb.START:
        return _held(reader, services, click, refusal.sentence)
    target = click.target
    reader.deployments.find(target.deployment)
    subject = _subject(reader, services, click) if refusal.offer_again else ""
    offer = {"verb": click.verb, "deployment": target.deployment, "role": target.role, "subject": subject}
    return _offering(reader, services, refusal.sentence, target.deployment, [offer] if subject else [])


def _held(reader: PostReader, services: Services, click: Click, text: str) -> Rendered:
    """A start that a lock or another deployment stands in the way of: what to do about it, the way there."""
    name = click.target.extra or services.main.name
    lock = next((one for one in in_force(reader, click.at) if _is_of(one, name, click.text("environment"))), None)
    if lock is not None:
        return private.not_started(lock)
    holder = reader.deployments.holder(team_of(services, click), name, click.text("environment"))
    if holder is None:
        return private.say(text)
    verbs = [Verb.JOIN, Verb.TAKE_OVER, *([Verb.PARK] if holder.state is State.PREPARING else [])]
    offers = [{"verb": str(verb), "deployment": holder.id} for verb in verbs]
    return _offering(reader, services, text, holder.id, offers)


def _is_of(facts: LockFacts, project: str, environment: str) -> bool:
    return (facts.lock.project, facts.lock.environment) == (project, environment)


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
