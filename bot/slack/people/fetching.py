"""Reading people, groups and channels from Slack: each call, and what is due to be fetched.

Who is named in the settings, who was met, and when each gets too old.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from slack_sdk import WebClient

from bot.core.team import EVERYBODY, Members, Person, Project, is_fresh, is_person
from bot.slack.outbound.calling import CallResult, Done, Lost, Refusal, Unreached, attempt
from bot.usecases.books.units import Reader, Unit

_PAGE = 1000
NO_PLAN = frozenset({"paid_teams_only", "plan_upgrade_required", "team_not_eligible"})
SLACKBOT = "USLACKBOT"
"""Slack's own account, which says of itself that it is no bot (docs.slack.dev/reference/objects/user-object)."""


class NotFetched(Exception):
    """Slack did not answer, or not usefully; `str()` is a sentence for the log and for `doctor`.

    `again`: it may answer later. Where it refuses for good, nobody is in that group or channel.
    """

    def __init__(self, sentence: str, *, again: bool = False) -> None:
        super().__init__(sentence)
        self.again = again


def person(client: WebClient, team: str, user_id: str, at: datetime) -> Person:
    """One user (users.info). A user Slack does not know is kept as inactive, so that the click can be judged."""
    answer = attempt(lambda: client.users_info(user=user_id))
    if isinstance(answer, Refusal) and answer.error in {"user_not_found", "user_not_visible", "users_not_found"}:
        return Person(team, user_id, user_id, "UTC", team, is_guest=False, is_active=False, fetched_at=at)
    return _person(_got(answer, f"the user {user_id}")["user"], team, at)


def listed(client: WebClient, team: str, user_ids: frozenset[str], at: datetime) -> list[Person]:
    """Those of the users whom the workspace lists (users.list), a thousand a call; strangers are in no list."""
    found: list[Person] = []
    cursor = ""
    while len(found) < len(user_ids):
        page = _got(attempt(partial(client.users_list, limit=_PAGE, cursor=cursor or None)), "its members")
        found += [_person(user, team, at) for user in page["members"] if user["id"] in user_ids]
        cursor = (page.get("response_metadata") or {}).get("next_cursor", "")
        if not cursor:
            break
    return found


def _person(user: Mapping[str, Any], team: str, at: datetime) -> Person:
    profile = user.get("profile") or {}
    names = (profile.get("display_name"), profile.get("real_name"), user.get("real_name"), user.get("name"))
    is_guest = bool(user.get("is_restricted") or user.get("is_ultra_restricted") or user.get("is_stranger"))
    return Person(
        team=team,
        user_id=user["id"],
        name=next((str(name) for name in names if name), user["id"]),
        zone=user.get("tz") or "UTC",
        home_team=user.get("team_id") or team,
        is_guest=is_guest,
        is_active=not user.get("deleted", False),
        fetched_at=at,
        is_bot=bool(user.get("is_bot")) or user["id"] == SLACKBOT,
    )


_MOST_ASKED = 50
Silence = tuple[datetime, datetime]


def silences(client: WebClient, user_ids: Collection[str]) -> dict[str, Silence | None]:
    """Do-not-disturb of each: the window that runs or comes next; None for who has none. Raises NotFetched.

    Source: docs.slack.dev/reference/methods/dnd.teamInfo; both times are seconds since 1970, 1 where there is none.
    """
    names, found = sorted(user_ids), dict[str, Silence | None]()
    for first in range(0, len(names), _MOST_ASKED):
        asked = ",".join(names[first : first + _MOST_ASKED])
        answer = attempt(partial(client.dnd_teamInfo, users=asked))
        if not isinstance(answer, Done):
            raise NotFetched(
                f"Slack does not tell who is not to be disturbed ({_why(answer)}); quiet hours hold anyway."
            )
        found |= {user_id: _silence(window) for user_id, window in answer.data["users"].items()}
    return found


def _why(answer: CallResult) -> str:
    match answer:
        case Refusal(error=why) | Unreached(why=why) | Lost(why=why):
            return why
    return "too many calls"


def _silence(window: Mapping[str, Any]) -> Silence | None:
    start, end = (int(window.get(f"next_dnd_{word}_ts") or 0) for word in ("start", "end"))
    if not window.get("dnd_enabled") or not 1 < start < end:
        return None
    return datetime.fromtimestamp(start, UTC), datetime.fromtimestamp(end, UTC)


def groups(client: WebClient, handles: Iterable[str]) -> dict[str, tuple[str, frozenset[str]]]:
    """Id and members of each handle, by handle as given; a handle Slack does not know is left out.

    Sources: usergroups.list and usergroups.users.list (docs.slack.dev/reference/methods).
    """
    known = {group["handle"]: group["id"] for group in _got(attempt(client.usergroups_list), "groups")["usergroups"]}
    wanted = {handle: known[handle.lstrip("@")] for handle in handles if handle.lstrip("@") in known}
    found = {}
    for handle, group_id in wanted.items():
        answer = attempt(partial(client.usergroups_users_list, usergroup=group_id))
        found[handle] = (group_id, frozenset(_got(answer, f"the group {handle}")["users"]))
    return found


