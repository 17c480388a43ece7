"""Signs of life of the bot's loops, for doctor, status and metrics."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from datetime import datetime

from bot.core.times import from_text, to_text
from bot.usecases.post_ports import Heartbeat


class HeartbeatBook:
    """Table `heartbeat`: one row a loop."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def beat(self, name: str, at: datetime, detail: str) -> None:
        self._connection.execute(
            "INSERT INTO heartbeat (name, at, detail) VALUES (?, ?, ?)"
            " ON CONFLICT (name) DO UPDATE SET at = excluded.at, detail = excluded.detail",
            (name, to_text(at), detail),
        )

    def all(self) -> Mapping[str, Heartbeat]:
        """The last beat by name."""
        rows = self._connection.execute("SELECT name, at, detail FROM heartbeat ORDER BY name")
        return {row["name"]: Heartbeat(row["name"], from_text(row["at"]), row["detail"]) for row in rows}
