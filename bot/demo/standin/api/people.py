"""users.*, usergroups.*, dnd.*, and who the app itself is."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.demo.standin.api.call import Call, Method, paged
from bot.demo.standin.api.shapes import bot_json, group_json, user_json
from bot.demo.standin.model import JSON, SlackError, User


def auth_test(call: Call) -> JSON:
    app, team = call.app, call.workspace.team
    return {
        "url": f"{call.workspace.url}/",
        "team": team.name,
        "user": app.name,
        "team_id": team.id,
        "user_id": app.bot_user,
        "bot_id": app.bot_id,
        "is_enterprise_install": False,
    }


def team_info(call: Call) -> JSON:
    team = call.workspace.team
    return {"team": {"id": team.id, "name": team.name, "domain": team.domain, "url": f"{call.workspace.url}/"}}


def bots_info(call: Call) -> JSON:
    if call.text("bot") not in (None, call.app.bot_id):
        raise SlackError("bot_not_found")
    return {"bot": {**bot_json(call.workspace), "user_id": call.app.bot_user}}


def users_info(call: Call) -> JSON:
    return {"user": user_json(call.user(), call.workspace)}


def users_list(call: Call) -> JSON:
    some, cursor = call.page(list(call.workspace.users.values()))
    return {"members": [user_json(user, call.workspace) for user in some], **paged(cursor)}


def groups_list(call: Call) -> JSON:
    _paid(call)
    groups = [g for g in call.workspace.groups.values() if g.enabled or call.flag("include_disabled")]
    with_users = call.flag("include_users")
    return {"usergroups": [group_json(group, call.workspace, with_users) for group in groups]}


def group_members(call: Call) -> JSON:
    _paid(call)
    group = call.workspace.groups.get(call.required("usergroup"))
    if group is None or not (group.enabled or call.flag("include_disabled")):
        raise SlackError("no_such_subteam")
    return {"users": list(group.members)}


def _paid(call: Call) -> None:
    if call.workspace.team.plan == "free":
        raise SlackError("paid_teams_only")


def dnd_info(call: Call) -> JSON:
    user = call.user() if call.text("user") else call.workspace.users[call.app.bot_user]
    return quiet_time(user, call.workspace.clock())


def dnd_team(call: Call) -> JSON:
    users, known = call.names("users"), call.workspace.users
    if not users:
        raise SlackError("users_list_not_supplied")
    if len(users) > 50:
        raise SlackError("too_many_users")
    return {"users": {user: quiet_time(known[user], call.workspace.clock()) for user in users if user in known}}


def quiet_time(user: User, now: float) -> JSON:
    """The running or next quiet time of a user, in seconds since 1970, as dnd.info shows it."""
    if user.quiet is None:
        return {"dnd_enabled": False, "next_dnd_start_ts": 1, "next_dnd_end_ts": 1, "snooze_enabled": False}
    zone = ZoneInfo(user.tz)
    today = datetime.fromtimestamp(now, zone).date()
    starts, ends = (time.fromisoformat(part) for part in user.quiet)
    for days in (-1, 0, 1):
        day = today + timedelta(days=days)
        start = datetime.combine(day, starts, zone)
        end = datetime.combine(day + timedelta(days=int(ends <= starts)), ends, zone)
        if end.timestamp() > now:
            break
    return {
        "dnd_enabled": True,
        "next_dnd_start_ts": int(start.timestamp()),
        "next_dnd_end_ts": int(end.timestamp()),
        "snooze_enabled": False,
    }


METHODS = {
    "auth.test": Method(auth_test, tier=None),
    "team.info": Method(team_info, "team:read"),
    "bots.info": Method(bots_info, "users:read"),
    "users.info": Method(users_info, "users:read", tier=4),
    "users.list": Method(users_list, "users:read", tier=2),
    "usergroups.list": Method(groups_list, "usergroups:read", tier=2),
    "usergroups.users.list": Method(group_members, "usergroups:read", tier=2),
    "dnd.info": Method(dnd_info, "dnd:read"),
    "dnd.teamInfo": Method(dnd_team, "dnd:read", tier=2),
}
