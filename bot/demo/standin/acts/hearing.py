"""What the app hears of messages, as far as it is in the channel and its manifest asks for it."""

from __future__ import annotations

from bot.demo.standin.api.shapes import message_json
from bot.demo.standin.model import JSON, Posted
from bot.demo.standin.service import Service, announce

CHANNEL_TYPES = {"public": "channel", "private": "group"}


def app_hears(service: Service, message: Posted) -> None:
    """message events, for the app's own messages too, and app_mention for others' that name it."""
    workspace = service.workspace
    channel = workspace.channels[message.channel]
    if workspace.app.bot_user not in channel.members or message.ephemeral_to:
        return
    said: JSON = {**message_json(message, workspace), "channel": channel.id, "event_ts": message.ts}
    announce(service, {**said, "channel_type": CHANNEL_TYPES.get(channel.kind, channel.kind)})
    mentioned = f"<@{workspace.app.bot_user}>" in message.text and message.user != workspace.app.bot_user
    if mentioned and channel.kind != "im":
        announce(service, {**said, "type": "app_mention"})
