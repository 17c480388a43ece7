"""The fingerprint of the files in range."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from bot.core.deployment import PinnedFile


def fingerprint(files: Iterable[PinnedFile]) -> str:
    """sha-256 of lines `version\\tname\\tsha256\\n` in the tool's order, down files included."""
    lines = "".join(f"{file.version}\t{file.name}\t{file.sha}\n" for file in files)
    return hashlib.sha256(lines.encode()).hexdigest()
