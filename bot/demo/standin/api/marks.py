"""reactions.* and pins.*: marks on messages."""

from __future__ import annotations

import re

from bot.demo.standin.api.call import Call, Method
from bot.demo.standin.api.shapes import message_json
from bot.demo.standin.errors import SlackError
from bot.demo.standin.model import JSON, Posted


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


METHODS = {
    "reactions.add": Method(add_reaction, "reactions:write"),
    "reactions.remove": Method(remove_reaction, "reactions:write", tier=2),
    "pins.add": Method(add_pin, "pins:write", tier=2),
    "pins.remove": Method(remove_pin, "pins:write", tier=2),
    "pins.list": Method(list_pins, "pins:read", tier=2),
}
