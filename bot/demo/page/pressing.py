"""What a person does on the page, done in the workspace. Everything here waits for the app, so never on the loop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.demo.standin.acts import clicks
from bot.demo.standin.acts.clicks import click_message, click_view
from bot.demo.standin.blockkit.blocks import elements_of
from bot.demo.standin.modals import choose
from bot.demo.standin.model import JSON, Posted, User, View
from bot.demo.standin.service import Service

CHANGED = "This has just changed. Look again, then press."


class Missed(Exception):
    """What was pressed is no longer there; the message is for the person."""


@dataclass(frozen=True)
class Control:
    """An element of a message or view that a person acts on."""

    place: Posted | View
    block: JSON
    element: JSON


def find(service: Service, act: JSON) -> Control:
    """The element that an act of the page names. Raises Missed."""
    workspace = service.workspace
    if "view" in act:
        view = workspace.views.get(act["view"])
        return _among(view, view.body["blocks"] if view else [], act)
    message = workspace.message(act["channel"], act["ts"])
    return _among(message, (message.blocks if message else None) or [], act)


def _among(place: Posted | View | None, blocks: list[JSON], act: JSON) -> Control:
    """By block and action; blocks get new ids when a message is repainted, so else by action and what was meant."""
    found = [(block, each) for block in blocks for _, each in elements_of(block)]
    same = [pair for pair in found if pair[1].get("action_id") == act["action"]]
    exact = [pair for pair in same if pair[0]["block_id"] == act["block"]]
    alike = [pair for pair in same if act.get("value") in _offered(pair[1])]
    if place is None or not (exact or alike):
        raise Missed(CHANGED)
    return Control(place, *(exact or alike)[0])


def _offered(element: JSON) -> list[str]:
    """The values that a press on it can have: a button's own, or those of a menu's entries."""
    if element["type"] == "button":
        return [element.get("value", "")]
    return [option["value"] for option in element.get("options") or ()]


def operate(service: Service, user: User, control: Control, raw: Any) -> str | None:
    """A press or a choice; gives Slack's warning when the app was silent."""
    value = meant(control.element, raw)
    block_id = control.block["block_id"]
    if isinstance(control.place, Posted):
        return click_message(service, user, control.place, block_id, control.element, value)
    if control.block["type"] == "input":  # it tells the app nothing until the form is submitted
        choose(service.workspace, user.id, control.place.id, block_id, control.element, value)
        return None
    return click_view(service, user, control.place, block_id, control.element, value)


def meant(element: JSON, raw: Any) -> Any:
    """What a browser's value stands for: the option of a value, an id, a date, a text, or None."""
    if element["type"] == "button" or raw is None:
        return None
    if "options" not in element:
        return raw or None
    options = {option["value"]: option for option in element["options"]}
    return [options[each] for each in raw if each in options] if isinstance(raw, list) else options.get(raw)


def submit(service: Service, user: User, view: View, values: JSON) -> None:
    """Keeps what the form holds, then sends it."""
    for block in view.body["blocks"]:
        for _, element in elements_of(block):
            name = f"{block['block_id']} {element.get('action_id')}"
            if name in values and block["type"] == "input":
                value = meant(element, values[name])
                choose(service.workspace, user.id, view.id, block["block_id"], element, value)
    clicks.submit(service, user, view)
