"""The workspace in memory: people, channels, messages, under one lock, and who wants to know of changes."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from bot.demo.standin.model import JSON, BotApp, Channel, Posted, StoredFile, Team, User, UserGroup, View

T = TypeVar("T")
SLACKBOT = "USLACKBOT"


class Workspace:
    """State of one Slack workspace. Hold `lock` (or use `changing()`) around anything of several steps.

    `clock` gives seconds since 1970 and may be shifted; time-outs run on the machine's own clock.
    """

    def __init__(self, app: BotApp, team: Team | None = None, clock: Callable[[], float] = time.time) -> None:
        self.app = app
        self.team = team or Team()
        self.clock = clock
        self.url = f"https://{self.team.domain}.slack.com"
        self.lock = threading.RLock()
        self.users: dict[str, User] = {}
        self.groups: dict[str, UserGroup] = {}
        self.channels: dict[str, Channel] = {}
        self.messages: dict[str, dict[str, Posted]] = {}
        self.views: dict[str, View] = {}
        self.modals: dict[str, list[str]] = {}
        self.homes: dict[str, str] = {}
        self.files: dict[str, StoredFile] = {}
        self.states: dict[str, JSON] = {}
        self._changed = threading.Condition(self.lock)
        self._listeners: list[Callable[[], None]] = []
        self._last_ts = 0
        self._counter = 0
        self.add_user(User(app.bot_user, app.name, app.name, team_id=self.team.id, is_bot=True))
        self.add_user(User(SLACKBOT, "slackbot", "Slackbot", team_id=self.team.id, is_bot=True))

    # --- change and waiting -------------------------------------------------------------------------------------

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Holds the lock, then tells everyone who waits or listens."""
        with self.lock:
            yield
            self._changed.notify_all()
        for listener in self._listeners:
            listener()

    def on_change(self, listener: Callable[[], None]) -> None:
        """Calls `listener` after every change, on the thread that made it."""
        self._listeners.append(listener)

    def wait_for(self, look: Callable[[], T | None], timeout: float) -> T | None:
        """The first answer of `look` (called under the lock) that is neither None nor False, or None when late."""
        deadline = time.monotonic() + timeout
        with self.lock:
            while True:
                found = look()
                left = deadline - time.monotonic()
                if (found is not None and found is not False) or left <= 0:
                    return found
                self._changed.wait(left)

    # --- identities ---------------------------------------------------------------------------------------------

    def now(self) -> float:
        """Seconds since 1970 by the workspace's clock, which may be shifted."""
        return self.clock()

    def new_ts(self) -> str:
        """Slack's message time: unique and increasing, `1732262400.000100`."""
        with self.lock:
            self._last_ts = max(int(self.clock() * 1_000_000), self._last_ts + 100)
            return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    def new_id(self, prefix: str, name: str = "") -> str:
        """`U0ANN` for a name that is free, else numbered."""
        with self.lock:
            readable = f"{prefix}0{re.sub('[^A-Z0-9]', '', name.upper())}"
            if name and not any(readable in known for known in (self.users, self.groups, self.channels)):
                return readable
            self._counter += 1
            return f"{prefix}0{self._counter:08d}"

    # --- people and places --------------------------------------------------------------------------------------

    def add_user(self, user: User) -> User:
        with self.changing():
            self.users[user.id] = user
        return user

    def add_group(self, handle: str, members: list[str], name: str = "") -> UserGroup:
        with self.changing():
            group = UserGroup(self.new_id("S", handle), handle, name or handle, list(members))
            self.groups[group.id] = group
        return group

    def add_channel(self, name: str, members: list[str], kind: str = "public") -> Channel:
        with self.changing():
            prefix = "D" if kind == "im" else "C"
            channel = Channel(self.new_id(prefix, name), name, kind, list(members), created=int(self.clock()))
            self.channels[channel.id] = channel
            self.messages[channel.id] = {}
        return channel

    def direct(self, one: str, other: str) -> Channel:
        """The direct-message channel of two users, made when there is none."""
        with self.lock:
            return self.existing_direct(one, other) or self.add_channel("", [one, other], kind="im")

    def existing_direct(self, one: str, other: str) -> Channel | None:
        wanted = {one, other}
        return next((c for c in self.channels.values() if c.kind == "im" and set(c.members) == wanted), None)

    def user_named(self, name: str) -> User:
        wanted = name.lstrip("@").lower()
        for user in self.users.values():
            if wanted in (user.id.lower(), user.name.lower(), user.real_name.lower()):
                return user
        raise LookupError(f"nobody is called {name!r}; there are: {', '.join(u.name for u in self.users.values())}")

    def channel_named(self, name: str) -> Channel:
        wanted = name.lstrip("#")
        for channel in self.channels.values():
            if channel.id == wanted or (channel.name and channel.name == wanted):
                return channel
        names = ", ".join(f"#{c.name}" for c in self.channels.values() if c.name)
        raise LookupError(f"no channel {name!r}; there are: {names}")

    def group_named(self, handle: str) -> UserGroup | None:
        wanted = handle.lstrip("@")
        return next((g for g in self.groups.values() if wanted in (g.handle, g.id)), None)

    # --- messages -----------------------------------------------------------------------------------------------

    def add_message(self, message: Posted) -> Posted:
        with self.changing():
            self.messages.setdefault(message.channel, {})[message.ts] = message
        return message

    def from_app(self, channel: str, text: str, blocks: list[JSON] | None, thread_ts: str | None = None) -> Posted:
        """A message of the app that stands in no channel yet."""
        app = self.app
        return Posted(
            channel,
            self.new_ts(),
            app.bot_user,
            text,
            blocks or None,
            thread_ts,
            bot_id=app.bot_id,
            app_id=app.id,
            team=self.team.id,
        )

    def message(self, channel: str, ts: str) -> Posted | None:
        return self.messages.get(channel, {}).get(ts)

    def in_thread(self, channel: str, ts: str) -> list[Posted]:
        """The parent (when it still exists) and its replies, oldest first, ephemerals too."""
        return [m for m in self.messages.get(channel, {}).values() if ts in (m.ts, m.thread_ts)]

    def visible_to(self, user: str, channel: str) -> list[Posted]:
        """Everything of a channel that this user sees, threads and ephemerals too, oldest first."""
        room = self.channels[channel]
        if user not in room.members and (room.kind != "public" or self.users[user].is_guest):
            return []
        return [m for m in list(self.messages[channel].values()) if m.ephemeral_to in (None, user)]

    def permalink(self, message: Posted) -> str:
        link = f"{self.url}/archives/{message.channel}/p{message.ts.replace('.', '')}"
        return f"{link}?thread_ts={message.thread_ts}&cid={message.channel}" if message.is_reply else link
