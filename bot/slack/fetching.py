"""Reading people, groups and channels from Slack: one call becomes plain data, or a sentence about why not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from slack_sdk import WebClient
from slack_sdk.web import SlackResponse

from bot.core.person import EVERYBODY, Person
from bot.slack.calling import Done, Refusal, attempt

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


def groups(client: WebClient, handles: Iterable[str]) -> dict[str, tuple[str, frozenset[str]]]:
    """Id and members of each handle, by handle as given; a handle Slack does not know is left out.

    Sources: usergroups.list and usergroups.users.list (docs.slack.dev/reference/methods).
    """
    known = {group["handle"]: group["id"] for group in _got(attempt(client.usergroups_list), "groups")["usergroups"]}
    wanted = {handle: known[handle.lstrip("@")] for handle in handles if handle.lstrip("@") in known}
    return {handle: (group_id, _members(client, group_id, handle)) for handle, group_id in wanted.items()}


def _members(client: WebClient, group_id: str, handle: str) -> frozenset[str]:
    answer = attempt(lambda: client.usergroups_users_list(usergroup=group_id))
    return frozenset(_got(answer, f"the group {handle}")["users"])


def channel(client: WebClient, channel_id: str) -> frozenset[str]:
    """Everyone in a channel (conversations.members), page by page; of a public one `EVERYBODY` beside them.

    Source: `is_private` of conversations.info (docs.slack.dev/reference/objects/conversation-object).
    """
    shown = _got(attempt(lambda: client.conversations_info(channel=channel_id)), f"the channel {channel_id}")
    found: set[str] = set() if shown["channel"].get("is_private") else {EVERYBODY}
    cursor = ""
    while True:
        page = _got(attempt(_page_of(client, channel_id, cursor)), f"the channel {channel_id}")
        found |= set(page["members"])
        cursor = (page.get("response_metadata") or {}).get("next_cursor", "")
        if not cursor:
            return frozenset(found)


def _page_of(client: WebClient, channel_id: str, cursor: str) -> Callable[[], SlackResponse]:
    return lambda: client.conversations_members(channel=channel_id, limit=_PAGE, cursor=cursor or None)


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
