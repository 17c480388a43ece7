"""What Slack sends to the app when a person acts (docs.slack.dev/reference/interaction-payloads)."""

from __future__ import annotations

from typing import Any

from bot.demo.standin.api.shapes import message_json, view_json
from bot.demo.standin.modals import state_of, view_state
from bot.demo.standin.model import JSON, Channel, Posted, User, View
from bot.demo.standin.service import Service


def _common(service: Service, user: User, view_id: str | None = None) -> JSON:
    team = service.workspace.team
    return {
        "user": {"id": user.id, "username": user.name, "name": user.name, "team_id": user.team_id},
        "api_app_id": service.workspace.app.id,
        "token": "standin-verification",
        "trigger_id": service.triggers.issue(user.id, view_id),
        "team": {"id": team.id, "domain": team.domain},
        "enterprise": None,
        "is_enterprise_install": False,
    }


def channel_ref(channel: Channel) -> JSON:
    names = {"im": "directmessage", "private": "privategroup"}
    return {"id": channel.id, "name": names.get(channel.kind, channel.name)}


def message_click(service: Service, user: User, message: Posted, actions: list[JSON]) -> JSON:
    """block_actions of a message, of the copy that the person has on the screen."""
    workspace = service.workspace
    is_ephemeral = message.ephemeral_to is not None
    container: JSON = {"type": "message", "message_ts": message.ts, "channel_id": message.channel}
    container["is_ephemeral"] = is_ephemeral
    if message.is_reply:
        container["thread_ts"] = message.thread_ts
    payload: JSON = {"type": "block_actions", **_common(service, user), "container": container}
    payload["channel"] = channel_ref(workspace.channels[message.channel])
    if not is_ephemeral:
        payload["message"] = message_json(message, workspace)
    place = f"{message.channel}/{message.ts}"
    payload["state"] = {"values": state_of(workspace, user.id, place, message.blocks or [])}
    payload["response_url"] = service.response_url(message.channel, user.id, message.ts)
    return {**payload, "actions": actions}


def view_click(service: Service, user: User, view: View, actions: list[JSON]) -> JSON:
    """block_actions of a modal or App Home."""
    shown = view_json(view, service.workspace, view_state(service.workspace, view))
    return {
        "type": "block_actions",
        **_common(service, user, view.id),
        "container": {"type": "view", "view_id": view.id},
        "view": shown,
        "state": shown["state"],
        "actions": actions,
    }


def view_submission(service: Service, user: User, view: View) -> JSON:
    shown = view_json(view, service.workspace, view_state(service.workspace, view))
    return {"type": "view_submission", **_common(service, user, view.id), "view": shown, "response_urls": []}


def action(workspace_ts: str, block_id: str, element: JSON, value: Any = None) -> JSON:
    """One entry of `actions`: a button's own value, or what was chosen, in the element's own words."""
    done: JSON = {"action_id": element["action_id"], "block_id": block_id, "type": element["type"]}
    done["action_ts"] = workspace_ts
    if element["type"] == "button":
        done["text"] = element["text"]
        done |= {name: element[name] for name in ("value", "url", "style") if name in element}
    elif element["type"] == "overflow":
        done["selected_option"] = value
    else:
        done |= value
    return done


def slash_command(service: Service, user: User, channel: Channel, command: str, text: str) -> JSON:
    team = service.workspace.team
    return {
        "token": "standin-verification",
        "team_id": team.id,
        "team_domain": team.domain,
        "channel_id": channel.id,
        "channel_name": channel_ref(channel)["name"],
        "user_id": user.id,
        "user_name": user.name,
        "command": command,
        "text": text,
        "api_app_id": service.workspace.app.id,
        "is_enterprise_install": "false",
        "response_url": service.response_url(channel.id, user.id),
        "trigger_id": service.triggers.issue(user.id),
    }


def message_shortcut(service: Service, user: User, message: Posted, callback_id: str) -> JSON:
    workspace = service.workspace
    return {
        "type": "message_action",
        **_common(service, user),
        "callback_id": callback_id,
        "action_ts": workspace.new_ts(),
        "message_ts": message.ts,
        "channel": channel_ref(workspace.channels[message.channel]),
        "message": message_json(message, workspace),
        "response_url": service.response_url(message.channel, user.id, message.ts),
    }
