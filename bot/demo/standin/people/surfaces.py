"""What people look at and act on, anything with blocks; finding what to press by the words on it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from bot.demo.standin.blockkit.blocks import elements_of
from bot.demo.standin.model import JSON, User
from bot.demo.standin.reading import Reader
from bot.demo.standin.service import Service

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


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


PATIENCE = 10.0


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
