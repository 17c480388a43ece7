"""The NiceGUI elements of the page: a tree of nodes, a list of messages, a place to write."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from nicegui import ui
from nicegui.events import GenericEventArguments

from bot.demo.page.nodes import Act, Node

Acted = Callable[[Act], Any]


class Tree(ui.element, component="static/tree.js"):
    """Shows a node; the browser is told only of another one."""

    def __init__(self, acted: Acted) -> None:
        super().__init__()
        self._shown: Node | None = None

        async def told(event: GenericEventArguments) -> None:
            await acted(event.args)

        self.on("act", told)

    def show(self, node: Node | None) -> None:
        if node != self._shown:
            self._shown = node
            self.props["node"] = node
            self.update()


class Trees:
    """A column of trees by key, drawn anew only where the stamp of one differs."""

    def __init__(self, holder: ui.element, acted: Acted) -> None:
        self._holder, self._acted = holder, acted
        self._trees: dict[str, Tree] = {}
        self._stamps: dict[str, Any] = {}

    def show(self, wanted: Iterable[tuple[str, Any, Callable[[], Node]]]) -> None:
        """`wanted` are (key, stamp, how to draw it), in order."""
        listed = list(wanted)
        for gone in set(self._trees) - {key for key, _, _ in listed}:
            self._trees.pop(gone).delete()
            self._stamps.pop(gone)
        for place, (key, stamp, draw) in enumerate(listed):
            if key not in self._trees:
                self._add(key, place)
            if self._stamps.get(key) != stamp:
                self._trees[key].show(draw())
                self._stamps[key] = stamp

    def _add(self, key: str, place: int) -> None:
        with self._holder:
            self._trees[key] = Tree(self._acted)
        if place < len(self._trees) - 1:
            self._trees[key].move(target_index=place)


class Composer(ui.element, component="static/composer.js"):
    """A place to write, with commands and names to complete."""

    def __init__(self, send: Callable[[str], Any], name: str) -> None:
        super().__init__()
        self.props["name"] = name

        async def told(event: GenericEventArguments) -> None:
            await send(str(event.args))

        self.on("send", told)

    def set(self, label: str, suggestions: list[dict[str, str]], shut: str = "") -> None:
        """`suggestions` are {text, about}; those that begin like the last word, or the whole line, are offered.

        `shut` is why nothing can be written now.
        """
        wanted = {"label": label, "suggestions": suggestions, "shut": shut}
        if any(self.props.get(name) != value for name, value in wanted.items()):
            self.props.update(wanted)
            self.update()
