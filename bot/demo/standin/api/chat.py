"""chat.* and files.*: posting and changing messages, and the upload of a file in three steps."""

from __future__ import annotations

import json
from typing import Any

from bot.demo.standin.acts.hearing import app_hears
from bot.demo.standin.api.call import Call, Method
from bot.demo.standin.api.shapes import file_json, message_json
from bot.demo.standin.blockkit import check_message_blocks, kept_blocks
from bot.demo.standin.model import JSON, Channel, Posted, SlackError, StoredFile, invalid_arguments
from bot.demo.standin.mrkdwn import normalise
from bot.demo.standin.service import Service

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


def get_upload_url(call: Call) -> JSON:
    name, length = call.required("filename"), call.number("length", 0)
    if length < 1:
        raise invalid_arguments("must be greater than 0 [json-pointer:/length]")
    with call.workspace.changing():
        file_id = call.workspace.new_id("F")
        now = int(call.workspace.clock())
        call.workspace.files[file_id] = StoredFile(file_id, name, name, call.app.bot_user, now, length)
    return {"upload_url": f"{call.service.base_url}/upload/{file_id}", "file_id": file_id}


def receive_bytes(service: Service, file_id: str, content: bytes) -> str:
    """What the upload URL answers. LookupError for an unknown file."""
    file = service.workspace.files.get(file_id)
    if file is None or file.content is not None:
        raise LookupError(file_id)
    with service.workspace.changing():
        file.content, file.size = content, len(content)
    return f"OK - {len(content)}"


def complete_upload(call: Call) -> JSON:
    files = _uploaded(call)
    if call.text("channel_id"):
        _share(call, files)
    return {"files": [file_json(file, call.workspace) for file in files]}


def _uploaded(call: Call) -> list[StoredFile]:
    named: Any = call.parsed("files", "invalid_arguments")
    if not isinstance(named, list) or not named:
        raise invalid_arguments("missing required field: files")
    files = []
    for each in named:
        file = call.workspace.files.get(str(each.get("id")))
        if file is None or file.content is None:
            raise SlackError("file_not_found")
        file.title = each.get("title") or file.title
        files.append(file)
    return files


def _share(call: Call, files: list[StoredFile]) -> None:
    channel = call.joined(call.channel("channel_id"))
    text = normalise(call.text("initial_comment") or "")
    message = call.workspace.from_app(channel.id, text, blocks_of(call), call.text("thread_ts"))
    message.files = [file.id for file in files]
    for file in files:
        file.channels.append(channel.id)
    call.workspace.add_message(message)


METHODS = {
    "chat.postMessage": Method(post_message, "chat:write", tier=None),
    "chat.postEphemeral": Method(post_ephemeral, "chat:write", tier=4),
    "chat.update": Method(update, "chat:write"),
    "chat.getPermalink": Method(get_permalink, None, tier=None),
    "files.getUploadURLExternal": Method(get_upload_url, "files:write", tier=4),
    "files.completeUploadExternal": Method(complete_upload, "files:write", tier=4),
}
