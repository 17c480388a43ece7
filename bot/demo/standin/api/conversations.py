"""conversations.*, users.*, usergroups.*: channels, who is in them, what was said there; and who the app itself is."""

from __future__ import annotations

from bot.demo.standin.api.call import HISTORY_SCOPES, READ_SCOPES, Call, Method, paged
from bot.demo.standin.api.shapes import channel_json, group_json, message_json, user_json
from bot.demo.standin.model import JSON, Channel, Posted, SlackError

KINDS = {"public_channel": "public", "private_channel": "private", "im": "im", "mpim": "mpim"}


def info(call: Call) -> JSON:
    channel = _readable(call)
    return {"channel": channel_json(channel, call.workspace)}


def members(call: Call) -> JSON:
    channel = _readable(call)
    some, cursor = call.page(channel.members)
    return {"members": some, **paged(cursor)}


def list_channels(call: Call) -> JSON:
    channels, cursor = call.page(_listed(call))
    return {"channels": [channel_json(channel, call.workspace) for channel in channels], **paged(cursor)}


def history(call: Call) -> JSON:
    channel = _historic(call)
    everything = call.workspace.messages[channel.id].values()
    said = [m for m in everything if not m.ephemeral_to and not m.is_reply]
    shown, cursor = call.page(said[::-1])
    return {**_messages(call, shown), "has_more": bool(cursor), **paged(cursor)}


def replies(call: Call) -> JSON:
    channel = _historic(call)
    thread = [m for m in call.workspace.in_thread(channel.id, call.required("ts")) if not m.ephemeral_to]
    if not thread:
        raise SlackError("thread_not_found")
    shown, cursor = call.page(thread, default=1000)
    return {**_messages(call, shown), "has_more": bool(cursor), **paged(cursor)}


def open_direct(call: Call) -> JSON:
    users = call.names("users")
    if not users:
        raise SlackError("users_list_not_supplied")
    if len(users) > 1:
        raise SlackError("missing_scope", needed="mpim:write", provided=",".join(call.app.scopes))
    if users[0] not in call.workspace.users:
        raise SlackError("user_not_found")
    return {"channel": {"id": call.workspace.direct(call.app.bot_user, users[0]).id}}


def _readable(call: Call) -> Channel:
    channel = call.channel()
    call.demand(READ_SCOPES[channel.kind])
    return channel


def _historic(call: Call) -> Channel:
    channel = call.channel()
    call.demand(HISTORY_SCOPES[channel.kind])
    if call.app.bot_user not in channel.members:
        raise SlackError("not_in_channel")
    return channel


def _listed(call: Call) -> list[Channel]:
    kinds = call.names("types") or ["public_channel"]
    if not set(kinds) <= set(KINDS):
        raise SlackError("invalid_types")
    for kind in kinds:
        call.demand(READ_SCOPES[KINDS[kind]])
    wanted = {KINDS[kind] for kind in kinds}
    mine = call.app.bot_user
    known = [c for c in call.workspace.channels.values() if c.kind in wanted]
    return [c for c in known if c.kind == "public" or mine in c.members]


def _messages(call: Call, messages: list[Posted]) -> JSON:
    metadata = call.flag("include_all_metadata")
    return {"messages": [message_json(m, call.workspace, with_metadata=metadata) for m in messages]}


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
    "conversations.info": Method(info),
    "conversations.members": Method(members, tier=4),
    "conversations.list": Method(list_channels, tier=2),
    "conversations.history": Method(history),
    "conversations.replies": Method(replies),
    "conversations.open": Method(open_direct, "im:write"),
    "auth.test": Method(auth_test, tier=None),
    "users.info": Method(users_info, "users:read", tier=4),
    "users.list": Method(users_list, "users:read", tier=2),
    "usergroups.list": Method(groups_list, "usergroups:read", tier=2),
    "usergroups.users.list": Method(group_members, "usergroups:read", tier=2),
}
