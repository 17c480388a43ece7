"""Buttons, menus, pickers, shortcuts and submitted modals: interactivity, which Slack never delivers twice."""

from __future__ import annotations

from typing import Any

from bot.demo.standin.acts import payloads
from bot.demo.standin.acts.ephemeral import slackbot_says
from bot.demo.standin.modals import STATEFUL, choose, close_top, replace_view, view_state
from bot.demo.standin.model import JSON, NotAcknowledged, Posted, SlackError, User, View
from bot.demo.standin.service import TROUBLE, Service, ask


def click_message(
    service: Service, user: User, message: Posted, block_id: str, element: JSON, value: Any = None
) -> str | None:
    """A press or choice in a message (any copy of it). Gives Slack's warning when the app was silent."""
    done = _acted(service, user, f"{message.channel}/{message.ts}", block_id, element, value)
    return _delivered(service, user, message, payloads.message_click(service, user, message, [done]))


def click_view(service: Service, user: User, view: View, block_id: str, element: JSON, value: Any = None) -> str | None:
    """A press or choice in a modal or App Home."""
    done = _acted(service, user, view.id, block_id, element, value)
    try:
        ask(service, "interactive", payloads.view_click(service, user, view, [done]))
    except NotAcknowledged:
        with service.workspace.changing():
            view.warning = TROUBLE
        return TROUBLE
    return None


def _acted(service: Service, user: User, place: str, block_id: str, element: JSON, value: Any) -> JSON:
    if element["type"] in STATEFUL:
        choose(service.workspace, user.id, place, block_id, element, value)
        value = {STATEFUL[element["type"]][0]: value}
    return payloads.action(service.workspace.new_ts(), block_id, element, value)


def use_message_shortcut(service: Service, user: User, message: Posted, name: str) -> str | None:
    """A message's menu entry such as "Add to the record". LookupError when the manifest has none of this name."""
    callback_id = _shortcut(service, name)
    return _delivered(service, user, message, payloads.message_shortcut(service, user, message, callback_id))


def _delivered(service: Service, user: User, message: Posted, payload: JSON) -> str | None:
    """Slack speaks itself where the app was silent about an act on a message."""
    try:
        ask(service, "interactive", payload)
    except NotAcknowledged:
        slackbot_says(service, message.channel, user.id, TROUBLE, message.thread_ts)
        return TROUBLE
    return None


def _shortcut(service: Service, name: str) -> str:
    known = [each for each in service.workspace.app.shortcuts if each["type"] == "message"]
    for each in known:
        if name in (each["name"], each["callback_id"]):
            return str(each["callback_id"])
    raise LookupError(
        f"no message shortcut {name!r}; the manifest has: {', '.join(s['name'] for s in known) or 'none'}"
    )


REQUIRED = "Please complete this required field."


def submit(service: Service, user: User, view: View) -> dict[str, str]:
    """Sends the form; gives the errors by block_id, which stay on the form. {} when it was accepted.

    What Slack's own client checks (required fields, lengths) never reaches the app. A silent app, or an answer that
    Slack cannot use, leaves the form open with Slack's own warning under the key "".
    """
    with service.workspace.changing():
        view.errors, view.warning = _client_errors(service, view), None
    if view.errors:
        return dict(view.errors)
    try:
        ack = ask(service, "interactive", payloads.view_submission(service, user, view))
        _follow(service, user, view, ack)
    except (NotAcknowledged, SlackError):
        with service.workspace.changing():
            view.warning = TROUBLE
        return {"": TROUBLE}
    return dict(view.errors)


def _follow(service: Service, user: User, view: View, ack: JSON) -> None:
    """What the app answered to the submission: nothing closes the form."""
    workspace, wish = service.workspace, ack.get("response_action")
    if wish == "errors":
        _show_errors(service, view, ack.get("errors"))
    elif wish == "update":
        replace_view(workspace, view, ack.get("view"), "modal")
    elif wish is None:
        close_top(workspace, user.id)
    else:
        raise SlackError("invalid_arguments")


def _show_errors(service: Service, view: View, errors: Any) -> None:
    """Slack refuses errors for blocks that are no input of this view."""
    inputs = {block["block_id"] for block in view.body["blocks"] if block["type"] == "input"}
    if not isinstance(errors, dict) or not errors or not set(errors) <= inputs:
        raise SlackError("invalid_arguments")
    with service.workspace.changing():
        view.errors = dict(errors)


def _client_errors(service: Service, view: View) -> dict[str, str]:
    values = view_state(service.workspace, view)
    found = {}
    for block in view.body["blocks"]:
        if block["type"] == "input":
            element = block["element"]
            problem = _problem(block, element, values[block["block_id"]][element["action_id"]])
            if problem:
                found[block["block_id"]] = problem
    return found


def _problem(block: JSON, element: JSON, state: JSON) -> str | None:
    value = next(each for name, each in state.items() if name != "type")
    if not value:
        return None if block.get("optional") else REQUIRED
    if element["type"] == "plain_text_input":
        if len(value) < element.get("min_length", 0):
            return f"Must be at least {element['min_length']} characters."
        if len(value) > element.get("max_length", 3000):
            return f"Must be at most {element.get('max_length', 3000)} characters."
    return None
