"""Where files lie: packaged data (in the wheel, or the checkout's top-level folders), the settings and the state."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

CONFIG_VARIABLE = "GONOGO_CONFIG"
SETTINGS_FILE, STATE_FILE, ACCEPTED_FILE = "gonogo.toml", "gonogo.db", "gonogo.accepted.toml"
NO_STATE, NO_STATE_MEND = "there is no state file {}", "mend [database] path, or start `gonogo run` once"


def config_path(given: str | os.PathLike[str] | None, environ: Mapping[str, str]) -> Path:
    """The settings file: as given, else GONOGO_CONFIG, else gonogo.toml in the current folder."""
    return Path(given or environ.get(CONFIG_VARIABLE) or SETTINGS_FILE)


def state_file(config: Path) -> Path | None:
    """Where a settings file says that the state lies; None where a fault of the file keeps one from knowing."""
    import tomllib

    try:
        table = tomllib.loads(config.read_bytes().removeprefix(b"\xef\xbb\xbf").decode()).get("database", {})
        path = table.get("path", STATE_FILE)
        return None if "://" in path else config.absolute().parent / path
    except (OSError, ValueError, AttributeError, TypeError):
        return None


def migrations_folder() -> Path:
    """Folder of the bot's own `00001_….sql`. Raises FileNotFoundError for a broken installation."""
    return _folder("migrations")


def templates_folder() -> Path:
    """Folder of checklists and the words of messages. Raises FileNotFoundError for a broken installation."""
    return _folder("templates")


def manifest_file() -> Path:
    """The app manifest for Slack. Raises FileNotFoundError for a broken installation."""
    package = _package()
    for file in (package / "_manifest.json", package.parent / "manifest.json"):
        if file.is_file():
            return file
    raise FileNotFoundError("gonogo was installed without its manifest.json: install it anew from its wheel")


def _folder(name: str) -> Path:
    package = _package()
    for folder in (package / f"_{name}", package.parent / name):
        if folder.is_dir():
            return folder
    raise FileNotFoundError(f"gonogo was installed without its {name}: install it anew from its wheel or checkout")


def _package() -> Path:
    from importlib.resources import files

    return Path(str(files("bot")))
