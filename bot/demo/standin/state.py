"""What people have filled in but not sent: `state.values` of messages and views."""

from __future__ import annotations

import copy
from typing import Any

from bot.demo.standin.blockkit.blocks import elements_of
from bot.demo.standin.model import JSON, View
from bot.demo.standin.workspace import Workspace

# the field of `state.values`, and the field of the element that fills it at first
STATEFUL: dict[str, tuple[str, str]] = {
    "plain_text_input": ("value", "initial_value"),
    "number_input": ("value", "initial_value"),
    "email_text_input": ("value", "initial_value"),
    "url_text_input": ("value", "initial_value"),
    "static_select": ("selected_option", "initial_option"),
    "radio_buttons": ("selected_option", "initial_option"),
    "multi_static_select": ("selected_options", "initial_options"),
    "checkboxes": ("selected_options", "initial_options"),
    "users_select": ("selected_user", "initial_user"),
    "multi_users_select": ("selected_users", "initial_users"),
    "channels_select": ("selected_channel", "initial_channel"),
    "multi_channels_select": ("selected_channels", "initial_channels"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "multi_conversations_select": ("selected_conversations", "initial_conversations"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
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
