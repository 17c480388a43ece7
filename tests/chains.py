"""Whether a chain of the journal holds, in a second hand."""

from __future__ import annotations

from collections.abc import Iterable

from bot.core.journal import Entry, link
from bot.core.verify import FIRST_PREV


def first_broken(entries: Iterable[Entry]) -> int | None:
    """The `seq` of the first entry that does not follow from the one before, or None where the chain holds."""
    prev, expected = FIRST_PREV, 1
    for entry in entries:
        if entry.seq != expected or entry.prev != prev or link(entry.chain, entry.seq, prev, entry.body) != entry:
            return expected
        prev, expected = entry.hash, expected + 1
    return None
