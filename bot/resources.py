"""Where packaged data lies: inside the wheel, or in the checkout's top-level folders."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path


def migrations_folder() -> Path:
    """Folder of the bot's own `00001_….sql`. Raises FileNotFoundError for a broken installation."""
    return _folder("migrations")


def templates_folder() -> Path:
    """Folder of checklists and the words of messages. Raises FileNotFoundError for a broken installation."""
    return _folder("templates")


def manifest_file() -> Path:
    """The app manifest for Slack. Raises FileNotFoundError for a broken installation."""
    package = Path(str(files("bot")))
    for file in (package / "_manifest.json", package.parent / "manifest.json"):
        if file.is_file():
            return file
    raise FileNotFoundError("gonogo was installed without its manifest.json: install it anew from its wheel")


def _folder(name: str) -> Path:
    package = Path(str(files("bot")))
    for folder in (package / f"_{name}", package.parent / name):
        if folder.is_dir():
            return folder
    raise FileNotFoundError(f"gonogo was installed without its {name}: install it anew from its wheel or checkout")
