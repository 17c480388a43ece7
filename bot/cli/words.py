"""Text from files and servers as one safe line of a terminal."""

from __future__ import annotations


def oneline(text: str) -> str:
    """The text without line breaks and control characters, which could rewrite what stands above them."""
    return "".join(character if character.isprintable() else " " for character in text).strip()
