"""files.*: the upload in three steps."""

from __future__ import annotations

from typing import Any

from bot.demo.standin.api.call import Call, Method
from bot.demo.standin.api.chat import blocks_of
from bot.demo.standin.api.shapes import file_json
from bot.demo.standin.model import JSON, SlackError, StoredFile, invalid_arguments
from bot.demo.standin.mrkdwn import normalise
from bot.demo.standin.service import Service


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
    "files.getUploadURLExternal": Method(get_upload_url, "files:write", tier=4),
    "files.completeUploadExternal": Method(complete_upload, "files:write", tier=4),
}
