"""What people look at and act on: anything with blocks, and above all messages and threads.

What is to be pressed is found by the words on it.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from bot.demo.standin.acts.clicks import click_message
from bot.demo.standin.api.shapes import message_json
from bot.demo.standin.blockkit.blocks import elements_of
from bot.demo.standin.model import JSON, Posted, User
from bot.demo.standin.reading import Reader, message_block, message_lines, reader_of
from bot.demo.standin.service import Service


@dataclass(frozen=True)
class Control:
    block_id: str
    element: JSON
    names: tuple[str, ...]  # what it may be called: its words, its label, what it shows now
    beside: str  # what stands in the same block, or above it


def controls(blocks: list[JSON], reader: Reader) -> list[Control]:
    """Everything that can be acted on, in reading order."""
    found, above = [], ""
    for block in blocks:
        own = " ".join(reader.text(part) for part in [block.get("text"), *(block.get("fields") or [])] if part)
        above = own or above
        for _, element in elements_of(block):
            found.append(Control(block["block_id"], element, _names(block, element, reader), own or above))
    return found


def _names(block: JSON, element: JSON, reader: Reader) -> tuple[str, ...]:
    if element["type"] == "overflow":
        return ("⋯",)
    candidates = [reader.label(block["block_id"], element), reader.text(element.get("placeholder"))]
    if block["type"] == "input":
        candidates.insert(0, reader.text(block["label"]))
    elif block["type"] == "section" and element["type"] not in ("button", "overflow"):
        candidates.append(reader.text(block.get("text")))
    return tuple(dict.fromkeys(name for name in candidates if name))


def matching(found: list[Control], called: str, beside: str | None, kinds: frozenset[str] | None) -> list[Control]:
    """Controls of this exact name, else those whose name begins with or contains it; beside narrows."""
    fitting = [
        c
        for c in found
        if (kinds is None or c.element["type"] in kinds) and squeezed(beside or "") in squeezed(c.beside)
    ]
    exact = [c for c in fitting if called in c.names]
    return exact or [c for c in fitting if any(called in name for name in c.names)]


def option_called(element: JSON, words: str, reader: Reader) -> Any:
    """The value that choosing these words gives: an option, a user's id, a date.

    AssertionError names what there is to choose.
    """
    if element["type"] == "users_select":
        return reader.workspace.user_named(words).id
    if element["type"] == "datepicker":
        return words
    named = [(reader.text(option["text"]), option) for option in element["options"]]
    for name, option in named:
        if name == words:
            return option
    close = [option for name, option in named if words in name]
    if len(close) != 1:
        raise AssertionError(f"cannot choose {words!r}; there is: {', '.join(name for name, _ in named)}")
    return close[0]


class Surface(Protocol):
    """A message, a form, an App Home page."""

    service: Service
    user: User

    def blocks(self) -> list[JSON]: ...

    def reader(self) -> Reader: ...

    def text(self) -> str: ...

    def act(self, block_id: str, element: JSON, value: Any) -> str | None: ...


PRESSED = frozenset({"button"})


PATIENCE = 30.0
"""Seconds; what is waited for comes at once, but for a machine with several things to do."""


def squeezed(text: str) -> str:
    return " ".join(text.split())


def wait_until_read(service: Service, text: Callable[[], str], what: str, containing: str, timeout: float) -> None:
    """Waits until it reads so. AssertionError with what it reads."""
    wanted = squeezed(containing)
    if not service.workspace.wait_for(lambda: wanted in squeezed(text()), timeout):
        raise AssertionError(f"{what} never read {containing!r}; it reads:\n{text()}")


def wait_for_one(
    service: Service,
    look: Callable[[], Sequence[Surface]],
    called: str,
    beside: str | None,
    kinds: frozenset[str] | None,
    timeout: float,
) -> tuple[Surface, Control]:
    """The one control of this name, waiting for it. AssertionError when there is none, or several."""

    def find() -> list[tuple[Surface, Control]] | None:
        """All fitting controls of the first surface that has any."""
        for surface in look():
            fitting = matching(controls(surface.blocks(), surface.reader()), called, beside, kinds)
            if fitting:
                return [(surface, control) for control in fitting]
        return None

    started = time.monotonic()
    found = service.workspace.wait_for(find, timeout) or []
    place = f" beside {beside!r}" if beside else ""
    if not found:
        seen = "\n\n".join(surface.text() for surface in look()) or "(nothing)"
        waited = time.monotonic() - started
        raise AssertionError(f"nothing called {called!r}{place} to act on, after {waited:.1f} s, in:\n{seen}")
    if len(found) > 1:
        there = "\n".join(f"- beside {control.beside!r}" for _, control in found)
        raise AssertionError(f"{len(found)} are called {called!r}{place}; say which with beside=…:\n{there}")
    return found[0]


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
