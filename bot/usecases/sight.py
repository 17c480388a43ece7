"""What one person may see of the deployments, on request: whoever reads for a person reads through here.

The rule is `permit.may_see`. A deployment that is asked for by its id or number is refused, in lists it is left out;
where it is not known who is in its channel, nothing is shown, and the channel is fetched.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from bot.core.deployment import Deployer, Deployment
from bot.core.refusal import NotYetKnown, Refused
from bot.core.team import Project
from bot.usecases.books.decided import DeploymentReader
from bot.usecases.books.rows import Lock
from bot.usecases.books.told import LockReader
from bot.usecases.books.units import PostReader, Store
from bot.usecases.permit import may_see

T = TypeVar("T")
HIDDEN = "This deployment belongs to a private channel that you are not in."
CHECKING_CHANNEL = "Checking who is in the channel of these deployments … ask again in a moment."
_MORE = 10


class SeenDeployments(DeploymentReader):
    """The deployments as one person may read them. `unknown`: the channels for which lists left some out unasked."""

    def __init__(self, reader: PostReader, projects: Mapping[str, Project], who: str, now: datetime) -> None:
        self._reader, self._book, self._projects = reader, reader.deployments, projects
        self._who, self._now = who, now
        self._sees: dict[str, bool] = {}
        self.unknown: set[str] = set()

    def get(self, deployment_id: str) -> Deployment:
        return self._shown(self._book.get(deployment_id))

    def find(self, deployment_id: str) -> Deployment | None:
        found = self._book.find(deployment_id)
        return found and self._shown(found)

    def by_number(self, team: str, project: str, number: int) -> Deployment | None:
        found = self._book.by_number(team, project, number)
        return found and self._shown(found)

    def holder(self, team: str, project: str, environment: str) -> Deployment | None:
        found = self._book.holder(team, project, environment)
        return next(iter(self._listed([found] if found else [])), None)

    def open(self) -> tuple[Deployment, ...]:
        return self._listed(self._book.open())

    def of_environment(self, team: str, project: str, environment: str, limit: int = -1) -> tuple[Deployment, ...]:
        return self._listed(self._book.of_environment(team, project, environment, limit))

    def recent(self, limit: int) -> tuple[Deployment, ...]:
        found = self._book.recent(limit)
        seen = self._listed(found)
        return seen if len(seen) == len(found) else self._listed(self._book.recent(limit * _MORE))[:limit]

    def deployers(self, deployment_id: str) -> tuple[Deployer, ...]:
        return self._book.deployers(deployment_id)

    def _shown(self, deployment: Deployment) -> Deployment:
        if not self._may_see(deployment.project):
            raise Refused(HIDDEN)
        return deployment

    def _listed(self, found: Iterable[Deployment]) -> tuple[Deployment, ...]:
        return tuple(one for one in found if self.is_listed(one.project))

    def is_listed(self, project: str) -> bool:
        try:
            return self._may_see(project)
        except NotYetKnown as missing:
            self.unknown |= set(missing.channels)
            return False

    def _may_see(self, project: str) -> bool:
        """Nobody knows the channel of a project that the settings name no longer, so nobody sees its deployments."""
        if project not in self._sees:
            known = self._projects.get(project)
            self._sees[project] = known is not None and may_see(self._reader, known.channel, self._who, self._now)
        return self._sees[project]


class SeenLocks(LockReader):
    """The locks as the same person may read them."""

    def __init__(self, book: LockReader, seen: SeenDeployments) -> None:
        self._book, self._seen = book, seen

    def on(self, team: str, project: str, environment: str) -> Lock | None:
        found = self._book.on(team, project, environment)
        return found if found and self._seen.is_listed(project) else None

    def all(self) -> tuple[Lock, ...]:
        return tuple(one for one in self._book.all() if self._seen.is_listed(one.project))


def seen_by(
    reader: PostReader, projects: Mapping[str, Project], who: str, now: datetime
) -> tuple[PostReader, SeenDeployments]:
    """The books as that person may read them, and the book that holds it."""
    seen, shown = SeenDeployments(reader, projects, who, now), copy.copy(reader)
    shown.deployments, shown.locks = seen, SeenLocks(reader.locks, seen)
    return shown, seen


@dataclass(frozen=True)
class Sight:
    """Reading for a person. `fetch` asks for the channels whose members are not known."""

    store: Store
    projects: Mapping[str, Project]
    clock: Callable[[], datetime]
    fetch: Callable[[NotYetKnown], None]

    def shown_to(self, who: str, work: Callable[[PostReader], T]) -> T:
        """What `work` makes of one snapshot of what this person may see.

        Raises Refused for what they may not see, and where it has to be looked up first.
        """

        def read(reader: PostReader) -> tuple[T, set[str]]:
            shown, seen = seen_by(reader, self.projects, who, self.clock())
            return work(shown), seen.unknown

        try:
            made, unknown = self.store.read(read)
        except NotYetKnown as missing:
            unknown = set(missing.channels)
        if unknown:
            self.fetch(NotYetKnown(channels=tuple(sorted(unknown))))
            raise Refused(CHECKING_CHANNEL)
        return made
