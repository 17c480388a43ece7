"""Where the app's manifest lies: beside the checkout's packages, or inside the wheel."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path


def manifest_file() -> Path:
    """`manifest.json`. Raises FileNotFoundError for a broken installation."""
    package = Path(str(files("bot")))
    for path in (package / "_manifest.json", package.parent / "manifest.json"):
        if path.is_file():
            return path
    raise FileNotFoundError("gonogo was installed without its manifest: install it anew from its wheel or checkout")
