"""People, groups and channels as cached rows, refreshed in the background. No click ever waits for this."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from slack_sdk import WebClient

from bot.core.person import Members, Person
from bot.core.policy import Project
from bot.slack import fetching
from bot.slack.fetching import NotFetched
from bot.slack.identity import WhoAmI
from bot.slack.pulse import Beat
from bot.usecases.ports import Reader
from bot.usecases.post_ports import Store

log = logging.getLogger(__name__)
HEARTBEAT = "directory"
RENEW_AFTER = timedelta(minutes=40)
RENEW_EMPTY_AFTER = timedelta(minutes=5)
_LOOK_SECONDS = 60.0
_RETRY_SECONDS = 5.0
_STRANGER_SECONDS = 0.2
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


class Directory:
    """Keeps everyone named in the settings fresh, fetches what a click asks for, then calls `on_refreshed`."""

    def __init__(
        self,
        store: Store,
        client: WebClient,
        who: WhoAmI,
        projects: Mapping[str, Project],
        clock: Callable[[], datetime],
        beat: Beat,
    ) -> None:
        self._store, self._client, self._who, self._clock, self._beat = store, client, who, clock, beat
        self._standing = _named_in(projects.values())
        self._asked = Wanted()
        self._changed = threading.Condition()
        self._stopping = False
        self._on_refreshed: Callable[[], None] = lambda: None
        self._thread = threading.Thread(target=self._run, name="directory", daemon=True)

    def on_refreshed(self, call: Callable[[], None]) -> None:
        """Calls this after each refresh, on the directory's own thread: waiting clicks can be judged now."""
        self._on_refreshed = call

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join(timeout=5)

    def want(self, people: Iterable[str] = (), groups: Iterable[str] = (), channels: Iterable[str] = ()) -> None:
        """Asks for a refresh in the background."""
        with self._changed:
            self._asked |= Wanted(frozenset(people), frozenset(groups), frozenset(channels))
            self._changed.notify_all()

    def refresh(self, people: Iterable[str] = (), groups: Iterable[str] = (), channels: Iterable[str] = ()) -> bool:
        """Fetches now and keeps what came. False where Slack did not answer for all of it."""
        return not self._fetch(Wanted(frozenset(people), frozenset(groups), frozenset(channels)))

    def _run(self) -> None:
        self._ask_for_waiting_clicks()
        while not self._stopping:
            wanted = self._take() | self._outdated()
            left = self._fetch(wanted) if wanted else Wanted()
            if wanted:
                self._on_refreshed()
            self.want(left.people, left.groups, left.channels)
            again = bool(self._asked) and self._asked.within(wanted)
            if again or not wanted:
                self._rest(patiently=again)

    def _ask_for_waiting_clicks(self) -> None:
        for click in self._store.read(lambda reader: reader.clicks.waiting()):
            missing = click.missing
            self.want(missing.get("people", ()), missing.get("groups", ()), missing.get("channels", ()))

    def _take(self) -> Wanted:
        with self._changed:
            asked, self._asked = self._asked, Wanted()
        return asked

    def _rest(self, *, patiently: bool) -> None:
        """Until something new is asked for; what was just fetched in vain waits, so that Slack is not hammered."""
        with self._changed:
            seconds = _RETRY_SECONDS if patiently else _LOOK_SECONDS
            seconds = _STRANGER_SECONDS if self._who.current is None else seconds
            self._changed.wait_for(lambda: self._stopping or (bool(self._asked) and not patiently), seconds)

    def _outdated(self) -> Wanted:
        now = self._clock()
        return self._store.read(lambda reader: _older(reader, self._standing, now))

    def _fetch(self, wanted: Wanted) -> Wanted:
        """What could not be fetched and is worth another try."""
        if self._who.current is None:
            return wanted
        faults: list[str] = []
        left = self._fetch_people(wanted.people, faults) | self._fetch_groups(wanted.groups, faults)
        left |= self._fetch_channels(wanted.channels, faults)
        self._report(faults)
        return left

    def _fetch_people(self, user_ids: frozenset[str], faults: list[str]) -> Wanted:
        left = set()
        for user_id in sorted(user_ids):
            try:
                self._keep_person(fetching.person(self._client, self._team, user_id, self._clock()))
            except NotFetched as fault:
                faults.append(str(fault))
                left.add(user_id)
        return Wanted(people=frozenset(left))

    def _keep_person(self, person: Person) -> None:
        self._store.write(lambda unit: unit.people.keep(person))

    def _fetch_groups(self, handles: frozenset[str], faults: list[str]) -> Wanted:
        if not handles:
            return Wanted()
        try:
            found = fetching.groups(self._client, handles)
        except NotFetched as fault:
            faults.append(str(fault))
            if fault.again:
                return Wanted(groups=handles)
            found = {}
        else:
            faults.extend(f"Slack knows no user group {handle}." for handle in sorted(handles - set(found)))
        for handle in sorted(handles):
            self._keep_group(handle, *found.get(handle, ("", frozenset())))
        return Wanted()

    def _keep_group(self, handle: str, group_id: str, user_ids: frozenset[str]) -> None:
        at = self._clock()
        self._store.write(lambda unit: unit.people.keep_group(handle, group_id, user_ids, at))

    def _fetch_channels(self, channels: frozenset[str], faults: list[str]) -> Wanted:
        left = set()
        for channel in sorted(channels):
            try:
                self._keep_channel(channel, fetching.channel(self._client, channel))
            except NotFetched as fault:
                faults.append(str(fault))
                if fault.again:
                    left.add(channel)
                else:
                    self._keep_channel(channel, frozenset())
        return Wanted(channels=frozenset(left))

    def _keep_channel(self, channel: str, user_ids: frozenset[str]) -> None:
        at = self._clock()
        self._store.write(lambda unit: unit.people.keep_channel(channel, user_ids, at))

    def _report(self, faults: list[str]) -> None:
        for fault in faults:
            log.warning("%s", fault)
        self._beat(HEARTBEAT, {"faults": " ".join(dict.fromkeys(faults))})

    @property
    def _team(self) -> str:
        return self._who.current.team if self._who.current else ""


def _named_in(projects: Iterable[Project]) -> Wanted:
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


def _older(reader: Reader, standing: Wanted, now: datetime) -> Wanted:
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
    return frozenset().union(*holders, *(room for room in rooms if len(room) <= _SMALL_CHANNEL))


def _old_person(reader: Reader, user_id: str, now: datetime) -> bool:
    person = reader.people.person(user_id)
    return person is None or now - person.fetched_at > RENEW_AFTER


def _old(members: Members, now: datetime) -> bool:
    """A group nobody is in may have been made a moment ago."""
    lives = RENEW_AFTER if members.user_ids else RENEW_EMPTY_AFTER
    return members.fetched_at is None or now - members.fetched_at > lives
