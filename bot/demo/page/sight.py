"""Where a person is on the page, what it shows besides the workspace, and what is chosen in its panel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from bot.demo.page.nodes import Act, Node, button, h
from bot.demo.page.pressing import Control
from bot.demo.sample.databases import ENVIRONMENTS

HOME = "home"


@dataclass(frozen=True)
class Place:
    """`at` is a channel's id or `home`; `thread` a message's ts, or empty. `panel` and `side`: is it shown?

    Narrow screens have the panel as a `drawer` that is closed at first, wide ones as a column.
    """

    viewer: str
    at: str
    thread: str = ""
    panel: bool = True
    drawer: bool = False
    side: bool = False  # on narrow screens only; wide ones always show it

    @property
    def query(self) -> str:
        """For the page's address, so that a reload shows the same."""
        parts = {"as": self.viewer, "at": self.at, "thread": self.thread, "panel": "" if self.panel else "0"}
        return urlencode({name: value for name, value in parts.items() if value})


def place_of(query: Mapping[str, str], viewers: Mapping[str, object], channels: Mapping[str, object]) -> Place:
    """The place that an address names, as far as it exists."""
    viewer = query.get("as", "")
    at = query.get("at", "")
    known = at == HOME or at in channels
    return Place(
        viewer=viewer if viewer in viewers else next(iter(viewers)),
        at=at if known else next(iter(channels)),
        thread=query.get("thread", "") if known else "",
        panel=query.get("panel") != "0",
    )


NAMES = tuple(environment.name for environment in ENVIRONMENTS)


@dataclass(frozen=True)
class PanelLooks:
    """What one page has chosen in the panel."""

    environments: Mapping[str, str] = field(default_factory=dict)  # by section
    file: str = ""
    note: str = ""  # what the last act said
    went_wrong: bool = False

    def environment(self, section: str) -> str:
        return self.environments.get(section, "production")


def part(title: str, *children: Node | list[Node] | None, open_: bool = True) -> Node:
    return h(
        "details",
        h("summary", h("h2", title)),
        h("div", children, class_="part"),
        class_="panel-part",
        open="" if open_ else None,
    )


def press(label: str, do: str, style: str = "", disabled: bool = False, **more: str | bool) -> Node:
    act: Act = {"do": f"panel-{do}", **more}
    return button(label, act=act, class_=f"button {style}", disabled="" if disabled else None)


def chooser(looks: PanelLooks, section: str, label: str) -> Node:
    options = [h("option", name, value=name, selected=name == looks.environment(section)) for name in NAMES]
    select = selecting(options, {"do": "panel-environment", "section": section}, "environment", label)
    return h("label", h("span", "on"), select, class_="on")


def selecting(options: list[Node], act: Act, field: str, label: str) -> Node:
    return h("select", options, class_="select", act=act, data_field=field, aria_label=label)


@dataclass(frozen=True)
class Sight:
    """`asked` is a control that waits for its confirmation, and the value that was chosen."""

    place: Place
    asked: tuple[Control, Any] | None = None
    file: str = ""  # the id of the file that is read
    toast: str = ""
    busy: bool = False  # a form is being submitted
    looks: PanelLooks = field(default_factory=PanelLooks)
