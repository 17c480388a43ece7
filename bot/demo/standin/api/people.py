"""users.*, usergroups.*, and who the app itself is."""

from __future__ import annotations

from bot.demo.standin.api.call import Call, Method, paged
from bot.demo.standin.api.shapes import group_json, user_json
from bot.demo.standin.model import JSON, SlackError


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


def users_info(call: Call) -> JSON:
    return {"user": user_json(call.user(), call.workspace)}


def users_list(call: Call) -> JSON:
    some, cursor = call.page(list(call.workspace.users.values()))
    return {"members": [user_json(user, call.workspace) for user in some], **paged(cursor)}


def groups_list(call: Call) -> JSON:
    _paid(call)
    return {"usergroups": [group_json(group, call.workspace) for group in call.workspace.groups.values()]}


def group_members(call: Call) -> JSON:
    _paid(call)
    group = call.workspace.groups.get(call.required("usergroup"))
    if group is None:
        raise SlackError("no_such_subteam")
    return {"users": list(group.members)}


def _paid(call: Call) -> None:
    if call.workspace.team.plan == "free":
        raise SlackError("paid_teams_only")


METHODS = {
    "auth.test": Method(auth_test, tier=None),
    "users.info": Method(users_info, "users:read", tier=4),
    "users.list": Method(users_list, "users:read", tier=2),
    "usergroups.list": Method(groups_list, "usergroups:read", tier=2),
    "usergroups.users.list": Method(group_members, "usergroups:read", tier=2),
}
