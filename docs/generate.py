"""Writes the pages of docs/ that are made from the code: `make docs`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from docs.generator.checks_page import checks_page
from docs.generator.items_page import items_page
from docs.generator.layers import architecture_page
from docs.generator.messages_page import messages_page
from docs.generator.settings_page import settings_page
from docs.generator.settings_schema import settings_schema

FOLDER = Path(__file__).resolve().parent
PAGES: Mapping[str, Callable[[], str]] = {
    "settings.md": settings_page,
    "checks.md": checks_page,
    "items.md": items_page,
    "messages.md": messages_page,
    "architecture.md": architecture_page,
    "../templates/gonogo.schema.json": settings_schema,
}


def main() -> None:
    """Write every page that differs, and say which."""
    for name, make in PAGES.items():
        file, text = FOLDER / name, make()
        is_new = not file.exists() or file.read_text(encoding="utf-8") != text
        if is_new:
            file.write_text(text, encoding="utf-8")
        print(f"docs/{name}: {'written' if is_new else 'current'}")


if __name__ == "__main__":
    main()
