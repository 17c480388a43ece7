"""The app as its manifest describes it: scopes, commands, shortcuts, events."""

from __future__ import annotations

import json
import re
from pathlib import Path

from bot.demo.standin.model import JSON, BotApp

DEFAULT_SCOPES = [
    *("commands", "chat:write", "files:write", "users:read", "usergroups:read", "dnd:read", "im:write", "im:history"),
    *("channels:read", "groups:read", "channels:history", "groups:history", "app_mentions:read", "reactions:write"),
    "pins:write",
]
DEFAULT_EVENTS = ["app_home_opened", "app_mention", "message.im"]
DEFAULT_MANIFEST: JSON = {
    "display_information": {"name": "gonogo"},
    "features": {"slash_commands": [{"command": "/deploy"}], "app_home": {"home_tab_enabled": True}},
    "oauth_config": {"scopes": {"bot": DEFAULT_SCOPES}},
    "settings": {"event_subscriptions": {"bot_events": DEFAULT_EVENTS}},
}


def read_manifest(manifest: JSON | str | Path | list[str] | None) -> JSON:
    """A manifest from a path, a list of bot scopes, or as it is; None gives the one of the documentation."""
    if manifest is None:
        return DEFAULT_MANIFEST
    if isinstance(manifest, list):
        return {**DEFAULT_MANIFEST, "oauth_config": {"scopes": {"bot": manifest}}}
    if isinstance(manifest, dict):
        return manifest
    read: JSON = json.loads(Path(manifest).read_text(encoding="utf-8"))
    return read


def app_of(manifest: JSON | str | Path | list[str] | None = None) -> BotApp:
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