def channel(client: WebClient, channel_id: str) -> frozenset[str]:
    """Everyone in a channel (conversations.members), page by page; of a public one `EVERYBODY` beside them.

    Source: `is_private` of conversations.info (docs.slack.dev/reference/objects/conversation-object).
    """
    shown = _got(attempt(lambda: client.conversations_info(channel=channel_id)), f"the channel {channel_id}")
    found: set[str] = set() if shown["channel"].get("is_private") else {EVERYBODY}
    cursor = ""
    while True:
        ask = partial(client.conversations_members, channel=channel_id, limit=_PAGE, cursor=cursor or None)
        page = _got(attempt(ask), f"the channel {channel_id}")
        found |= set(page["members"])
        cursor = (page.get("response_metadata") or {}).get("next_cursor", "")
        if not cursor:
            return frozenset(found)


def _got(answer: object, what: str) -> Mapping[str, Any]:
    if isinstance(answer, Done):
        return answer.data
    if isinstance(answer, Refusal) and answer.error in NO_PLAN:
        raise NotFetched(
            "User groups need a paid Slack plan; name people by their user ids in [roles] instead of @groups."
        )
    if isinstance(answer, Refusal):
        raise NotFetched(f"Slack refuses to show {what}: {answer.error}.")
    raise NotFetched(f"Slack did not answer when asked for {what}.", again=True)


PEOPLE_EVENTS = (
    "member_joined_channel",
    "member_left_channel",
    "subteam_members_changed",
    "subteam_updated",
    "user_change",
)
"""What Slack tells of people, groups and channels (docs.slack.dev/reference/events); the manifest asks for each."""


def is_news(reader: Reader, team: str, event: Mapping[str, Any]) -> bool:
    """False for a changed person whom the bot never met, or of whom it keeps nothing that changed, such as a status."""
    if event["type"] != "user_change":
        return True
    known = reader.people.person(str(event["user"]["id"]))
    return known is not None and _person(event["user"], team, known.fetched_at) != known


def repaint_homes(unit: Unit, moved: Collection[str], at: datetime) -> None:
    """Whose App Home may show more or less than before is shown it anew."""
    for home in unit.outbox.wanted(None) if moved else ():
        if home.subject in moved or EVERYBODY in moved:
            unit.outbox.want(None, home.kind, home.subject, home.channel, at)


def doubted(unit: Unit, event: Mapping[str, Any], at: datetime) -> Wanted:
    """Marks what the event is about as too old; gives what to fetch."""
    if event["type"] == "user_change":
        unit.people.doubt_person(event["user"]["id"])
        return Wanted(people=frozenset({event["user"]["id"]}))
    if event["type"].startswith("member_"):
        if not unit.people.doubt_seat(event["channel"], event["user"]):
            return Wanted()
        repaint_homes(unit, {event["user"]}, at)
        return Wanted(channels=frozenset({event["channel"]}))
    group = event.get("subteam") or {"id": event["subteam_id"], "handle": ""}
    return Wanted(groups=frozenset(unit.people.doubt_group(group["id"], group["handle"])))


# A click needs rows younger than an hour (ARCHITECTURE: *Nothing lost*), so they are renewed well before.
RENEW_AFTER = timedelta(minutes=40)
RENEW_EMPTY_AFTER = timedelta(minutes=5)
_LARGEST_CHANNEL = 2000


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
        members |= {*project.admins, *project.deployers, *project.contacts, *project.escalation.to}
        for role in project.roles.values():
            members |= set(role.holders)
        for environment in project.environments.values():
            members |= {*environment.on_call, *environment.break_glass}
            members.update(*(filter(is_person, audience.members) for audience in environment.audiences))
        channels.add(project.channel)
    groups = frozenset(member for member in members if member.startswith("@"))
    people = frozenset(filter(is_person, members - groups))
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
    """Who is in a deployments' channel will click soon; of a larger channel each is met at the first click."""
    rooms = [reader.people.channel(channel).user_ids for channel in standing.channels]
    holders = [reader.people.group(handle).user_ids for handle in standing.groups]
    met = frozenset[str]().union(*holders, *(room for room in rooms if len(room) <= _LARGEST_CHANNEL))
    return met - {EVERYBODY}


def written_to(reader: Reader, standing: Wanted) -> frozenset[str]:
    """Who is likely to be told something: who is named, alone or in a group, and who deploys now."""
    members = (reader.people.group(handle).user_ids for handle in standing.groups)
    deployers = (reader.deployments.deployers(one.id) for one in reader.deployments.open())
    return standing.people.union(*members, *({each.user_id for each in found} for found in deployers))


def _old_person(reader: Reader, user_id: str, now: datetime) -> bool:
    person = reader.people.person(user_id)
    return person is None or not is_fresh(person.fetched_at, now, RENEW_AFTER)


def _old(members: Members, now: datetime) -> bool:
    """A group nobody is in may have been made a moment ago."""
    lives = RENEW_AFTER if members.user_ids else RENEW_EMPTY_AFTER
    return not is_fresh(members.fetched_at, now, lives)
