"""What people write in channels and direct messages, and what the app hears of it."""

from __future__ import annotations

from bot.demo.standin.acts.commands import encode
from bot.demo.standin.acts.hearing import app_hears
from bot.demo.standin.acts.telling import slackbot_says
from bot.demo.standin.api.shapes import view_json
from bot.demo.standin.deliveries import announce
from bot.demo.standin.model import JSON, Channel, Posted, User
from bot.demo.standin.service import Service
from bot.demo.standin.state import view_state


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
