"""views.*: modals and App Home; blocks.validate."""

from __future__ import annotations

from typing import Any

from bot.demo.standin.api.call import Call, Method
from bot.demo.standin.api.shapes import view_json
from bot.demo.standin.blockkit import flaws_of
from bot.demo.standin.modals import new_view, open_modal, push_modal, replace_view, view_state
from bot.demo.standin.model import JSON, SlackError, View, invalid_arguments


def open_view(call: Call) -> JSON:
    trigger = call.service.triggers.check(call.required("trigger_id"))
    view = open_modal(call.workspace, trigger.user, _given(call))
    trigger.used = True
    return _shown(call, view)


def push_view(call: Call) -> JSON:
    trigger = call.service.triggers.check(call.required("trigger_id"))
    if trigger.view_id is None or trigger.view_id not in call.workspace.modals.get(trigger.user, []):
        raise SlackError("not_found")
    view = push_modal(call.workspace, trigger.user, _given(call))
    trigger.used = True
    return _shown(call, view)


def update_view(call: Call) -> JSON:
    view = _existing(call)
    replace_view(call.workspace, view, _given(call), view.body["type"])
    return _shown(call, view)


def publish(call: Call) -> JSON:
    user, workspace = call.user("user_id"), call.workspace
    if not call.app.home_tab:
        raise SlackError("not_enabled")
    known = workspace.views.get(workspace.homes.get(user.id, ""))
    if known is None:
        view = new_view(workspace, user.id, _given(call), "home")
        workspace.homes[user.id] = view.id
        return _shown(call, view)
    replace_view(workspace, known, _given(call), "home")
    return _shown(call, known)


def validate(call: Call) -> JSON:
    """Needs no scope (docs.slack.dev/reference/methods/blocks.validate); whole messages are not judged here."""
    given = [name for name in ("blocks", "view") if call.args.get(name) is not None]
    if len(given) != 1:
        raise invalid_arguments("provide exactly one of blocks, view, message")
    if flaws := flaws_of(call.parsed(given[0], "invalid_arguments"), given[0]):
        raise SlackError(f"invalid_{given[0]}", errors=flaws)
    return {}


def _given(call: Call) -> Any:
    view = call.parsed("view", "invalid_arguments")
    if view is None:
        raise invalid_arguments("missing required field: view")
    return view


def _existing(call: Call) -> View:
    found = call.workspace.views.get(call.required("view_id"))
    is_open = found is not None and (found.body["type"] == "home" or found.id in call.workspace.modals[found.user])
    if found is None or not is_open:
        raise SlackError("not_found")
    return found


def _shown(call: Call, view: View) -> JSON:
    return {"view": view_json(view, call.workspace, view_state(call.workspace, view))}


METHODS = {
    "views.open": Method(open_view, tier=4),
    "views.push": Method(push_view, tier=4),
    "views.update": Method(update_view, tier=4),
    "views.publish": Method(publish, tier=4),
    "blocks.validate": Method(validate, tier=None),
}
