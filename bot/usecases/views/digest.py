"""The digest of one morning as it stands now: what it told, and what has become of each line since."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from bot.core.attention import may_still_come
from bot.core.deployment import Deployment
from bot.core.refusal import Refused
from bot.core.team import Project
from bot.usecases.act import hours_of
from bot.usecases.books.rows import Digest, DigestLine
from bot.usecases.books.units import Reader
from bot.usecases.permit import is_known_to_see
from bot.usecases.situation.judging import load
from bot.usecases.views.owed import Owed, owed


@dataclass(frozen=True)
class ToldLine:
    """One line: as it was told, and what is still owed of it; None once it is over. `link` leads to its card."""

    words: str
    owed: Owed | None = None
    snoozed_until: datetime | None = None
    link: str = ""


@dataclass(frozen=True)
class ToldDeployment:
    """What a digest told of one deployment."""

    deployment: Deployment
    lines: tuple[ToldLine, ...]

    @property
    def left(self) -> int:
        return sum(line.owed is not None for line in self.lines)


@dataclass(frozen=True)
class DigestFacts:
    """`permalinks` lead to the threads, by deployment."""

    user_id: str
    told: tuple[ToldDeployment, ...]
    permalinks: Mapping[str, str]

    @property
    def put_off(self) -> int:
        """How many of them are put off."""
        return sum(
            line.owed is not None and line.snoozed_until is not None for each in self.told for line in each.lines
        )

    @property
    def left(self) -> int:
        """How many lines still wait for this person, put off or not."""
        return sum(each.left for each in self.told)


def digest(reader: Reader, projects: Mapping[str, Project], user: str, slot: str, now: datetime) -> DigestFacts:
    """The digest of that slot; without lines where there is none, or nothing of it can be shown any more."""
    found = reader.digests.get(user, slot)
    told = tuple(_told(reader, projects, found, now)) if found else ()
    return DigestFacts(user, told, {})


def is_worth_posting(reader: Reader, project: Project, facts: DigestFacts, slot: str, now: datetime) -> bool:
    """Whether one that nobody has read yet still says something, on its own day and in nobody's quiet time."""
    return facts.left > 0 and may_still_come(hours_of(reader, project, facts.user_id), slot, now)


def _told(reader: Reader, projects: Mapping[str, Project], found: Digest, now: datetime) -> Iterator[ToldDeployment]:
    nudges = reader.digests.nudges(found.user_id)
    for deployment_id in dict.fromkeys(line.deployment for line in found.lines):
        deployment = reader.deployments.find(deployment_id)
        project = projects.get(deployment.project) if deployment else None
        if deployment and project and is_known_to_see(reader, project.channel, found.user_id):
            lines = [line for line in found.lines if line.deployment == deployment_id]
            still = _still(reader, project, deployment, found.user_id, now)
            snoozed = {line.cause: nudge.snoozed_until for line in lines if (nudge := nudges.get(line.cause))}
            yield ToldDeployment(deployment, tuple(_line(line, still, snoozed, now) for line in lines))


def _still(reader: Reader, project: Project, deployment: Deployment, user: str, now: datetime) -> Mapping[str, Owed]:
    try:
        situation = load(reader, project, deployment.id, now)
    except Refused:
        return {}
    return {one.cause: one for one in owed(reader, situation, user)}


def _line(
    line: DigestLine, still: Mapping[str, Owed], snoozed: Mapping[str, datetime | None], now: datetime
) -> ToldLine:
    until = snoozed.get(line.cause)
    return ToldLine(line.words, still.get(line.cause), until if until and until > now else None)


def with_links(facts: DigestFacts, cards: Mapping[str, str], permalinks: Mapping[str, str]) -> DigestFacts:
    """With the ways to the cards (by `DEPLOYMENT:ROLE`) and to the threads."""
    told = tuple(replace(each, lines=tuple(_linked(line, cards) for line in each.lines)) for each in facts.told)
    return replace(facts, told=told, permalinks=permalinks)


def _linked(line: ToldLine, cards: Mapping[str, str]) -> ToldLine:
    if line.owed is None or not line.owed.role:
        return line
    return replace(line, link=cards.get(f"{line.owed.deployment.id}:{line.owed.role}", ""))
