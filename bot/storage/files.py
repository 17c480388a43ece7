"""The bytes of every file in range, kept by hash, and which deployment pins which."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence

from bot.core.deployment import PinnedFile
from bot.storage.rows import one


class FileBook:
    """Tables `file_content` and `deployment_file`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def keep(self, contents: Mapping[str, bytes]) -> None:
        """`contents` maps sha-256 (hex) to the bytes; what is kept already stays."""
        self._connection.executemany(
            "INSERT INTO file_content (sha, bytes) VALUES (?, ?) ON CONFLICT (sha) DO NOTHING", contents.items()
        )

    def content(self, sha: str) -> bytes:
        """Raises LookupError for bytes that were never kept."""
        row = one(self._connection, "SELECT bytes FROM file_content WHERE sha = ?", (sha,))
        if row is None:
            raise LookupError(f"no file with sha-256 {sha} is kept")
        return bytes(row["bytes"])

    def pin(self, deployment_id: str, files: Sequence[PinnedFile]) -> None:
        """Replace what the deployment pins, in the tool's order; the bytes have to be kept before."""
        self._connection.execute("DELETE FROM deployment_file WHERE deployment_id = ?", (deployment_id,))
        self._connection.executemany(
            "INSERT INTO deployment_file (deployment_id, position, version, name, sha, is_down)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            [
                (deployment_id, position, file.version, file.name, file.sha, int(file.is_down))
                for position, file in enumerate(files)
            ],
        )

    def of(self, deployment_id: str) -> tuple[PinnedFile, ...]:
        rows = self._connection.execute(
            "SELECT version, name, sha, is_down FROM deployment_file WHERE deployment_id = ? ORDER BY position",
            (deployment_id,),
        )
        return tuple(PinnedFile(row["version"], row["name"], row["sha"], bool(row["is_down"])) for row in rows)
