"""Handles on messages and threads, as one person sees them."""

from __future__ import annotations

import copy
from typing import Any

from bot.demo.standin.acts.clicks import click_message
from bot.demo.standin.api.shapes import message_json
from bot.demo.standin.model import JSON, Posted, User
from bot.demo.standin.people.surfaces import PATIENCE, controls, squeezed, wait_until_read
from bot.demo.standin.reading import Reader, message_block, message_lines, reader_of
from bot.demo.standin.service import Service


class Message:
    """A message as a person sees it. It follows changes, unless it is an `old_copy()`."""

    def __init__(self, service: Service, user: User, posted: Posted, is_old: bool = False) -> None:
        self.service, self.user = service, user
        self.channel, self.ts = posted.channel, posted.ts
        self._last, self._is_old = posted, is_old

    def __repr__(self) -> str:
        return f"<Message {self.channel}/{self.ts}: {squeezed(self.text())[:60]!r}>"

    @property
    def posted(self) -> Posted:
        """The model's message: the current one, or the copy."""
        if not self._is_old:
            self._last = self.service.workspace.message(self.channel, self.ts) or self._last
        return self._last

    @property
    def thread(self) -> Thread:
        """The thread that this message starts or stands in."""
        return Thread(self.service, self.user, self.channel, self.posted.thread_ts or self.ts)

    def json(self) -> JSON:
        """The message as the Web API shows it, metadata too."""
        with self.service.workspace.lock:
            return message_json(self.posted, self.service.workspace, with_metadata=True)

    def lines(self) -> list[str]:
        """Everything readable, line by line."""
        with self.service.workspace.lock:
            return message_lines(self.posted, self.service.workspace, self.user)

    def text(self) -> str:
        return "\n".join(self.lines())

    def buttons(self) -> list[str]:
        """The words on all buttons, in reading order."""
        found = controls(self.blocks(), self.reader())
        return [control.names[0] for control in found if control.element["type"] == "button"]

    def old_copy(self) -> Message:
        """What is on the screen now, and stays there: pressing in it sends what it holds."""
        with self.service.workspace.lock:
            return Message(self.service, self.user, copy.deepcopy(self.posted), is_old=True)

    def becomes(self, containing: str, timeout: float = PATIENCE) -> Message:
        """Waits until the message reads so. AssertionError with what it reads."""
        wait_until_read(self.service, self.text, "the message", containing, timeout)
        return self

    def as_seen_by(self, user: User) -> Message:
        return Message(self.service, user, self._last, self._is_old)

    # --- a surface ----------------------------------------------------------------------------------------------

    def blocks(self) -> list[JSON]:
        return self.posted.blocks or []

    def reader(self) -> Reader:
        return reader_of(self.service.workspace, self.user, f"{self.channel}/{self.ts}", self.blocks())

    def act(self, block_id: str, element: JSON, value: Any) -> str | None:
        return click_message(self.service, self.user, self.posted, block_id, element, value)


class Thread:
    """A thread as a person sees it."""

    def __init__(self, service: Service, user: User, channel: str, ts: str) -> None:
        self.service, self.user, self.channel, self.ts = service, user, channel, ts

    def messages(self) -> list[Message]:
        """The parent and all replies, oldest first."""
        visible = self.service.workspace.visible_to(self.user.id, self.channel)
        return [Message(self.service, self.user, m) for m in visible if self.ts in (m.ts, m.thread_ts)]

    def replies(self) -> list[Message]:
        return [message for message in self.messages() if message.ts != self.ts]

    def text(self) -> str:
        blocks = [message_block(m.posted, self.service.workspace, self.user) for m in self.messages()]
        return "\n\n".join("\n".join(lines) for lines in blocks)

    def sees(self, containing: str = "", timeout: float = PATIENCE) -> Message:
        """The newest reply that reads so, waiting for it. AssertionError with the thread."""
        found = self.service.workspace.wait_for(lambda: newest(self.replies(), containing), timeout)
        if found is None:
            raise AssertionError(f"no reply reads {containing!r} in the thread:\n{self.text() or '(empty)'}")
        return found


def newest(messages: list[Message], containing: str) -> Message | None:
    wanted = squeezed(containing)
    return next((m for m in reversed(messages) if wanted in squeezed(m.text())), None)
