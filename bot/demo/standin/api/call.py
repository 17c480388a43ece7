"""One call of the Web API: its arguments as Slack reads them, from forms or JSON."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from bot.demo.standin.model import JSON, BotApp, Channel, Posted, SlackError, User, invalid_arguments
from bot.demo.standin.service import Service
from bot.demo.standin.workspace import Workspace

T = TypeVar("T")
READ_SCOPES = {"public": "channels:read", "private": "groups:read", "im": "im:read"}
HISTORY_SCOPES = {"public": "channels:history", "private": "groups:history", "im": "im:history"}


@dataclass
class Call:
    service: Service
    args: JSON

    @property
    def workspace(self) -> Workspace:
        return self.service.workspace

    @property
    def app(self) -> BotApp:
        return self.service.workspace.app

    def required(self, name: str) -> str:
        value = self.args.get(name)
        if value in (None, ""):
            raise invalid_arguments(f"missing required field: {name}")
        return str(value)

    def text(self, name: str) -> str | None:
        value = self.args.get(name)
        return None if value is None else str(value)

    def flag(self, name: str) -> bool:
        return str(self.args.get(name, "")).lower() in ("1", "true")

    def number(self, name: str, default: int) -> int:
        value = str(self.args.get(name) or default)
        if not value.isdigit():
            raise invalid_arguments(f"must be an integer [json-pointer:/{name}]")
        return int(value)

    def names(self, name: str) -> list[str]:
        """A comma-separated list, or a JSON array."""
        value = self.args.get(name) or []
        return list(value) if isinstance(value, list) else [part.strip() for part in str(value).split(",") if part]

    def parsed(self, name: str, error: str) -> Any:
        """A structure, given as JSON or as a string of it; SlackError `error` when it cannot be read."""
        value = self.args.get(name)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value) if value else None
        except ValueError:
            raise SlackError(error) from None

    def demand(self, scope: str) -> None:
        """SlackError missing_scope, with what is needed and provided."""
        if scope not in self.app.scopes:
            raise SlackError("missing_scope", needed=scope, provided=",".join(self.app.scopes))

    def channel(self, name: str = "channel") -> Channel:
        """The channel of an argument, by id; a private one that the bot is not in does not exist for it."""
        channel = self.workspace.channels.get(self.required(name))
        if channel is None or (channel.kind != "public" and self.app.bot_user not in channel.members):
            raise SlackError("channel_not_found")
        return channel

    def joined(self, channel: Channel) -> Channel:
        """SlackError not_in_channel or is_archived."""
        if self.app.bot_user not in channel.members:
            raise SlackError("not_in_channel")
        if channel.archived:
            raise SlackError("is_archived")
        return channel

    def user(self, name: str = "user") -> User:
        user = self.workspace.users.get(self.required(name))
        if user is None:
            raise SlackError("user_not_found")
        return user

    def message(self, channel: Channel, name: str) -> Posted:
        message = self.workspace.message(channel.id, self.required(name))
        if message is None or message.ephemeral_to:
            raise SlackError("message_not_found")
        return message

    def page(self, items: Sequence[T], default: int = 100) -> tuple[list[T], str]:
        """One page of a collection and the cursor of the next ("" at the end)."""
        start = _place(self.text("cursor"))
        limit = min(self.number("limit", default) or default, 1000)
        following = start + limit
        cursor = base64.b64encode(f"next:{following}".encode()).decode()
        return list(items[start:following]), cursor if following < len(items) else ""


def _place(cursor: str | None) -> int:
    if not cursor:
        return 0
    try:
        return int(base64.b64decode(cursor).decode().removeprefix("next:"))
    except ValueError:
        raise SlackError("invalid_cursor") from None


@dataclass(frozen=True)
class Method:
    """How a method is done; `scope` the app needs, `tier` of its rate limit (None: its own rule)."""

    do: Callable[[Call], JSON]
    scope: str | None = None
    tier: int | None = 3
    token: str = "bot"


def paged(cursor: str) -> JSON:
    return {"response_metadata": {"next_cursor": cursor}}
