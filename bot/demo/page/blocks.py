"""Blocks of messages, modals and App Home as nodes."""

from __future__ import annotations

from collections.abc import Callable

from bot.demo.page.elements import Surface, element
from bot.demo.page.nodes import Node, h
from bot.demo.page.writing import markdown
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
    parts = [
        element(surface, block["block_id"], each) if each["type"] == "image" else h("span", surface.writer.text(each))
        for each in block["elements"]
    ]
    return h("div", parts, class_="context")


def _header(surface: Surface, block: JSON) -> Node:
    return h("h3", surface.writer.plain(block["text"]), class_="header")


def _divider(_surface: Surface, _block: JSON) -> Node:
    return h("hr")


def _image(surface: Surface, block: JSON) -> Node:
    title = h("figcaption", surface.writer.plain(block["title"])) if block.get("title") else None
    return h("figure", title, h("img", src=block.get("image_url"), alt=block["alt_text"]))


def _markdown(_surface: Surface, block: JSON) -> Node:
    return markdown(block["text"])


def _rich_text(surface: Surface, block: JSON) -> Node:
    return h("div", [_rich(surface, each) for each in block["elements"]], class_="rich")


_RICH = {"rich_text_preformatted": "pre", "rich_text_quote": "blockquote", "rich_text_section": "div"}


def _rich(surface: Surface, part: JSON) -> Node:
    kind = part["type"]
    if kind == "rich_text_list":
        tag = "ol" if part.get("style") == "ordered" else "ul"
        return h(tag, [h("li", _rich(surface, each)) for each in part["elements"]])
    if "elements" in part:
        return h(_RICH.get(kind, "div"), [_rich(surface, each) for each in part["elements"]])
    return _rich_leaf(surface, part)


def _rich_leaf(surface: Surface, part: JSON) -> Node:
    kind, writer = part["type"], surface.writer
    if kind in ("user", "usergroup", "channel"):
        sign = {"user": "@", "usergroup": "!subteam^", "channel": "#"}[kind]
        return h("span", writer.mrkdwn(f"<{sign}{part.get(f'{kind}_id')}>"))
    if kind == "link":
        return h("a", part.get("text") or part["url"], href=part["url"], target="_blank", rel="noopener noreferrer")
    if kind == "emoji":
        return h("span", writer.mrkdwn(f":{part['name']}:"))
    node: Node = str(part.get("text") or "")
    for style, tag in (("code", "code"), ("strike", "s"), ("italic", "em"), ("bold", "strong")):
        node = h(tag, node) if part.get("style", {}).get(style) else node
    return node


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
    many = drawn["type"] in ("checkboxes", "radio_buttons") or drawn["type"].startswith("multi_")
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
    "header": _header,
    "divider": _divider,
    "image": _image,
    "markdown": _markdown,
    "rich_text": _rich_text,
}
