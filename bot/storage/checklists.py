"""Checklist revisions, kept by hash for as long as a deployment names them."""

from __future__ import annotations

import sqlite3

from bot.storage.rows import one


class ChecklistBook:
    """Table `checklist_revision`; a revision never changes."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def keep(self, sha: str, file: str, text: str) -> None:
        self._connection.execute(
            "INSERT INTO checklist_revision (sha, file, text) VALUES (?, ?, ?) ON CONFLICT (sha) DO NOTHING",
            (sha, file, text),
        )

    def text(self, sha: str) -> str:
        """Raises LookupError for a revision that was never kept."""
        return str(self._row(sha)["text"])

    def file(self, sha: str) -> str:
        """Name of the file it was read from. Raises LookupError for a revision that was never kept."""
        return str(self._row(sha)["file"])

    def _row(self, sha: str) -> sqlite3.Row:
        row = one(self._connection, "SELECT file, text FROM checklist_revision WHERE sha = ?", (sha,))
        if row is None:
            raise LookupError(f"no checklist revision {sha} is kept")
        return row
