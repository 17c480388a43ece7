"""What a workspace is made of, as plain data, and how the stand-in says no, in Slack's own words."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


class SlackError(Exception):
    """A Web API answer `{"ok": false, "error": …}`; `extra` is merged into the answer."""

    def __init__(self, error: str, **extra: Any) -> None:
        super().__init__(error)
        self.error = error
        self.extra = extra

    def answer(self) -> dict[str, Any]:
        return {"ok": False, "error": self.error, **self.extra}


class Limited(Exception):
    """Too many calls: HTTP 429 with `Retry-After` (whole seconds)."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"retry after {retry_after} s")
        self.retry_after = retry_after


class NotAcknowledged(Exception):
    """The app did not answer an envelope; `reason` is Slack's word for it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def invalid_arguments(*messages: str) -> SlackError:
    """The general refusal of arguments, with what is wrong in `response_metadata.messages`."""
    return SlackError("invalid_arguments", response_metadata={"messages": [f"[ERROR] {line}" for line in messages]})


JSON = dict[str, Any]


@dataclass
class Team:
    id: str = "T0ACME"
    name: str = "Acme"
    domain: str = "acme"
    plan: str = "paid"  # "free" has no user groups


@dataclass
class User:
    id: str
    name: str
    real_name: str
    tz: str = "UTC"
    team_id: str = "T0ACME"
    is_bot: bool = False
    is_restricted: bool = False  # guest of several channels
    is_ultra_restricted: bool = False  # guest of one channel
    is_admin: bool = False
    deleted: bool = False
    display_name: str = ""  # what people are called; who chose none goes by the handle
    quiet: tuple[str, str] | None = None  # do not disturb, ("20:00", "08:00") in the person's zone

    @property
    def is_guest(self) -> bool:
        return self.is_restricted or self.is_ultra_restricted


@dataclass
class UserGroup:
    id: str
    handle: str
    name: str
    members: list[str] = field(default_factory=list)


@dataclass
class Channel:
    id: str
    name: str  # "" for direct messages
    kind: str = "public"  # public, private, im
    members: list[str] = field(default_factory=list)
    archived: bool = False
    created: int = 0
    topic: str = ""


@dataclass
class Posted:
    """One message; `ephemeral_to` is the only user who sees it, when set."""

    channel: str
    ts: str
    user: str
    text: str
    blocks: list[JSON] | None = None
    thread_ts: str | None = None
    bot_id: str | None = None
    app_id: str | None = None
    team: str = "T0ACME"
    metadata: JSON | None = None
    edited: JSON | None = None
    ephemeral_to: str | None = None
    files: list[str] = field(default_factory=list)
    pinned: bool = False
    reactions: dict[str, list[str]] = field(default_factory=dict)  # an emoji's name -> who

    @property
    def is_reply(self) -> bool:
        return self.thread_ts is not None and self.thread_ts != self.ts


@dataclass
class View:
    """A modal or an App Home page; `body` is the view as the app sent it, normalised."""

    id: str
    user: str
    body: JSON
    hash: str
    root_view_id: str
    previous_view_id: str | None = None
    errors: dict[str, str] = field(default_factory=dict)  # block_id -> sentence, after a refused submit
    warning: str | None = None  # Slack's own words when the app did not answer


@dataclass
class StoredFile:
    id: str
    name: str
    title: str
    user: str
    created: int
    size: int
    content: bytes | None = None
    channels: list[str] = field(default_factory=list)


@dataclass
class BotApp:
    """The one app of the workspace, as its manifest describes it."""

    id: str
    name: str
    bot_id: str
    bot_user: str
    bot_token: str
    app_token: str
    scopes: list[str]
    app_scopes: list[str]
    commands: dict[str, JSON]
    shortcuts: list[JSON]
    events: list[str]
    home_tab: bool = True
