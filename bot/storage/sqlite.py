"""SQLite: connections to the state file, a copy of it, and what a column holds: TEXT, INTEGER and BLOB only."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.core.journal import from_text, to_text
from bot.storage.faults import StoreFault


def new_id() -> str:
    """26 lower-case hex digits: nanoseconds since 1970 and 40 random bits, so that id order is order of making."""
    return f"{time.time_ns():016x}{secrets.token_hex(5)}"


def text_or_none(instant: datetime | None) -> str | None:
    return None if instant is None else to_text(instant)


def instant_or_none(text: str | None) -> datetime | None:
    return None if text is None else from_text(text)


def json_text(value: object) -> str:
    """JSON with sorted keys. Raises TypeError for what JSON does not know, ValueError for NaN."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, allow_nan=False)


def insert_statement(table: str, columns: Iterable[str]) -> str:
    """`INSERT` with one named parameter a column; names come from this package, never from a user."""
    names = tuple(columns)
    return f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join(':' + name for name in names)})"


def one(connection: sqlite3.Connection, sql: str, values: Mapping[str, Any] | tuple[Any, ...]) -> sqlite3.Row | None:
    """The first row or None; the cursor is done when this returns."""
    row: sqlite3.Row | None = next(iter(connection.execute(sql, values).fetchall()), None)
    return row


BUSY_SECONDS = 2.0
_READERS = 4


def open_writer(path: Path) -> sqlite3.Connection:
    """The one writer: WAL, every commit on disk, foreign keys held. Raises `StoreFault`."""
    if not path.parent.is_dir():
        sentence = f"the folder {path.parent} for the state file does not exist"
        raise StoreFault(sentence, "make it, or mend [database] path")
    try:
        connection = _connect(str(path), uri=False)
        _use_wal(connection)
        connection.execute("PRAGMA synchronous = FULL")
    except sqlite3.Error as error:
        raise StoreFault(f"the state file {path} cannot be opened for writing: {error}") from error
    return connection


def open_reader(path: Path) -> sqlite3.Connection:
    """A connection that cannot write. Raises `StoreFault`."""
    if not path.is_file():
        raise StoreFault(f"there is no state file {path}", "mend [database] path, or start `gonogo run` once")
    try:
        connection = _connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
        connection.execute("SELECT count(*) FROM sqlite_master").fetchall()
    except sqlite3.Error as error:
        raise StoreFault(f"the state file {path} cannot be read: {error}") from error
    return connection


class Readers:
    """At most four read-only connections, made when first needed, lent for one snapshot each."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._free: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        self._places = threading.BoundedSemaphore(_READERS)
        self._closed = False

    @contextmanager
    def snapshot(self) -> Iterator[sqlite3.Connection]:
        """A connection inside a transaction: everything read is of one moment."""
        with self._places:
            connection = self._take()
            try:
                connection.execute("BEGIN")
                yield connection
            finally:
                _end(connection)
                self._give_back(connection)

    def close(self) -> None:
        """Close what is free now; what is lent is closed when it comes back."""
        with self._lock:
            self._closed = True
            free, self._free = self._free, []
        for connection in free:
            connection.close()

    def _take(self) -> sqlite3.Connection:
        with self._lock:
            if self._closed:
                raise StoreFault("the store is closed")
            if self._free:
                return self._free.pop()
        return open_reader(self._path)

    def _give_back(self, connection: sqlite3.Connection) -> None:
        with self._lock:
            if not self._closed:
                self._free.append(connection)
                return
        connection.close()


def _end(connection: sqlite3.Connection) -> None:
    if connection.in_transaction:
        connection.execute("ROLLBACK")


def _connect(database: str, *, uri: bool) -> sqlite3.Connection:
    connection = sqlite3.connect(database, uri=uri, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


def _use_wal(connection: sqlite3.Connection) -> None:
    """Two processes that open a new file at once: SQLite answers the second "locked" without waiting, so we wait."""
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL").fetchall()
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() >= deadline:
                raise
            time.sleep(0.02)
        else:
            return


def backup(source: Path, target: Path) -> None:
    """Write a compact copy of `source` to `target`, whole or not at all. Raises `StoreFault`.

    https://sqlite.org/lang_vacuum.html#vacuuminto: safe beside a writer, and what it writes is one consistent moment.
    """
    if target.exists():
        raise StoreFault(f"{target} exists already", "a backup never overwrites, give another name")
    if not target.parent.is_dir():
        raise StoreFault(f"the folder {target.parent} does not exist", "make it, or give another")
    unfinished = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        _copy(source, unfinished)
        unfinished.rename(target)
    except (OSError, sqlite3.Error) as error:
        raise StoreFault(f"the backup {target} could not be written: {error}") from error
    finally:
        unfinished.unlink(missing_ok=True)


def _copy(source: Path, unfinished: Path) -> None:
    with closing(sqlite3.connect(source, timeout=BUSY_SECONDS, isolation_level=None)) as connection:
        connection.execute("VACUUM INTO ?", (str(unfinished),))
    shutil.copymode(source, unfinished)
    descriptor = os.open(unfinished, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
