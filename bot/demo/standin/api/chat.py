"""chat.*: posting and changing messages."""

from __future__ import annotations

import json
from typing import Any

from bot.demo.standin.acts.hearing import app_hears
from bot.demo.standin.api.call import Call, Method
from bot.demo.standin.api.shapes import message_json
from bot.demo.standin.blockkit import check_message_blocks, kept_blocks
from bot.demo.standin.model import JSON, Channel, Posted, SlackError
from bot.demo.standin.mrkdwn import normalise

CUT_AT = 40_000
UPDATE_MOST = 4_000
METADATA_MOST = 16_000


def post_message(call: Call) -> JSON:
    channel = _destination(call)
    call.service.rates.check_post(channel.id)
    message = _composed(call, channel)
    message.metadata = metadata_of(call)
    call.workspace.add_message(message)
    app_hears(call.service, message)
    shown = message_json(message, call.workspace, with_metadata=True)
    return {"channel": channel.id, "ts": message.ts, "message": shown}


def post_ephemeral(call: Call) -> JSON:
    channel = call.joined(call.channel())
    user = call.user()
    if user.id not in channel.members:
        raise SlackError("user_not_in_channel")
    message = _composed(call, channel)
    message.ephemeral_to = user.id
    call.workspace.add_message(message)
    return {"message_ts": message.ts}


def update(call: Call) -> JSON:
    channel = call.joined(call.channel())
    message = call.message(channel, "ts")
    if message.bot_id != call.app.bot_id:
        raise SlackError("cant_update_message")
    text, blocks = call.text("text"), blocks_of(call)
    if text is None and blocks is None:
        raise SlackError("no_text")
    if text is not None and len(text) > UPDATE_MOST:
        raise SlackError("msg_too_long")
    metadata = metadata_of(call)
    with call.workspace.changing():
        message.text = message.text if text is None else normalise(text)
        message.blocks = blocks or None
        message.metadata = metadata or message.metadata
        message.edited = {"user": call.app.bot_user, "ts": call.workspace.new_ts()}
    shown = message_json(message, call.workspace)
    return {"channel": channel.id, "ts": message.ts, "text": message.text, "message": shown}


def get_permalink(call: Call) -> JSON:
    channel = call.channel()
    message = call.message(channel, "message_ts")
    return {"channel": channel.id, "permalink": call.workspace.permalink(message)}


def blocks_of(call: Call) -> list[JSON] | None:
    """The checked blocks of a call as Slack keeps them; None when it has none."""
    blocks: Any = call.parsed("blocks", "invalid_blocks_format")
    if blocks is None:
        return None
    check_message_blocks(blocks)
    return kept_blocks(blocks)


def metadata_of(call: Call) -> JSON | None:
    """SlackError invalid_metadata_format or metadata_too_large."""
    metadata: Any = call.parsed("metadata", "invalid_metadata_format")
    if metadata is None:
        return None
    if not isinstance(metadata, dict) or not isinstance(metadata.get("event_type"), str):
        raise SlackError("invalid_metadata_format")
    if not isinstance(metadata.get("event_payload"), dict):
        raise SlackError("invalid_metadata_format")
    if len(json.dumps(metadata)) > METADATA_MOST:
        raise SlackError("metadata_too_large")
    kept: JSON = metadata
    return kept


def _destination(call: Call) -> Channel:
    """A channel by id or #name; a user id means the app's direct messages with that user."""
    target, workspace = call.required("channel"), call.workspace
    if target in workspace.users:
        return workspace.direct(call.app.bot_user, target)
    if target.startswith("#") or target not in workspace.channels:
        known = [channel for channel in workspace.channels.values() if channel.name and channel.kind == "public"]
        named = next((channel for channel in known if channel.name == target.removeprefix("#")), None)
        if named is None:
            raise SlackError("channel_not_found")
        return call.joined(named)
    return call.joined(call.channel())


def _composed(call: Call, channel: Channel) -> Posted:
    text, blocks = call.text("text"), blocks_of(call)
    if not text and not blocks:
        raise SlackError("no_text")
    return call.workspace.from_app(channel.id, normalise((text or "")[:CUT_AT]), blocks, _thread(call, channel))


def _thread(call: Call, channel: Channel) -> str | None:
    """The parent of a reply; a reply to a reply goes to the same thread."""
    thread_ts = call.text("thread_ts")
    if not thread_ts:
        return None
    parent = call.workspace.message(channel.id, thread_ts)
    if parent is None:
        raise SlackError("thread_not_found")
    if parent.ephemeral_to:
        raise SlackError("cannot_reply_to_message")
    return parent.thread_ts or parent.ts


METHODS = {
    "chat.postMessage": Method(post_message, "chat:write", tier=None),
    "chat.postEphemeral": Method(post_ephemeral, "chat:write", tier=4),
    "chat.update": Method(update, "chat:write"),
    "chat.getPermalink": Method(get_permalink, None, tier=None),
}
