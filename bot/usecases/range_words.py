"""A migration range as people type it."""

from __future__ import annotations

import hashlib
import re

from bot.core.deployment import PinnedFile
from bot.core.fingerprint import fingerprint
from bot.core.refusal import Refused

_RANGE = re.compile(r"^\s*(?P<first>[\w.]+)\s*(?:(?:-|–|\.\.|to|through)\s*(?P<last>[\w.]+))?\s*$")


def typed_range(text: str) -> tuple[str | None, str | None]:
    """`00008-00010`, `00008..00010`, `00008 to 00010` or one version; empty text gives (None, None).

    Raises Refused for anything else.
    """
    if not text.strip():
        return None, None
    found = _RANGE.match(text)
    if not found:
        raise Refused(f"“{text.strip()}” is no migration range. Write it like 00008-00010.")
    first = found["first"]
    return first, found["last"] or first


def typed_files(first: str, last: str) -> tuple[tuple[PinnedFile, ...], str]:
    """Stand-ins for files that nobody reads: the ends of the range as typed, and their fingerprint."""
    empty = hashlib.sha256(b"").hexdigest()
    versions = dict.fromkeys((first, last))
    files = tuple(PinnedFile(version, f"{version} (as typed)", empty, is_down=False) for version in versions)
    return files, fingerprint(files)
