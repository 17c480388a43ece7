"""Where blocks stand, and their elements as native controls, so that keyboard and screen reader work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.demo.page.nodes import Act, Node, h
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


Draw = Callable[[Surface, str, JSON, JSON], Node]


def element(surface: Surface, block_id: str, drawn: JSON, more: JSON | None = None) -> Node:
    """Any element; `more` are attributes that an input block adds to the control (id, aria-invalid …)."""
    return _DRAW[drawn["type"]](surface, block_id, drawn, more or {})


def _button(surface: Surface, block_id: str, drawn: JSON, more: JSON) -> Node:
    style = drawn.get("style", "")
    label, url = surface.writer.plain(drawn["text"]), drawn.get("url")
    act = surface.act("press", block_id, drawn, value=drawn.get("value", ""))
    spoken = drawn.get("accessibility_label")
    if url:
        return h("a", label, class_=f"button {style}", href=url, target="_blank", act=act, aria_label=spoken)
    return h("button", label, type="button", class_=f"button {style}", act=act, aria_label=spoken, **more)


def _overflow(surface: Surface, block_id: str, drawn: JSON, _more: JSON) -> Node:
    entries = [
        h(
            "button",
            surface.writer.plain(option["text"]),
            type="button",
            role="menuitem",
            act=surface.act("choose", block_id, drawn, value=option["value"]),
        )
        for option in drawn["options"]
    ]
    return menu("More actions", entries)


def menu(label: str, entries: list[Node], sign: str = "⋯") -> Node:
    """A menu that opens on a press; page.js closes it."""
    summary = h("summary", sign, class_="button icon", role="button", aria_label=label, aria_haspopup="menu")
    return h("details", summary, h("div", entries, role="menu", class_="menu"), class_="menu-holder")


def _options(drawn: JSON) -> list[JSON]:
    return [*(drawn.get("options") or []), *(o for g in drawn.get("option_groups") or [] for o in g["options"])]


def _static_select(surface: Surface, block_id: str, drawn: JSON, more: JSON) -> Node:
    """In a message without a first choice it is a menu: it always shows its name."""
    chosen = surface.chosen(block_id, drawn)
    value = (
        chosen["value"] if chosen and not surface.is_message else (drawn.get("initial_option") or {}).get("value", "")
    )
    groups = [
        h(
            "optgroup",
            [_option(surface, each, value) for each in group["options"]],
            label=surface.writer.plain(group["label"]),
        )
        for group in drawn.get("option_groups") or []
    ]
    options = [_option(surface, each, value) for each in drawn.get("options") or []]
    return _select(surface, block_id, drawn, more, [*options, *groups], value)


def _option(surface: Surface, option: JSON, chosen: str) -> Node:
    about = surface.writer.plain(option.get("description"))
    label = surface.writer.plain(option["text"]) + (f" – {about}" if about else "")
    return h("option", label, value=option["value"], selected=option["value"] == chosen)


def _users_select(surface: Surface, block_id: str, drawn: JSON, more: JSON) -> Node:
    people = [user for user in surface.workspace.users.values() if not user.is_bot]
    return _ids_select(surface, block_id, drawn, more, [(user.id, user.real_name) for user in people])


def _channels_select(surface: Surface, block_id: str, drawn: JSON, more: JSON) -> Node:
    rooms = [room for room in surface.workspace.channels.values() if room.name]
    return _ids_select(surface, block_id, drawn, more, [(room.id, f"#{room.name}") for room in rooms])


def _ids_select(surface: Surface, block_id: str, drawn: JSON, more: JSON, known: list[tuple[str, str]]) -> Node:
    chosen = surface.chosen(block_id, drawn) or ""
    options = [h("option", name, value=id, selected=id == chosen) for id, name in known]
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


def _several_select(surface: Surface, block_id: str, drawn: JSON, more: JSON) -> Node:
    """Any multi-select as a list of boxes: what is chosen is seen at once."""
    known = {
        "multi_static_select": [(o["value"], surface.writer.plain(o["text"])) for o in _options(drawn)],
        "multi_users_select": [(u.id, u.real_name) for u in surface.workspace.users.values() if not u.is_bot],
    }.get(drawn["type"], [(room.id, f"#{room.name}") for room in surface.workspace.channels.values() if room.name])
    chosen = surface.chosen(block_id, drawn) or []
    ids = {each["value"] if isinstance(each, dict) else each for each in chosen}
    boxes = [_box("checkbox", surface, block_id, drawn, value, value in ids, [label]) for value, label in known]
    return _boxes(surface, block_id, drawn, boxes, more)


def _checkboxes(surface: Surface, block_id: str, drawn: JSON, more: JSON) -> Node:
    ticked = {each["value"] for each in surface.chosen(block_id, drawn) or []}
    return _choices("checkbox", surface, block_id, drawn, ticked, more)


def _radio_buttons(surface: Surface, block_id: str, drawn: JSON, more: JSON) -> Node:
    chosen = surface.chosen(block_id, drawn)
    return _choices("radio", surface, block_id, drawn, {chosen["value"]} if chosen else set(), more)


def _choices(kind: str, surface: Surface, block_id: str, drawn: JSON, ticked: set[str], more: JSON) -> Node:
    boxes = []
    for option in drawn["options"]:
        about = option.get("description")
        label = [*surface.writer.text(option["text"]), h("small", surface.writer.text(about)) if about else None]
        boxes.append(_box(kind, surface, block_id, drawn, option["value"], option["value"] in ticked, label))
    return _boxes(surface, block_id, drawn, boxes, more)


def _box(
    kind: str, surface: Surface, block_id: str, drawn: JSON, value: str, ticked: bool, label: list[Node | None]
) -> Node:
    name = f"{surface.name}-{block_id}-{drawn['action_id']}"
    return h("label", h("input", type=kind, name=name, value=value, checked=ticked), h("span", label), class_="choice")


def _boxes(surface: Surface, block_id: str, drawn: JSON, boxes: list[Node], more: JSON) -> Node:
    act = surface.act("choose", block_id, drawn)
    role = "radiogroup" if drawn["type"] == "radio_buttons" else "group"
    return h("div", boxes, class_="choices", role=role, act=act, **_field(block_id, drawn), **more)


def _text_input(surface: Surface, block_id: str, drawn: JSON, more: JSON) -> Node:
    value = surface.chosen(block_id, drawn) or ""
    shared = {
        "placeholder": surface.writer.plain(drawn.get("placeholder")) or None,
        "maxlength": drawn.get("max_length"),
        "act": surface.act("fill", block_id, drawn),
        "autofocus": drawn.get("focus_on_load"),
        **_field(block_id, drawn),
        **more,
    }
    if drawn.get("multiline"):
        return h("textarea", value, rows="4", class_="input", **shared)
    kind = {"number_input": "number", "email_text_input": "email", "url_text_input": "url"}.get(drawn["type"], "text")
    step = "any" if drawn.get("is_decimal_allowed") else None
    return h("input", type=kind, step=step, value=value, class_="input", autocomplete="off", **shared)


def _picker(surface: Surface, block_id: str, drawn: JSON, more: JSON) -> Node:
    kind = {"datepicker": "date", "timepicker": "time"}.get(drawn["type"], "datetime-local")
    value = surface.chosen(block_id, drawn)
    if kind == "datetime-local" and value:
        value = datetime.fromtimestamp(value, ZoneInfo(surface.viewer.tz)).strftime("%Y-%m-%dT%H:%M")
    named = {} if "id" in more else {"aria_label": surface.writer.plain(drawn.get("placeholder")) or kind}
    act = surface.act("choose", block_id, drawn)
    return h("input", type=kind, value=value or "", class_="input", act=act, **_field(block_id, drawn), **named, **more)


def _image(_surface: Surface, _block_id: str, drawn: JSON, _more: JSON) -> Node:
    return h("img", src=drawn.get("image_url"), alt=drawn["alt_text"], class_="thumb")


def _field(block_id: str, drawn: JSON) -> dict[str, Any]:
    """Names the control, so that submitting the form gathers it."""
    return {"data_field": f"{block_id} {drawn['action_id']}"}


_DRAW: dict[str, Draw] = {
    "button": _button,
    "overflow": _overflow,
    "static_select": _static_select,
    "users_select": _users_select,
    "channels_select": _channels_select,
    "conversations_select": _channels_select,
    "checkboxes": _checkboxes,
    "radio_buttons": _radio_buttons,
    "image": _image,
    **dict.fromkeys(("datepicker", "timepicker", "datetimepicker"), _picker),
    **dict.fromkeys(("plain_text_input", "number_input", "email_text_input", "url_text_input"), _text_input),
    **{f"multi_{kind}_select": _several_select for kind in ("static", "users", "channels", "conversations")},
}
