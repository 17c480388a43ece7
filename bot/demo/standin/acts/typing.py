"""What people type: slash commands, and messages in channels and direct messages."""

from __future__ import annotations

import re

from bot.demo.standin.acts.ephemeral import app_says, slackbot_says
from bot.demo.standin.acts.hearing import app_hears
from bot.demo.standin.acts.payloads import slash_command
from bot.demo.standin.api.shapes import view_json
from bot.demo.standin.modals import view_state
from bot.demo.standin.model import JSON, Channel, NotAcknowledged, Posted, SlackError, User
from bot.demo.standin.mrkdwn import escape
from bot.demo.standin.service import Service, announce, ask
from bot.demo.standin.workspace import Workspace


def type_command(
    service: Service, user: User, line: str, channel: Channel, thread_ts: str | None = None
) -> Posted | None:
    """Sends `/command text`; gives what the person was told, if anything was at once.

    In a thread, of an unknown command, or without an answer of the app, Slack speaks itself.
    """
    command, _, text = line.strip().partition(" ")
    refusal = _refusal(service.workspace, command, thread_ts)
    if refusal:
        return slackbot_says(service, channel.id, user.id, refusal, thread_ts)
    should_escape = bool(service.workspace.app.commands[command].get("should_escape"))
    sent = encode(text.strip(), service.workspace, should_escape)
    try:
        ack = ask(service, "slash_commands", slash_command(service, user, channel, command, sent))
        return app_says(service, channel.id, user.id, ack) if ack else None
    except (NotAcknowledged, SlackError) as failure:
        return slackbot_says(service, channel.id, user.id, f'{command} failed with the error "{failure}"')


def _refusal(workspace: Workspace, command: str, thread_ts: str | None) -> str | None:
    if command not in workspace.app.commands:
        return f"{command} is not a valid command. In Slack, all messages that start with the / character are commands."
    return f"{command} is not supported in threads. Sorry!" if thread_ts else None


def encode(text: str, workspace: Workspace, should_escape: bool = True) -> str:
    """Typed text as Slack passes it on: @name and #channel become ids where the manifest asks for it."""
    if not should_escape:
        return escape(text)
    return re.sub(r"(?<!\S)([@#])([\w.-]*\w)", lambda found: _mention(found, workspace), escape(text))


def _mention(found: re.Match[str], workspace: Workspace) -> str:
    sign, name = found[1], found[2].lower()
    if sign == "#":
        channel = next((c for c in workspace.channels.values() if c.name and c.name == name), None)
        return f"<#{channel.id}|{channel.name}>" if channel else found[0]
    user = next((u for u in workspace.users.values() if name in (u.name.lower(), u.real_name.lower())), None)
    if user:
        return f"<@{user.id}>"
    group = workspace.group_named(name)
    return f"<!subteam^{group.id}|@{group.handle}>" if group else found[0]


def say(service: Service, user: User, text: str, channel: Channel, thread_ts: str | None = None) -> Posted:
    """Writes a message; the app hears of it as far as it is in the channel and its manifest asks for it."""
    workspace = service.workspace
    stamp, encoded = workspace.new_ts(), encode(text, workspace)
    message = Posted(channel.id, stamp, user.id, encoded, thread_ts=thread_ts, team=user.team_id)
    workspace.add_message(message)
    app_hears(service, message)
    if f"<@{workspace.app.bot_user}>" in encoded and workspace.app.bot_user not in channel.members:
        words = f"@{workspace.app.name} is not in this channel. Invite it with /invite @{workspace.app.name}."
        slackbot_says(service, channel.id, user.id, words, thread_ts)
    return message


def open_home(service: Service, user: User) -> None:
    """Clicks on the app's Home tab; the app may publish a view when it hears of it."""
    workspace = service.workspace
    channel = workspace.direct(workspace.app.bot_user, user.id)
    event: JSON = {"type": "app_home_opened", "user": user.id, "channel": channel.id, "tab": "home"}
    event["event_ts"] = workspace.new_ts()
    view = workspace.views.get(workspace.homes.get(user.id, ""))
    if view is not None:
        event["view"] = view_json(view, workspace, view_state(workspace, view))
    announce(service, event)
