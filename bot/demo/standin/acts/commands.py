"""A slash command, from the keyboard to the answer."""

from __future__ import annotations

import re

from bot.demo.standin.acts.payloads import slash_command
from bot.demo.standin.acts.telling import app_says, slackbot_says
from bot.demo.standin.deliveries import ask
from bot.demo.standin.errors import NotAcknowledged, SlackError
from bot.demo.standin.model import Channel, Posted, User
from bot.demo.standin.mrkdwn import escape
from bot.demo.standin.service import Service
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
