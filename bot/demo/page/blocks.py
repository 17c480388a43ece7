"""Blocks of messages, modals and App Home as nodes.

Their elements are native controls, so that keyboard and screen reader work.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from bot.demo.page.nodes import Act, Node, button, h
from bot.demo.page.writing import Writer
from bot.demo.standin.modals import STATEFUL, state_of
from bot.demo.standin.model import JSON, Posted, User, View
from bot.demo.standin.workspace import Workspace


@dataclass(frozen=True)
class Surface:
    """`where` names the message or view in acts; `state` is what this person filled in so far."""

    workspace: Workspace
    viewer: User
    where: JSON
    state: JSON

    @property
    def writer(self) -> Writer:
        return Writer(self.workspace, self.viewer)

    @property
    def is_message(self) -> bool:
        return "ts" in self.where

    @property
    def name(self) -> str:
        """Unique on the page: for ids of elements."""
        return "-".join(str(part) for part in self.where.values()).replace(".", "-")

    def act(self, do: str, block_id: str, element: JSON, **more: Any) -> Act:
        return {"do": do, **self.where, "block": block_id, "action": element["action_id"], **more}

    def chosen(self, block_id: str, element: JSON) -> Any:
        """What an element holds now."""
        return self.state[block_id][element["action_id"]][STATEFUL[element["type"]][0]]


def message_surface(workspace: Workspace, viewer: User, message: Posted) -> Surface:
    state = state_of(workspace, viewer.id, f"{message.channel}/{message.ts}", message.blocks or [])
    return Surface(workspace, viewer, {"channel": message.channel, "ts": message.ts}, state)


def view_surface(workspace: Workspace, viewer: User, view: View) -> Surface:
    state = state_of(workspace, viewer.id, view.id, view.body["blocks"])
    return Surface(workspace, viewer, {"view": view.id}, state)


def element(surface: Surface, block_id: str, drawn: JSON, more: JSON | None = None) -> Node:
    """Any element; `more` are attributes that an input block adds to the control (id, aria-invalid …)."""
    return _ELEMENTS[drawn["type"]](surface, block_id, drawn, more or {})


def _button(surface: Surface, block_id: str, drawn: JSON, more: JSON) -> Node:
    style = drawn.get("style", "")
    label, url = surface.writer.plain(drawn["text"]), drawn.get("url")
    act = surface.act("press", block_id, drawn, value=drawn.get("value", ""))
    spoken = drawn.get("accessibility_label")
    if url:
        return h("a", label, class_=f"button {style}", href=url, target="_blank", act=act, aria_label=spoken)
    return button(label, act=act, class_=f"button {style}", aria_label=spoken, **more)


def _overflow(surface: Surface, block_id: str, drawn: JSON, _more: JSON) -> Node:
    acts = [surface.act("choose", block_id, drawn, value=option["value"]) for option in drawn["options"]]
    words = [surface.writer.plain(option["text"]) for option in drawn["options"]]
    return menu("More actions", zip(words, acts, strict=True))


def menu(label: str, choices: Iterable[tuple[str, Act]], sign: str = "⋯") -> Node:
    """A menu of words and their acts that opens on a press; page.js closes it."""
    entries = [button(words, act=act, class_=None, role="menuitem") for words, act in choices]
    summary = h("summary", sign, class_="button icon", role="button", aria_label=label, aria_haspopup="menu")
    return h("details", summary, h("div", entries, role="menu", class_="menu"), class_="menu-holder")


def _static_select(surface: Surface, block_id: str, drawn: JSON, more: JSON) -> Node:
    """In a message without a first choice it is a menu: it always shows its name."""
    chosen = surface.chosen(block_id, drawn)
    value = (
        chosen["value"] if chosen and not surface.is_message else (drawn.get("initial_option") or {}).get("value", "")
    )
    options = [_option(surface, each, value) for each in drawn["options"]]
    return _select(surface, block_id, drawn, more, options, value)


def _option(surface: Surface, option: JSON, chosen: str) -> Node:
    about = surface.writer.plain(option.get("description"))
    label = surface.writer.plain(option["text"]) + (f" – {about}" if about else "")
    return h("option", label, value=option["value"], selected=option["value"] == chosen)


def _users_select(surface: Surface, block_id: str, drawn: JSON, more: JSON) -> Node:
    chosen = surface.chosen(block_id, drawn) or ""
    people = [user for user in surface.workspace.users.values() if not user.is_bot]
    options = [h("option", user.real_name, value=user.id, selected=user.id == chosen) for user in people]
    return _select(surface, block_id, drawn, more, options, chosen)


def _select(surface: Surface, block_id: str, drawn: JSON, more: JSON, options: list[Node], chosen: str) -> Node:
    placeholder = surface.writer.plain(drawn.get("placeholder")) or "Choose …"
    is_menu = surface.is_message and not any(name.startswith("initial_") for name in drawn)
    attributes = {**_field(block_id, drawn), **({} if "id" in more else {"aria_label": placeholder}), **more}
    if is_menu:
        attributes["data_menu"] = ""
    empty = h("option", placeholder, value="", selected=is_menu or not chosen)
    # A new block_id is how an app makes a client forget what was chosen.
    act = surface.act("choose", block_id, drawn)
    return h("select", empty, options, class_="select", act=act, key=block_id, **attributes)


def _choices(surface: Surface, block_id: str, drawn: JSON, more: JSON) -> Node:
    """Checkboxes hold a list of options, radio buttons one."""
    kind, role = ("radio", "radiogroup") if drawn["type"] == "radio_buttons" else ("checkbox", "group")
    chosen = surface.chosen(block_id, drawn) or []
    ticked = [each["value"] for each in (chosen if isinstance(chosen, list) else [chosen])]
    name = f"{surface.name}-{block_id}-{drawn['action_id']}"
    boxes = []
    for option in drawn["options"]:
        about = option.get("description")
        label = [*surface.writer.text(option["text"]), h("small", surface.writer.text(about)) if about else None]
        box = h("input", type=kind, name=name, value=option["value"], checked=option["value"] in ticked)
        boxes.append(h("label", box, h("span", label), class_="choice"))
    act = surface.act("choose", block_id, drawn)
    return h("div", boxes, class_="choices", role=role, act=act, **_field(block_id, drawn), **more)


def _text_input(surface: Surface, block_id: str, drawn: JSON, more: JSON) -> Node:
    value = surface.chosen(block_id, drawn) or ""
    shared = {
        "placeholder": surface.writer.plain(drawn.get("placeholder")) or None,
        "maxlength": drawn.get("max_length"),
        "act": surface.act("fill", block_id, drawn),
        **_field(block_id, drawn),
        **more,
    }
    if drawn.get("multiline"):
        return h("textarea", value, rows="4", class_="input", **shared)
    return h("input", type="text", value=value, class_="input", autocomplete="off", **shared)


def _datepicker(surface: Surface, block_id: str, drawn: JSON, more: JSON) -> Node:
    value = surface.chosen(block_id, drawn) or ""
    named = {} if "id" in more else {"aria_label": surface.writer.plain(drawn.get("placeholder")) or "date"}
    act = surface.act("choose", block_id, drawn)
    return h("input", type="date", value=value, class_="input", act=act, **_field(block_id, drawn), **named, **more)


def _field(block_id: str, drawn: JSON) -> dict[str, Any]:
    """Names the control, so that submitting the form gathers it."""
    return {"data_field": f"{block_id} {drawn['action_id']}"}


_ELEMENTS: dict[str, Callable[[Surface, str, JSON, JSON], Node]] = {
    "button": _button,
    "overflow": _overflow,
    "static_select": _static_select,
    "users_select": _users_select,
    "checkboxes": _choices,
    "radio_buttons": _choices,
    "datepicker": _datepicker,
    "plain_text_input": _text_input,
}


def blocks(surface: Surface, drawn: list[JSON], view: View | None = None) -> list[Node]:
    """All blocks; inputs show the errors of `view`."""
    errors = view.errors if view else {}
    return [
        _input(surface, block, errors.get(block["block_id"], ""))
        if block["type"] == "input"
        else _BLOCKS[block["type"]](surface, block)
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


_BLOCKS: dict[str, Callable[[Surface, JSON], Node]] = {
    "section": _section,
    "actions": _actions,
    "context": _context,
    "header": lambda surface, block: h("h3", surface.writer.plain(block["text"]), class_="header"),
    "divider": lambda _surface, _block: h("hr"),
    "rich_text": _rich_text,
}
