"""What people look at and act on: anything with blocks."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Protocol

from bot.demo.standin.model import JSON, User
from bot.demo.standin.people.finding import Control, controls, matching
from bot.demo.standin.reading import Reader
from bot.demo.standin.service import Service

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class Surface(Protocol):
    """A message, a form, an App Home page."""

    service: Service
    user: User

    def blocks(self) -> list[JSON]: ...

    def reader(self) -> Reader: ...

    def text(self) -> str: ...

    def act(self, block_id: str, element: JSON, value: Any) -> str | None: ...


PRESSED = frozenset({"button"})


def find(
    surfaces: Sequence[Surface], called: str, beside: str | None, kinds: frozenset[str] | None
) -> list[tuple[Surface, Control]]:
    """All fitting controls of the first surface that has any."""
    for surface in surfaces:
        fitting = matching(controls(surface.blocks(), surface.reader()), called, beside, kinds)
        if fitting:
            return [(surface, control) for control in fitting]
    return []


def wait_for_one(
    service: Service,
    look: Callable[[], Sequence[Surface]],
    called: str,
    beside: str | None,
    kinds: frozenset[str] | None,
    timeout: float,
) -> tuple[Surface, Control]:
    """The one control of this name, waiting for it. AssertionError when there is none, or several."""
    started = time.monotonic()
    found = service.workspace.wait_for(lambda: find(look(), called, beside, kinds) or None, timeout) or []
    place = f" beside {beside!r}" if beside else ""
    if not found:
        seen = "\n\n".join(surface.text() for surface in look()) or "(nothing)"
        waited = time.monotonic() - started
        raise AssertionError(f"nothing called {called!r}{place} to act on, after {waited:.1f} s, in:\n{seen}")
    if len(found) > 1:
        there = "\n".join(f"- beside {control.beside!r}" for _, control in found)
        raise AssertionError(f"{len(found)} are called {called!r}{place}; say which with beside=…:\n{there}")
    return found[0]
