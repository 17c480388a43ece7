"""Flyway: `flyway_schema_history`, a row a run. Source: Flyway "Schema history table", core `ChecksumCalculator`.

A version may have several rows (undone, deleted by repair, run again): the highest `installed_rank` says what holds.
A baseline row stands for every file up to its version. Repeatable files have no version; the script names them.
`installed_on` has no zone: it is read in the server's.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath
from typing import Any

from checks.base import MigrationFile, version_key
from checks.history.rows import HistoryReader, HistoryRow, RowState, utc

BASELINE = "<< Flyway Baseline >>"
_GONE = ("DELETE", "UNDO_SQL", "UNDO_JDBC", "UNDO_SPRING_JDBC", "UNDO_SCRIPT")
_LINE_END = re.compile(rb"\r\n|\r|\n")
_BOM = b"\xef\xbb\xbf"


def _fit(rows: Sequence[HistoryRow], files: Sequence[MigrationFile]) -> tuple[HistoryRow, ...]:
    """A baseline becomes a row for each numbered file up to its version."""
    marks = [version_key(row.version) for row in rows if row.name == BASELINE]
    others = [row for row in rows if row.name != BASELINE]
    own = {version_key(row.version) for row in others}
    covered = [
        HistoryRow(file.version, file.name)
        for file in files
        if (key := version_key(file.version)) not in own and key[0] == 0 and any(key <= mark for mark in marks)
    ]
    return (*covered, *others)


def _checksum(file: MigrationFile) -> str:
    """CRC32 of the lines without their ends and without a byte-order mark, as a signed 32-bit number."""
    crc = 0
    for line in _LINE_END.split(file.content.removeprefix(_BOM)):
        crc = zlib.crc32(line, crc)
    return str(crc - (1 << 32) if crc >= 1 << 31 else crc)


def _latest(rows: Iterable[Any]) -> tuple[HistoryRow, ...]:
    found: dict[str, HistoryRow] = {}
    for row in rows:
        version = row.version or PurePosixPath(row.script).stem
        found.pop(version, None)
        if row.type not in _GONE:
            found[version] = _row(version, row)
    return tuple(found.values())


def _row(version: str, row: Any) -> HistoryRow:
    state = RowState.OK if row.success else RowState.FAILED
    name = BASELINE if row.type == "BASELINE" else row.description
    crc = "" if row.checksum is None else str(row.checksum)
    return HistoryRow(version, name, row.applied_at or "", state, crc)


FLYWAY = HistoryReader(
    "flyway",
    ("flyway_schema_history", "schema_version"),
    frozenset({"installed_rank", "version", "description", "type", "script", "checksum", "success"}),
    f"SELECT version, description, type, script, checksum, success, {utc('installed_on::timestamptz')} "
    "FROM {} WHERE type <> 'SCHEMA' ORDER BY installed_rank",
    _latest,
    fit=_fit,
    checksum=_checksum,
)
