"""Who hears of a deployment without working on it: audiences by the settings, people by their own wish."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from bot.core.deployment import Deployment
from bot.core.team import hears, is_person
from bot.usecases.act import Act, morning_for
from bot.usecases.books.rows import NOTICE, SUBSCRIBED
from bot.usecases.books.units import Reader, Unit
from bot.usecases.permit import is_known_to_see
from bot.usecases.situation.snapshot import Situation

TOLD_ANEW = frozenset({"completion", "rollback", "rolled-back"})
"""Events of a notice that are posted once more: an edit tells nobody."""


def notify(unit: Unit, situation: Situation, deployment: Deployment, act: Act, event: str) -> None:
    """Begin the notice of each who hears of this event, or carry it on; an event and audience once.

    It is one message, edited as the deployment goes, and true for those too who do not hear of the event. An abort is
    told where something was announced, or wished for. A person is told when they may be written to.
    """
    told = {one.audience for one in unit.notices.of(deployment.id)}
    for member in _audience(unit, situation, event):
        if event == "abort" and member not in told:
            continue
        subject = _subject(member, event)
        if unit.notices.add(deployment.id, event, member, subject, act.at, about(deployment)):
            _want(unit, situation, act, NOTICE, subject, member)
    for who in _subscribers(unit, situation, event):
        _want(unit, situation, act, SUBSCRIBED, _subject(who, event), who)


def _audience(reader: Reader, situation: Situation, event: str) -> Iterator[str]:
    """Channels, and people but for those who left the workspace."""
    for audience in situation.environment.audiences:
        for member in audience.members if hears(audience.events, event) else ():
            person = reader.people.person(member) if is_person(member) else None
            if person is None or person.is_active:
                yield member


def _subject(member: str, event: str) -> str:
    """That of the live message: the member's own, or the one that tells an event anew."""
    return f"{member} {event}" if event in TOLD_ANEW else member


def _want(unit: Unit, situation: Situation, act: Act, kind: str, subject: str, member: str) -> None:
    later = morning_for(unit, situation, member, act.at) if is_person(member) else None
    unit.outbox.want(situation.deployment.id, kind, subject, member, act.at, not_before=later)


def _subscribers(reader: Reader, situation: Situation, event: str) -> Iterator[str]:
    """Who wished to hear of it, may see it, and neither deploys it nor hears of it anyhow."""
    project, environment = situation.project, situation.environment
    wished = reader.subscriptions.of(situation.deployment.team, project.name)
    people = {one.who for one in wished if one.hears(environment.name, event)}
    for who in sorted(people - situation.deployer_ids - set(_audience(reader, situation, event))):
        if is_known_to_see(reader, project.channel, who):
            yield who


def about(deployment: Deployment) -> str:
    """What people are told that a deployment is about, title and range, as digests; "-" for what is not known yet."""
    known = (deployment.title_words, deployment.range_words if deployment.first_version else "")
    return " ".join(hashlib.sha256(words.encode()).hexdigest()[:8] if words else "-" for words in known)
