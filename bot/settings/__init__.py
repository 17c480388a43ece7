"""gonogo.toml and the environment's variables: every fault at once, secrets never shown."""

from __future__ import annotations

from bot.resources import config_path
from bot.settings.faults import SettingsError
from bot.settings.loading import Settings, load, load_file
from bot.settings.secrets import SlackAccess
from bot.settings.sources import Sources

__all__ = ["Settings", "SettingsError", "SlackAccess", "Sources", "config_path", "load", "load_file"]
