"""Blocks as a person reads them, lines of plain text; and a whole channel so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.demo.standin.modals import STATEFUL, state_of
from bot.demo.standin.model import JSON, Channel, Posted, User
from bot.demo.standin.mrkdwn import readable, unescape
from bot.demo.standin.workspace import Workspace

RULE = "─" * 24


@dataclass(frozen=True)
class Reader:
    """Whose eyes: `viewer` gives the time zone, `state` what this person has chosen so far."""

    workspace: Workspace
    viewer: User | None = None
    state: JSON | None = None

    def text(self, part: JSON | None) -> str:
        """A text object: mrkdwn in words, plain_text literally."""
        if not part:
            return ""
        if part.get("type") == "mrkdwn":
            return readable(part["text"], self.workspace, self.viewer)
        return unescape(part["text"])

    def lines(self, blocks: list[JSON]) -> list[str]:
        return [line for block in blocks for line in _READERS[block["type"]](self, block)]

    def chosen(self, block_id: str, element: JSON) -> Any:
        """What an element holds: an option, ids, text …, or None."""
        now, at_first = STATEFUL[element["type"]]
        values: JSON = (self.state or {}).get(block_id, {})
        if element["action_id"] in values:
            return values[element["action_id"]].get(now)
        return element.get(at_first)

    def label(self, block_id: str, element: JSON) -> str:
        """The words on an element."""
        kind = element["type"]
        if kind == "button":
            return self.text(element["text"])
        if kind == "overflow":
            return "⋯ " + ", ".join(self.text(option["text"]) for option in element["options"])
        shown = self.value_words(self.chosen(block_id, element))
        return shown or self.text(element.get("placeholder"))

    def value_words(self, value: Any) -> str:
        if isinstance(value, list):
            return ", ".join(self.value_words(each) for each in value)
        if isinstance(value, dict):
            return self.text(value["text"])
        user = self.workspace.users.get(str(value))
        return f"@{user.real_name}" if user else str(value or "")

    def control(self, block_id: str, element: JSON) -> str:
        """An element as it is drawn in a line."""
        kind = element["type"]
        if kind in ("radio_buttons", "checkboxes"):
            chosen = self.chosen(block_id, element) or []
            ticked = chosen if isinstance(chosen, list) else [chosen]
            marks = [f"[{'x' if each in ticked else ' '}] {self.text(each['text'])}" for each in element["options"]]
            return "  ".join(marks)
        return f"[{self.label(block_id, element)}{' ▾' if kind.endswith('select') else ''}]"


def _section(reader: Reader, block: JSON) -> list[str]:
    lines = reader.text(block.get("text")).split("\n") if block.get("text") else []
    for one in block.get("fields") or []:
        lines += reader.text(one).split("\n")
    if block.get("accessory"):
        drawn = reader.control(block["block_id"], block["accessory"])
        lines = [f"{lines[0]}  {drawn}", *lines[1:]]
    return lines


def _input(reader: Reader, block: JSON) -> list[str]:
    optional = " (optional)" if block.get("optional") else ""
    drawn = reader.control(block["block_id"], block["element"])
    hint = [f"    {reader.text(block['hint'])}"] if block.get("hint") else []
    return [f"{reader.text(block['label'])}{optional}: {drawn}", *hint]


def _rich_text(_reader: Reader, block: JSON) -> list[str]:
    return "".join(text["text"] for part in block["elements"] for text in part["elements"]).rstrip("\n").split("\n")


_READERS: dict[str, Callable[[Reader, JSON], list[str]]] = {
    "section": _section,
    "actions": lambda reader, block: [" ".join(reader.control(block["block_id"], each) for each in block["elements"])],
    "context": lambda reader, block: "  ".join(reader.text(each) for each in block["elements"]).split("\n"),
    "header": lambda reader, block: [reader.text(block["text"])],
    "divider": lambda _reader, _block: [RULE],
    "input": _input,
    "rich_text": _rich_text,
}


def reader_of(workspace: Workspace, viewer: User | None, place: str, blocks: list[JSON]) -> Reader:
    """The eyes of a viewer on a message (`channel/ts`) or view."""
    state = state_of(workspace, viewer.id, place, blocks) if viewer else None
    return Reader(workspace, viewer, state)


def message_lines(message: Posted, workspace: Workspace, viewer: User | None = None) -> list[str]:
    """Everything that a person reads in one message. With blocks, `text` is for notifications only."""
    blocks = message.blocks or []
    reader = reader_of(workspace, viewer, f"{message.channel}/{message.ts}", blocks)
    lines = reader.lines(blocks)
    if not blocks and message.text:
        lines = readable(message.text, workspace, viewer).split("\n")
    marks = ["📌 pinned"] if message.pinned else []
    marks += [f":{name}: {len(users)}" for name, users in message.reactions.items()]
    return lines + [f"(file: {workspace.files[file].title})" for file in message.files] + marks


INDENT = 7  # "14:02  " stands before the name
THREAD = "  │ "


def transcript(workspace: Workspace, channel: Channel, viewer: User | None = None) -> str:
    """All messages that the viewer sees (None: everything), oldest first, threads below their parents."""
    with workspace.lock:
        everything = list(workspace.messages[channel.id].values())
        messages = workspace.visible_to(viewer.id, channel.id) if viewer else everything
        lines, day = [channel_title(workspace, channel, viewer)], ""
        known = {message.ts for message in messages}
        for message in messages:
            if message.is_reply and message.thread_ts in known:
                continue
            if day != (day := _at(message, viewer).strftime("%A %d %B %Y")):
                lines += ["", f"── {day} ──"]
            lines += ["", *message_block(message, workspace, viewer)]
            for reply in (m for m in messages if m.is_reply and m.thread_ts == message.ts):
                lines += [THREAD.rstrip(), *(THREAD + line for line in message_block(reply, workspace, viewer))]
        return "\n".join(line.rstrip() for line in lines)


def channel_title(workspace: Workspace, channel: Channel, viewer: User | None = None) -> str:
    if channel.kind != "im":
        return f"#{channel.name}"
    others = [workspace.users[member].real_name for member in channel.members if not viewer or member != viewer.id]
    return "Direct messages: " + ", ".join(others)


def message_block(message: Posted, workspace: Workspace, viewer: User | None) -> list[str]:
    """One message with its head line; what is said stands below the name."""
    head = f"{_at(message, viewer):%H:%M}  {_author(message, workspace)}"
    return [head, *(" " * INDENT + line for line in message_lines(message, workspace, viewer))]


def _author(message: Posted, workspace: Workspace) -> str:
    name = unescape(workspace.users[message.user].real_name)
    only = workspace.users[message.ephemeral_to].real_name if message.ephemeral_to else ""
    return f"{name} (only {only} sees this)" if only else name


def _at(message: Posted, viewer: User | None) -> datetime:
    return datetime.fromtimestamp(float(message.ts), ZoneInfo(viewer.tz if viewer else "UTC"))
