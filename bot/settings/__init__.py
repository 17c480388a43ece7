"""gonogo.toml and the environment's variables: every fault at once, secrets never shown."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.resources import config_path
    from bot.settings.faults import SettingsError
    from bot.settings.inputs import Sources
    from bot.settings.loading import Settings, load, load_file
    from bot.settings.secrets import SlackAccess

# Imported when it is used: reading the settings takes longer to import than ten files to check.
_PLACES = {
    "config_path": "bot.resources",
    "SettingsError": "bot.settings.faults",
    "Settings": "bot.settings.loading",
    "load": "bot.settings.loading",
    "load_file": "bot.settings.loading",
    "SlackAccess": "bot.settings.secrets",
    "Sources": "bot.settings.inputs",
}
__all__ = ["Settings", "SettingsError", "SlackAccess", "Sources", "config_path", "load", "load_file"]


def __getattr__(name: str) -> object:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_PLACES[name]), name)
