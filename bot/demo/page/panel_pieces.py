"""What the parts of the panel are made of, and what one page has chosen in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.demo.page.nodes import Act, Node, h
from bot.demo.sample.databases import ENVIRONMENTS

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
    return h("button", label, type="button", class_=f"button {style}", act=act, disabled="" if disabled else None)


def chooser(looks: PanelLooks, section: str, label: str) -> Node:
    options = [h("option", name, value=name, selected=name == looks.environment(section)) for name in NAMES]
    act: Act = {"do": "panel-environment", "section": section}
    select = h("select", options, class_="select", act=act, data_field="environment", aria_label=label)
    return h("label", h("span", "on"), select, class_="on")
