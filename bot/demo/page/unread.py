"""Who has read how far: unread marks of the local workspace. Kept in the server, so that a reload keeps them."""

from __future__ import annotations

from bot.demo.standin.model import Channel, Posted, User
from bot.demo.standin.workspace import Workspace


class Unread:
    """The time of the last message that each person has seen, by channel and by thread (`channel/ts`)."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._read: dict[tuple[str, str], float] = {}

    def read_channel(self, user: User, channel: Channel) -> None:
        self._up_to(user, channel.id, self.in_channel(user, channel))

    def read_thread(self, user: User, channel: str, ts: str) -> None:
        self._up_to(user, f"{channel}/{ts}", self._workspace.in_thread(channel, ts))

    def count(self, user: User, channel: Channel) -> int:
        """Messages of others in the channel itself, and threads of it with something new."""
        roots = self.in_channel(user, channel)
        new = [m for m in roots if m.user != user.id and float(m.ts) > self._read.get((user.id, channel.id), 0.0)]
        return len(new)

    def mentions(self, user: User, channel: Channel) -> int:
        """What deserves a number: direct messages, ephemeral ones, and messages that name the person."""
        since = self._read.get((user.id, channel.id), 0.0)
        new = [m for m in self.in_channel(user, channel) if m.user != user.id and float(m.ts) > since]
        return sum(1 for m in new if channel.kind == "im" or m.ephemeral_to or self._names(user, m))

    def in_thread(self, user: User, parent: Posted) -> bool:
        """Whether the thread has something new."""
        since = self._read.get((user.id, f"{parent.channel}/{parent.ts}"), 0.0)
        thread = self._workspace.in_thread(parent.channel, parent.ts)
        seen = [m for m in thread if m.is_reply and m.ephemeral_to in (None, user.id)]
        return any(m.user != user.id and float(m.ts) > since for m in seen)

    def in_channel(self, user: User, channel: Channel) -> list[Posted]:
        """What stands in the channel itself, oldest first."""
        visible = self._workspace.visible_to(user.id, channel.id)
        return [m for m in visible if not m.is_reply or m.broadcast]

    def _names(self, user: User, message: Posted) -> bool:
        groups = [group for group in self._workspace.groups.values() if user.id in group.members]
        said = f"{message.text}{message.blocks or ''}"
        return f"<@{user.id}>" in said or any(f"<!subteam^{group.id}" in said for group in groups)

    def _up_to(self, user: User, place: str, seen: list[Posted]) -> None:
        latest = max((float(m.ts) for m in seen), default=0.0)
        self._read[user.id, place] = max(latest, self._read.get((user.id, place), 0.0))
