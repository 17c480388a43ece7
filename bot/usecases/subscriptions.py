"""What a person wishes to hear of deployments that they do not work on, by direct message, and how they end that."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bot.core.refusal import Refused
from bot.core.team import NOTICE_EVENTS, Project
from bot.core.typed import did_you_mean
from bot.usecases.act import Act, Answer
from bot.usecases.books.rows import ALL, Subscription
from bot.usecases.books.units import Reader, Unit
from bot.usecases.lifecycle.plan import known_environment
from bot.usecases.permit import may_see, require_colleague

EVENTS = (*NOTICE_EVENTS, ALL)


def subscribe(unit: Unit, project: Project, act: Act, environment: str, event: str) -> Answer:
    """Keep the wish; the same again changes nothing.

    Raises Refused for an environment or event that there is not, and for deployments that the person may not see;
    NotYetKnown where it is not known who they are.
    """
    require_colleague(unit, act)
    if environment != ALL:
        known_environment(project, environment)
    if event not in EVENTS:
        asked = f"There is no event “{event}”." if event else "Say what you wish to hear of."
        raise Refused(f"{asked}{_meant(event)} Events: {', '.join(EVENTS)}.")
    if not may_see(unit, project.channel, act.who, act.at):
        raise Refused("These deployments belong to a private channel that you are not in, so nothing was recorded.")
    wish = Subscription(project.name, act.who, environment, event)
    if not unit.subscriptions.add(act.team, wish, act.at):
        return Answer(f"You hear of {wish.words} already.")
    return Answer(
        f"You hear of {wish.words} by direct message, one message a deployment, when you may be written to. Of "
        "deployments that are yours you hear as ever."
    )


def _meant(event: str) -> str:
    near = did_you_mean(event, EVENTS)
    return f" {near}" if near else ""


def unsubscribe(unit: Unit, project: Project, act: Act, what: str) -> Answer:
    """End what `what`, an environment and an event, names; either left out, or `all`, stands for each.

    Raises Refused where there is no such wish.
    """
    environment, event = [*what.split(), ALL, ALL][:2]
    mine = [one for one in unit.subscriptions.by(act.team, act.who) if one.project == project.name]
    ended = [one for one in mine if environment in {ALL, one.environment} and event in {ALL, one.event}]
    if not ended:
        still = f"You hear of {_listed(mine)}." if mine else "You have subscribed to nothing here."
        raise Refused(f"You have not subscribed to {what or 'anything'}. {still}")
    for one in ended:
        unit.subscriptions.end(act.team, one)
    return Answer(f"You do not hear of {_listed(ended)} any more.")


def _listed(wishes: Iterable[Subscription]) -> str:
    return "; ".join(one.words for one in wishes)


def subscriptions_of(reader: Reader, projects: Mapping[str, Project], who: str) -> tuple[Subscription, ...]:
    """What the person wishes to hear of, in projects that the settings name."""
    identity = reader.people.identity()
    wishes = reader.subscriptions.by(identity.team, who) if identity else ()
    return tuple(one for one in wishes if one.project in projects)
