"""Buttons, menus, pickers and shortcuts: interactivity, which Slack never delivers twice."""

from __future__ import annotations

from typing import Any

from bot.demo.standin.acts import payloads
from bot.demo.standin.acts.ephemeral import slackbot_says
from bot.demo.standin.modals import STATEFUL, choose
from bot.demo.standin.model import JSON, NotAcknowledged, Posted, User, View
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
