"""The stack of modals of each user, and what people have filled in but not sent."""

from __future__ import annotations

import copy
import secrets
from typing import Any

from bot.demo.standin.blockkit import check_view, kept_blocks
from bot.demo.standin.blockkit.blocks import elements_of
from bot.demo.standin.model import JSON, SlackError, View
from bot.demo.standin.workspace import Workspace

# the field of `state.values`, and the field of the element that fills it at first
STATEFUL: dict[str, tuple[str, str]] = {
    "plain_text_input": ("value", "initial_value"),
    "static_select": ("selected_option", "initial_option"),
    "radio_buttons": ("selected_option", "initial_option"),
    "checkboxes": ("selected_options", "initial_options"),
    "users_select": ("selected_user", "initial_user"),
    "datepicker": ("selected_date", "initial_date"),
}


def key_of(user: str, place: str) -> str:
    """States are kept for a user and a message (`channel/ts`) or view."""
    return f"{user}|{place}"


def state_of(workspace: Workspace, user: str, place: str, blocks: list[JSON]) -> JSON:
    """`state.values` as this user sees it: initial values, then what was chosen since."""
    chosen = workspace.states.get(key_of(user, place), {})
    values: JSON = {}
    for block in blocks:
        for _, element in elements_of(block):
            if element["type"] in STATEFUL:
                known = chosen.get(block["block_id"], {}).get(element["action_id"])
                fresh = known if known is not None and known["type"] == element["type"] else _initial(element)
                values.setdefault(block["block_id"], {})[element["action_id"]] = copy.deepcopy(fresh)
    return values


def _initial(element: JSON) -> JSON:
    now, at_first = STATEFUL[element["type"]]
    empty: Any = [] if now.endswith("s") else None
    return {"type": element["type"], now: element.get(at_first, empty)}


def view_state(workspace: Workspace, view: View) -> JSON:
    return state_of(workspace, view.user, view.id, view.body["blocks"])


def choose(workspace: Workspace, user: str, place: str, block_id: str, element: JSON, value: Any) -> None:
    """Keeps what a user filled into an element."""
    field = STATEFUL[element["type"]][0]
    with workspace.changing():
        values = workspace.states.setdefault(key_of(user, place), {})
        values.setdefault(block_id, {})[element["action_id"]] = {"type": element["type"], field: value}


DEEPEST = 3


def new_view(workspace: Workspace, user: str, given: Any, kind: str) -> View:
    """A checked view, not yet on any stack."""
    body = _body(given, kind)
    with workspace.changing():
        view_id = workspace.new_id("V")
        view = View(view_id, user, body, _hash(workspace), root_view_id=view_id)
        workspace.views[view_id] = view
    return view


def open_modal(workspace: Workspace, user: str, given: Any) -> View:
    view = new_view(workspace, user, given, "modal")
    with workspace.changing():
        workspace.modals[user] = [view.id]
    return view


def push_modal(workspace: Workspace, user: str, given: Any) -> View:
    """SlackError push_limit_reached."""
    stack = workspace.modals[user]
    if len(stack) >= DEEPEST:
        raise SlackError("push_limit_reached")
    view = new_view(workspace, user, given, "modal")
    with workspace.changing():
        view.root_view_id, view.previous_view_id = stack[0], stack[-1]
        stack.append(view.id)
    return view


def replace_view(workspace: Workspace, view: View, given: Any, kind: str) -> None:
    """What was filled in stays where block_id and action_id stay."""
    body = _body(given, kind)
    with workspace.changing():
        view.body, view.hash, view.errors, view.warning = body, _hash(workspace), {}, None


def close_top(workspace: Workspace, user: str) -> None:
    with workspace.changing():
        stack = workspace.modals.get(user, [])
        if stack:
            stack.pop()


def close_all(workspace: Workspace, user: str) -> None:
    with workspace.changing():
        workspace.modals[user] = []


def top_modal(workspace: Workspace, user: str) -> View | None:
    stack = workspace.modals.get(user, [])
    return workspace.views[stack[-1]] if stack else None


def _body(given: Any, kind: str) -> JSON:
    body = copy.deepcopy(check_view(given, kind))
    return {**body, "blocks": kept_blocks(body["blocks"])}


def _hash(workspace: Workspace) -> str:
    return f"{int(workspace.clock())}.{secrets.token_hex(4)}"
