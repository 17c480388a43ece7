"""conversations.*, reactions and pins: channels, who is in them, and marks on their messages."""

from __future__ import annotations

import re

from bot.demo.standin.api.call import HISTORY_SCOPES, READ_SCOPES, Call, Method, paged
from bot.demo.standin.api.shapes import channel_json, message_json
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


def of_user(call: Call) -> JSON:
    """users.conversations: those of the bot, or those it shares with a user."""
    user = call.user().id if call.text("user") else call.app.bot_user
    listed = [c for c in _listed(call) if {user, call.app.bot_user} <= set(c.members)]
    channels, cursor = call.page(listed)
    return {"channels": [channel_json(channel, call.workspace) for channel in channels], **paged(cursor)}


def history(call: Call) -> JSON:
    channel = _historic(call)
    everything = call.workspace.messages[channel.id].values()
    said = [m for m in everything if not m.ephemeral_to and (not m.is_reply or m.broadcast)]
    shown, cursor = call.page([m for m in reversed(said) if _within(call, m)])
    return {**_messages(call, shown), "has_more": bool(cursor), "pin_count": 0, **paged(cursor)}


def replies(call: Call) -> JSON:
    channel = _historic(call)
    ts = call.required("ts")
    thread = [m for m in call.workspace.in_thread(channel.id, ts) if not m.ephemeral_to]
    if not thread:
        raise SlackError("thread_not_found")
    kept = [m for m in thread if m.ts == ts or _within(call, m)]
    shown, cursor = call.page(kept, default=1000)
    return {**_messages(call, shown), "has_more": bool(cursor), **paged(cursor)}


def open_direct(call: Call) -> JSON:
    users = call.names("users")
    if not users:
        raise SlackError("users_list_not_supplied")
    if len(users) > 1:
        raise SlackError("missing_scope", needed="mpim:write", provided=",".join(call.app.scopes))
    if users[0] not in call.workspace.users:
        raise SlackError("user_not_found")
    channel = call.workspace.direct(call.app.bot_user, users[0])
    shown = channel_json(channel, call.workspace) if call.flag("return_im") else {"id": channel.id}
    return {"channel": shown}


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
    visible = [c for c in known if c.kind == "public" or mine in c.members]
    return [c for c in visible if not (call.flag("exclude_archived") and c.archived)]


def _within(call: Call, message: Posted) -> bool:
    at, inclusive = float(message.ts), call.flag("inclusive")
    oldest, latest = float(call.text("oldest") or 0), float(call.text("latest") or "inf")
    return oldest < at < latest or (inclusive and at in (oldest, latest))


def _messages(call: Call, messages: list[Posted]) -> JSON:
    metadata = call.flag("include_all_metadata")
    return {"messages": [message_json(m, call.workspace, with_metadata=metadata) for m in messages]}


METHODS = {
    "conversations.info": Method(info),
    "conversations.members": Method(members, tier=4),
    "conversations.list": Method(list_channels, tier=2),
    "conversations.history": Method(history),
    "conversations.replies": Method(replies),
    "conversations.open": Method(open_direct, "im:write"),
    "users.conversations": Method(of_user),
}


def _target(call: Call) -> Posted:
    return call.message(call.joined(call.channel()), "timestamp")


def add_reaction(call: Call) -> JSON:
    message, name = _target(call), call.required("name").strip(":")
    if not re.fullmatch(r"[a-z0-9_+'-]+(::skin-tone-[2-6])?", name):
        raise SlackError("invalid_name")
    if call.app.bot_user in message.reactions.get(name, []):
        raise SlackError("already_reacted")
    with call.workspace.changing():
        message.reactions.setdefault(name, []).append(call.app.bot_user)
    return {}


def remove_reaction(call: Call) -> JSON:
    message, name = _target(call), call.required("name").strip(":")
    if call.app.bot_user not in message.reactions.get(name, []):
        raise SlackError("no_reaction")
    with call.workspace.changing():
        message.reactions[name].remove(call.app.bot_user)
        message.reactions = {each: users for each, users in message.reactions.items() if users}
    return {}


def add_pin(call: Call) -> JSON:
    message = _target(call)
    if message.pinned:
        raise SlackError("already_pinned")
    with call.workspace.changing():
        message.pinned = {"by": call.app.bot_user, "at": int(call.workspace.clock())}
    return {}


def remove_pin(call: Call) -> JSON:
    message = _target(call)
    if not message.pinned:
        raise SlackError("no_pin")
    with call.workspace.changing():
        message.pinned = None
    return {}


def list_pins(call: Call) -> JSON:
    channel = call.channel()
    pinned = [m for m in call.workspace.messages[channel.id].values() if m.pinned]
    items = [
        {
            "type": "message",
            "channel": channel.id,
            "created": (m.pinned or {})["at"],
            "created_by": (m.pinned or {})["by"],
            "message": message_json(m, call.workspace),
        }
        for m in pinned
    ]
    return {"items": items}


MARK_METHODS = {
    "reactions.add": Method(add_reaction, "reactions:write"),
    "reactions.remove": Method(remove_reaction, "reactions:write", tier=2),
    "pins.add": Method(add_pin, "pins:write", tier=2),
    "pins.remove": Method(remove_pin, "pins:write", tier=2),
    "pins.list": Method(list_pins, "pins:read", tier=2),
}
