"""Clicks that wait for a membership, and events seen before."""

from __future__ import annotations

import json
import sqlite3
from datetime import datetime, timedelta

from bot.core.times import from_text, to_text
from bot.storage.rows import json_text
from bot.usecases.books.rows import PendingClick

_REMEMBERED = timedelta(days=1)


class ClickBook:
    """Tables `pending_click` and `seen_event`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def keep(self, click: PendingClick) -> None:
        """Keep a click that cannot be judged yet; the same id again changes nothing."""
        self._connection.execute(
            "INSERT INTO pending_click (id, verb, payload, who, missing, at) VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (id) DO NOTHING",
            (
                *(click.id, click.verb, json_text(dict(click.payload)), click.who),
                *(json_text({kind: list(names) for kind, names in click.missing.items()}), to_text(click.at)),
            ),
        )

    def waiting(self) -> tuple[PendingClick, ...]:
        """Oldest first."""
        rows = self._connection.execute("SELECT * FROM pending_click WHERE settled_at IS NULL ORDER BY at, id")
        return tuple(_click(row) for row in rows)

    def settle(self, click_id: str, outcome: str, at: datetime) -> bool:
        """False where it was settled before."""
        settled = self._connection.execute(
            "UPDATE pending_click SET settled_at = ?, outcome = ? WHERE id = ? AND settled_at IS NULL",
            (to_text(at), outcome, click_id),
        )
        return settled.rowcount == 1

    def first_sight(self, event_id: str, at: datetime) -> bool:
        """Whether this event id is new; ids older than a day are forgotten."""
        self._connection.execute("DELETE FROM seen_event WHERE at < ?", (to_text(at - _REMEMBERED),))
        seen = self._connection.execute(
            "INSERT INTO seen_event (event_id, at) VALUES (?, ?) ON CONFLICT (event_id) DO NOTHING",
            (event_id, to_text(at)),
        )
        return seen.rowcount == 1


def _click(row: sqlite3.Row) -> PendingClick:
    return PendingClick(
        id=row["id"],
        verb=row["verb"],
        payload=json.loads(row["payload"]),
        who=row["who"],
        missing={kind: tuple(names) for kind, names in json.loads(row["missing"]).items()},
        at=from_text(row["at"]),
    )
