"""Blocks of messages, modals and App Home as nodes."""

from __future__ import annotations

from collections.abc import Callable

from bot.demo.page.elements import Surface, element
from bot.demo.page.nodes import Node, h
from bot.demo.standin.model import JSON, View

Draw = Callable[[Surface, JSON], Node]


def blocks(surface: Surface, drawn: list[JSON], view: View | None = None) -> list[Node]:
    """All blocks; inputs show the errors of `view`."""
    errors = view.errors if view else {}
    return [
        _input(surface, block, errors.get(block["block_id"], ""))
        if block["type"] == "input"
        else _DRAW[block["type"]](surface, block)
        for block in drawn
    ]


def _section(surface: Surface, block: JSON) -> Node:
    text = surface.writer.text(block.get("text"))
    fields = [h("div", surface.writer.text(each)) for each in block.get("fields") or []]
    body = h("div", text, h("div", fields, class_="fields") if fields else None, class_="text")
    accessory = block.get("accessory")
    if not accessory:
        return h("div", body, class_="section")
    drawn = element(surface, block["block_id"], accessory)
    return h("div", body, h("div", drawn, class_="accessory"), class_="section")


def _actions(surface: Surface, block: JSON) -> Node:
    drawn = [element(surface, block["block_id"], each) for each in block["elements"]]
    return h("div", drawn, class_="actions")


def _context(surface: Surface, block: JSON) -> Node:
    return h("div", [h("span", surface.writer.text(each)) for each in block["elements"]], class_="context")


def _rich_text(_surface: Surface, block: JSON) -> Node:
    parts = ["".join(text["text"] for text in part["elements"]) for part in block["elements"]]
    return h("div", [h("pre", text) for text in parts], class_="rich")


def _input(surface: Surface, block: JSON, error: str) -> Node:
    """A labelled field, its hint and its error below."""
    block_id, drawn = block["block_id"], block["element"]
    name = f"{surface.name}-{block_id}"
    below = [f"{name}-error"] if error else []
    below += [f"{name}-hint"] if block.get("hint") else []
    more = {
        "aria_describedby": " ".join(below) or None,
        "aria_invalid": "true" if error else None,
        "aria_required": None if block.get("optional") else "true",
    }
    many = drawn["type"] in ("checkboxes", "radio_buttons")
    more |= {"aria_labelledby": f"{name}-label"} if many else {"id": name}
    text = [surface.writer.plain(block["label"]), h("small", " (optional)") if block.get("optional") else None]
    label = h("div", text, id=f"{name}-label", class_="label") if many else h("label", text, for_=name, class_="label")
    return h(
        "div",
        label,
        element(surface, block_id, drawn, more),
        h("p", error, id=f"{name}-error", class_="error", role="alert") if error else None,
        h("p", surface.writer.plain(block["hint"]), id=f"{name}-hint", class_="hint") if block.get("hint") else None,
        class_="field wrong" if error else "field",
        key=block_id,
    )


_DRAW: dict[str, Draw] = {
    "section": _section,
    "actions": _actions,
    "context": _context,
    "header": lambda surface, block: h("h3", surface.writer.plain(block["text"]), class_="header"),
    "divider": lambda _surface, _block: h("hr"),
    "rich_text": _rich_text,
}
