"""Text from files and servers as one safe line of a terminal."""

from __future__ import annotations

from checks.result import Finding


def oneline(text: str) -> str:
    """The text without line breaks and control characters, which could rewrite what stands above them."""
    return "".join(character if character.isprintable() else " " for character in text).strip()


def told(finding: Finding) -> str:
    """`FILE:LINE: OBJECT: MESSAGE → what to do`."""
    return oneline(f"{finding.what} → {finding.hint}" if finding.hint else finding.what)
