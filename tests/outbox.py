"""What the outbox holds, for tests that look behind it."""

from __future__ import annotations

from typing import Any

from bot.usecases.books.units import SaidRow


def said_row(reader: Any, key: str) -> SaidRow | None:
    """The said row of that key, wherever it stands in its lane."""
    found = reader.said._connection.execute("SELECT id FROM outbox WHERE key = ?", (key,)).fetchone()
    return reader.said.get(found["id"]) if found else None
