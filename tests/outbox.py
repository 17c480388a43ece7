"""What the outbox holds, for tests that look behind it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.usecases.books.units import SaidRow


def said_row(reader: Any, key: str) -> SaidRow | None:
    """The said row of that key, wherever it stands in its lane."""
    found = reader.said._connection.execute("SELECT id FROM outbox WHERE key = ?", (key,)).fetchone()
    return reader.said.get(found["id"]) if found else None


def said_facts(reader: Any, template: str) -> list[Mapping[str, Any]]:
    """The facts of everything said by a template, oldest first, also what waits behind others in its lane."""
    rows = reader.said._connection.execute(
        "SELECT id FROM outbox WHERE template = ? ORDER BY created_at, id", (template,)
    )
    return [reader.said.get(row["id"]).said.facts for row in rows.fetchall()]
