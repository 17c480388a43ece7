"""A workspace that stands in for Slack, with the app as its manifest describes it: what tests and the demo hold."""

from __future__ import annotations

import json
import re
import socket
import time
from collections.abc import Callable, Iterable
from importlib.resources import files
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.routing import BaseRoute

from bot.demo.standin.acts import hearing
from bot.demo.standin.blockkit.blocks import elements_of
from bot.demo.standin.limits import RateLimits, Timings
from bot.demo.standin.model import JSON, BotApp, Channel, Team, User, UserGroup
from bot.demo.standin.people.message import Message
from bot.demo.standin.people.person import Person
from bot.demo.standin.reading import transcript
from bot.demo.standin.service import Service
from bot.demo.standin.web import Server, make_routes
from bot.demo.standin.workspace import Workspace


def manifest_file() -> Path:
    """`manifest.json`. Raises FileNotFoundError for a broken installation."""
    package = Path(str(files("bot")))
    for path in (package / "_manifest.json", package.parent / "manifest.json"):
        if path.is_file():
            return path
    raise FileNotFoundError("gonogo was installed without its manifest: install it anew from its wheel or checkout")


Manifest = JSON | str | Path | list[str] | None
DEFAULT_MANIFEST: JSON = json.loads(manifest_file().read_text(encoding="utf-8"))
DEFAULT_SCOPES: list[str] = DEFAULT_MANIFEST["oauth_config"]["scopes"]["bot"]


def read_manifest(manifest: Manifest) -> JSON:
    """A manifest from a path, a list of bot scopes, or as it is; None gives the one that ships."""
    if manifest is None:
        return DEFAULT_MANIFEST
    if isinstance(manifest, list):
        return {**DEFAULT_MANIFEST, "oauth_config": {"scopes": {"bot": manifest}}}
    if isinstance(manifest, dict):
        return manifest
    read: JSON = json.loads(Path(manifest).read_text(encoding="utf-8"))
    return read


def app_of(manifest: Manifest = None) -> BotApp:
    """The app that a manifest describes, with tokens that are valid in the stand-in only."""
    read = read_manifest(manifest)
    features = read.get("features", {})
    name = features.get("bot_user", {}).get("display_name") or read["display_information"]["name"]
    key = re.sub("[^A-Z0-9]", "", name.upper())
    return BotApp(
        id=f"A0{key}",
        name=name,
        bot_id=f"B0{key}",
        bot_user=f"U0{key}",
        bot_token=f"xoxb-standin-{key.lower()}",
        app_token=f"xapp-standin-{key.lower()}",
        scopes=list(read.get("oauth_config", {}).get("scopes", {}).get("bot", [])),
        app_scopes=["connections:write"],
        commands={command["command"]: command for command in features.get("slash_commands", [])},
        shortcuts=list(features.get("shortcuts", [])),
        events=list(read.get("settings", {}).get("event_subscriptions", {}).get("bot_events", [])),
        home_tab=bool(features.get("app_home", {}).get("home_tab_enabled", True)),
    )


