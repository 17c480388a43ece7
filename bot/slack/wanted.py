"""What the directory has to fetch: who is named in the settings, who was met, and when each gets too old."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.core.person import EVERYBODY, Members
from bot.core.policy import Project
from bot.usecases.ports import Reader

# A click needs rows younger than an hour (ARCHITECTURE: *Nothing lost*), so they are renewed well before.
RENEW_AFTER = timedelta(minutes=40)
RENEW_EMPTY_AFTER = timedelta(minutes=5)
_SMALL_CHANNEL = 150


@dataclass(frozen=True)
class Wanted:
    """What to fetch: user ids, `@handles`, channel ids."""

    people: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()

    def __or__(self, other: Wanted) -> Wanted:
        return Wanted(self.people | other.people, self.groups | other.groups, self.channels | other.channels)

    def within(self, other: Wanted) -> bool:
        """Whether all of this is in the other."""
        return self.people <= other.people and self.groups <= other.groups and self.channels <= other.channels

    def __bool__(self) -> bool:
        return bool(self.people or self.groups or self.channels)


def named_in(projects: Iterable[Project]) -> Wanted:
    """Everyone the settings name."""
    members: set[str] = set()
    channels: set[str] = set()
    for project in projects:
        members |= {*project.admins, *project.deployers, *project.contacts}
        for role in project.roles.values():
            members |= set(role.members)
        for environment in project.environments.values():
            members |= {*environment.on_call, *environment.break_glass}
        channels.add(project.channel)
    groups = frozenset(member for member in members if member.startswith("@"))
    people = frozenset(member for member in members - groups if member[:1] in "UW")
    return Wanted(people, groups, frozenset(channels))


def outdated(reader: Reader, standing: Wanted, now: datetime) -> Wanted:
    """What is due for renewal: everyone of the settings and everyone met so far, the groups, the channels."""
    people = standing.people | set(reader.people.names()) | _nearby(reader, standing)
    return Wanted(
        frozenset(user_id for user_id in people if _old_person(reader, user_id, now)),
        frozenset(handle for handle in standing.groups if _old(reader.people.group(handle), now)),
        frozenset(channel for channel in standing.channels if _old(reader.people.channel(channel), now)),
    )


def _nearby(reader: Reader, standing: Wanted) -> frozenset[str]:
    """Who is in a deployments' channel will click soon; large channels are left to the first click of each."""
    rooms = [reader.people.channel(channel).user_ids for channel in standing.channels]
    holders = [reader.people.group(handle).user_ids for handle in standing.groups]
    met = frozenset[str]().union(*holders, *(room for room in rooms if len(room) <= _SMALL_CHANNEL))
    return met - {EVERYBODY}


def _old_person(reader: Reader, user_id: str, now: datetime) -> bool:
    person = reader.people.person(user_id)
    return person is None or now - person.fetched_at > RENEW_AFTER


def _old(members: Members, now: datetime) -> bool:
    """A group nobody is in may have been made a moment ago."""
    lives = RENEW_AFTER if members.user_ids else RENEW_EMPTY_AFTER
    return members.fetched_at is None or now - members.fetched_at > lives
