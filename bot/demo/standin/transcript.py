"""A channel as plain text: who, when, what, with threads indented."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from bot.demo.standin.model import Channel, Posted, User
from bot.demo.standin.mrkdwn import unescape
from bot.demo.standin.reading import message_lines
from bot.demo.standin.workspace import Workspace

INDENT = 7  # "14:02  " stands before the name
THREAD = "  │ "


def transcript(workspace: Workspace, channel: Channel, viewer: User | None = None) -> str:
    """All messages that the viewer sees (None: everything), oldest first, threads below their parents."""
    with workspace.lock:
        messages = _seen(workspace, channel, viewer)
        lines, day = [channel_title(workspace, channel, viewer)], ""
        known = {message.ts for message in messages}
        for message in messages:
            if message.is_reply and message.thread_ts in known:
                continue
            if day != (day := _at(message, viewer).strftime("%A %d %B %Y")):
                lines += ["", f"── {day} ──"]
            lines += ["", *message_block(message, workspace, viewer)]
            for reply in (m for m in messages if m.is_reply and m.thread_ts == message.ts):
                lines += [THREAD.rstrip(), *_indented(message_block(reply, workspace, viewer))]
        return "\n".join(line.rstrip() for line in lines)


def _seen(workspace: Workspace, channel: Channel, viewer: User | None) -> list[Posted]:
    if viewer is None:
        return list(workspace.messages[channel.id].values())
    return workspace.visible_to(viewer.id, channel.id)


def channel_title(workspace: Workspace, channel: Channel, viewer: User | None = None) -> str:
    if channel.kind != "im":
        return f"#{channel.name}"
    others = [workspace.users[member].real_name for member in channel.members if not viewer or member != viewer.id]
    return "Direct messages: " + ", ".join(others)


def message_block(message: Posted, workspace: Workspace, viewer: User | None) -> list[str]:
    """One message with its head line; what is said stands below the name."""
    head = f"{_at(message, viewer):%H:%M}  {_author(message, workspace)}"
    lines = message_lines(message, workspace, viewer)
    marks = [f":{name}: {len(users)}" for name, users in message.reactions.items()]
    return [head, *(" " * INDENT + line for line in lines + ([" ".join(marks)] if marks else []))]


def _author(message: Posted, workspace: Workspace) -> str:
    name = unescape(workspace.users[message.user].real_name)
    notes = []
    if message.ephemeral_to:
        notes.append(f"only {workspace.users[message.ephemeral_to].real_name} sees this")
    if message.pinned:
        notes.append("pinned")
    return f"{name} ({', '.join(notes)})" if notes else name


def _at(message: Posted, viewer: User | None) -> datetime:
    return datetime.fromtimestamp(float(message.ts), ZoneInfo(viewer.tz if viewer else "UTC"))


def _indented(lines: list[str]) -> list[str]:
    return [THREAD + line for line in lines]