class StandIn:
    """`StandIn.start()` serves it; `StandIn(…)` alone is for mounting `routes()` in another app."""

    def __init__(
        self,
        manifest: Manifest = None,
        *,
        plan: str = "paid",
        channels: Iterable[str] = ("deploys",),
        clock: Callable[[], float] = time.time,
        timings: Timings | None = None,
        rates: RateLimits | None = None,
    ) -> None:
        self.shift = 0.0  # seconds that the workspace's clock is ahead
        self.workspace = Workspace(app_of(manifest), Team(plan=plan), clock=lambda: clock() + self.shift)
        self.service = Service(self.workspace, timings, rates)
        self.faults, self.sockets = self.service.faults, self.service.sockets
        self.calls, self.rates, self.timings = self.service.calls, self.service.rates, self.service.timings
        self._server: Server | None = None
        for name in channels:
            self.add_channel(name)

    @classmethod
    def start(cls, manifest: Manifest = None, *, port: int = 0, **more: Any) -> StandIn:
        """Serves a workspace on this machine (port 0: a free one), until `stop()`."""
        standin = cls(manifest, **more)
        listening = socket.create_server(("127.0.0.1", port))
        standin.served_at(f"http://127.0.0.1:{listening.getsockname()[1]}")
        standin._server = Server(Starlette(routes=standin.routes()), listening, "off")
        standin._server.start()
        return standin

    def stop(self) -> None:
        if self._server is not None:
            self._server.stop()

    def __enter__(self) -> StandIn:
        return self

    def __exit__(self, *raised: object) -> None:
        self.stop()

    # --- where and how to connect -------------------------------------------------------------------------------

    def routes(self) -> list[BaseRoute]:
        """For an app that serves them itself; tell it where with `served_at`."""
        return make_routes(self.service)

    def served_at(self, base_url: str) -> None:
        self.service.base_url = base_url.rstrip("/")

    @property
    def api_url(self) -> str:
        return self.service.api_url

    @property
    def bot_token(self) -> str:
        return self.workspace.app.bot_token

    @property
    def app_token(self) -> str:
        return self.workspace.app.app_token

    def environment(self) -> dict[str, str]:
        """What a bot needs in its environment to talk to this workspace."""
        return {"SLACK_API_URL": self.api_url, "SLACK_BOT_TOKEN": self.bot_token, "SLACK_APP_TOKEN": self.app_token}

    def wait_connected(self, count: int = 1, timeout: float = 10.0) -> None:
        """Waits until the bot has its websocket. TimeoutError."""
        if not self.sockets.wait_connected(count, timeout):
            raise TimeoutError(f"no bot connected within {timeout:g} s")

    # --- the workspace ------------------------------------------------------------------------------------------

    def add_person(self, name: str, real_name: str = "", channels: Iterable[str] | None = None, **more: Any) -> Person:
        """A person, in the channels named, or else (unless a guest) in every public one.

        `more` are fields of User: tz, is_restricted, is_ultra_restricted, team_id (another workspace), id …
        """
        fields = {"id": self.workspace.new_id("U", name), "team_id": self.workspace.team.id, **more}
        user = self.workspace.add_user(User(name=name, real_name=real_name or name.capitalize(), **fields))
        public = [c for c in self.workspace.channels.values() if c.kind == "public" and not user.is_guest]
        joined = public if channels is None else [self.workspace.channel_named(each) for each in channels]
        for channel in joined:
            hearing.sits(self.service, channel, user, "member_joined_channel")
        return Person(self.service, user)

    def person(self, name: str) -> Person:
        return Person(self.service, self.workspace.user_named(name))

    def add_channel(
        self, name: str, members: Iterable[str] | None = None, private: bool = False, bot: bool = True
    ) -> Channel:
        """A channel with these people (names; None: everyone but guests), and the bot."""
        users = list(self.workspace.users.values())
        everyone = [user.id for user in users if not user.is_bot and not user.is_guest]
        ids = everyone if members is None else [self.workspace.user_named(each).id for each in members]
        invited = [self.workspace.app.bot_user] if bot else []
        return self.workspace.add_channel(name, ids + invited, "private" if private else "public")

    def add_group(self, handle: str, members: Iterable[str]) -> UserGroup:
        """A user group such as @dba-team."""
        return self.workspace.add_group(handle, [self.workspace.user_named(each).id for each in members])

    def leaves(self, name: str, channel: str) -> None:
        """Somebody leaves a channel, or is removed from it."""
        user = self.workspace.user_named(name)
        hearing.sits(self.service, self.workspace.channel_named(channel), user, "member_left_channel")

    def joins(self, name: str, channel: str) -> None:
        """Somebody joins a channel, or is invited into it."""
        user = self.workspace.user_named(name)
        hearing.sits(self.service, self.workspace.channel_named(channel), user, "member_joined_channel")

    def archives(self, channel: str, *, again: bool = False) -> None:
        """A channel is archived, or (`again`) taken out of the archive."""
        found = self.workspace.channel_named(channel)
        hearing.archives(self.service, found, archived=not again)

    def set_group(self, handle: str, members: Iterable[str]) -> None:
        """An admin changes who is in a user group."""
        group = self.workspace.group_named(handle)
        if group is None:
            raise LookupError(f"no group {handle!r}")
        hearing.regroups(self.service, group, [self.workspace.user_named(each).id for each in members])

    def change_person(self, name: str, **fields: object) -> None:
        """An admin changes fields of User: deleted, is_restricted, real_name …"""
        hearing.changes(self.service, self.workspace.user_named(name), **fields)

    def move_clock(self, seconds: float) -> None:
        """Moves the workspace's clock on."""
        with self.workspace.changing():
            self.shift += seconds

    def transcript(self, channel: str = "#deploys", viewer: str | None = None) -> str:
        """A channel as plain text, as one person sees it, or (None) with everything in it."""
        user = None if viewer is None else self.workspace.user_named(viewer)
        return transcript(self.workspace, self.workspace.channel_named(channel), user)

    # --- below the words ----------------------------------------------------------------------------------------

    def click(
        self, user: str, message: Message, action_id: str, value: str | None = None, block_id: str | None = None
    ) -> str | None:
        """Sends a button's click as it is, known to the message or not; gives Slack's warning, if any."""
        found = [
            (b["block_id"], e) for b in message.blocks() for _, e in elements_of(b) if e.get("action_id") == action_id
        ]
        text = {"type": "plain_text", "text": action_id, "emoji": True}
        block, element = found[0] if found else ("standin", {"type": "button", "action_id": action_id, "text": text})
        sent = element if value is None else {**element, "value": value}
        seen = message.as_seen_by(self.workspace.user_named(user))
        return seen.act(block_id or block, sent, None)
