"""SQLite: connections to the state file, a copy of it, and what a column holds: TEXT, INTEGER and BLOB only."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import sqlite3
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import fields
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from types import NoneType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from bot.core.journal import from_text, to_text
from bot.resources import NO_STATE, NO_STATE_MEND

T = TypeVar("T")
Read = Callable[[sqlite3.Row], T]
Values = Mapping[str, Any] | tuple[Any, ...]


class StoreFault(Exception):
    """The state file cannot be used as asked: `sentence` says what is wrong, `hint` what to do; `str()` is both."""

    def __init__(self, sentence: str, hint: str = "") -> None:
        super().__init__(f"{sentence}: {hint}" if hint else sentence)
        self.sentence, self.hint = sentence, hint


def new_id() -> str:
    """26 lower-case hex digits: nanoseconds since 1970 and 40 random bits, so that id order is order of making."""
    return f"{time.time_ns():016x}{secrets.token_hex(5)}"


def json_text(value: object) -> str:
    """JSON with sorted keys. Raises TypeError for what JSON does not know, ValueError for NaN."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, allow_nan=False)


def columns(facts: Any, /, **given: object) -> dict[str, object]:
    """A dataclass as its columns hold it, field by field; `given` are those that hold something else, or no field.

    A time is its text, a truth 0 or 1, what has parts is JSON.
    """
    plain = [field.name for field in fields(facts) if field.name not in given]
    return {name: _column(getattr(facts, name)) for name in plain} | given


def _column(value: object) -> object:
    match value:
        case datetime():
            return to_text(value)
        case bool():
            return int(value)
        case tuple():
            return json_text(value)
        case Mapping():
            return json_text(dict(value))
    return value


def reader_of(facts: type[T], /, **given: Read[object]) -> Read[T]:
    """What makes that dataclass of a row: each field of its column, by its type; those of `given` of the whole row."""
    hints = get_type_hints(facts)
    readers = [(name, _field(hint)) for name, hint in hints.items() if name not in given]

    def read(row: sqlite3.Row) -> T:
        plain = {name: row[name] if make is None else make(row[name]) for name, make in readers}
        return facts(**plain, **{name: make(row) for name, make in given.items()})

    return read


def _field(hint: Any) -> Callable[[Any], Any] | None:
    """Makes a field of that type of its column; None where the column holds it as it is."""
    (kind,) = [one for one in get_args(hint) if one is not NoneType] if NoneType in get_args(hint) else [hint]
    made = _MADE.get(get_origin(kind) or kind) or (kind if issubclass(kind, StrEnum) else None)
    return None if made is None else lambda value: None if value is None else made(value)


_MADE: Mapping[Any, Callable[[Any], Any]] = {
    datetime: from_text,
    bool: bool,
    tuple: lambda text: tuple(json.loads(text)),
    Mapping: json.loads,
}


class Book:
    """Tables of one subject, on the connection of one unit of work or of one snapshot."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection


def insert(connection: sqlite3.Connection, table: str, row: Mapping[str, object], conflict: str = "") -> int:
    """How many rows were added; names of columns come from this package, never from a user."""
    sql = f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join(f':{name}' for name in row)}) {conflict}"
    return connection.execute(sql, dict(row)).rowcount


def insert_once(connection: sqlite3.Connection, table: str, row: Mapping[str, object]) -> bool:
    """False where a row with one of its keys is there already: that one stays as it is."""
    return insert(connection, table, row, "ON CONFLICT DO NOTHING") == 1


def keep_newest(connection: sqlite3.Connection, table: str, key: tuple[str, ...], row: Mapping[str, object]) -> None:
    """Insert the row, or overwrite the one with the same `key`."""
    changes = ", ".join(f"{name} = excluded.{name}" for name in row if name not in key)
    insert(connection, table, row, f"ON CONFLICT ({', '.join(key)}) DO UPDATE SET {changes}")


def one(connection: sqlite3.Connection, sql: str, values: Values) -> sqlite3.Row | None:
    """The first row or None; the cursor is done when this returns."""
    row: sqlite3.Row | None = next(iter(connection.execute(sql, values).fetchall()), None)
    return row


def first(connection: sqlite3.Connection, read: Read[T], sql: str, values: Values = ()) -> T | None:
    """What the first row says, or None."""
    row = one(connection, sql, values)
    return None if row is None else read(row)


def every(connection: sqlite3.Connection, read: Read[T], sql: str, values: Values = ()) -> tuple[T, ...]:
    """What all rows say."""
    return tuple(read(row) for row in connection.execute(sql, values).fetchall())


BUSY_SECONDS = 1.5
"""How long anybody waits for the one writer: a click is to be answered within Slack's three seconds."""
OPENING_SECONDS = 20.0
"""How long a start waits for another that makes the file or brings it up to date: nobody's click waits for it."""
PRIVATE = 0o600
"""Mode of what holds the SQL of a team: the state and its copies."""


def open_writer(path: Path) -> sqlite3.Connection:
    """The one writer: WAL, every commit on disk, foreign keys held. Raises `StoreFault`."""
    if not path.parent.is_dir():
        sentence = f"the folder {path.parent} for the state file does not exist"
        raise StoreFault(sentence, "make it, or mend [database] path")
    _refuse_empty(path)
    try:
        connection = _connect(str(path), OPENING_SECONDS, uri=False)
        _use_wal(connection)
        connection.execute("PRAGMA synchronous = FULL")
        for suffix in ("", "-wal", "-shm"):
            with contextlib.suppress(FileNotFoundError):
                path.with_name(path.name + suffix).chmod(PRIVATE)
    except sqlite3.Error as error:
        raise StoreFault(f"the state file {path} cannot be opened for writing: {error}") from error
    return connection


def _refuse_empty(path: Path) -> None:
    """An empty file is what a full disk or a broken copy leaves; one that another process makes right now grows."""
    deadline = time.monotonic() + BUSY_SECONDS
    while path.is_file() and path.stat().st_size == 0:
        if time.monotonic() >= deadline:
            mend = "restore a backup; to begin anew, delete it"
            raise StoreFault(f"the state file {path} is empty, and it never is when gonogo made it", mend)
        time.sleep(0.02)


def open_reader(path: Path) -> sqlite3.Connection:
    """A connection that cannot write. Raises `StoreFault`."""
    if not path.is_file():
        raise StoreFault(NO_STATE.format(path), NO_STATE_MEND)
    _refuse_empty(path)
    try:
        connection = _connect(f"{path.absolute().as_uri()}?mode=ro", BUSY_SECONDS, uri=True)
        connection.execute("SELECT count(*) FROM sqlite_master").fetchall()
    except sqlite3.Error as error:
        raise StoreFault(f"the state file {path} cannot be read: {error}") from error
    return connection


def _connect(database: str, timeout: float, *, uri: bool) -> sqlite3.Connection:
    connection = sqlite3.connect(database, uri=uri, timeout=timeout, isolation_level=None, check_same_thread=False)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


def _use_wal(connection: sqlite3.Connection) -> None:
    """Two processes that open a new file at once: SQLite answers the second "locked" without waiting, so we wait."""
    deadline = time.monotonic() + OPENING_SECONDS
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
    unfinished.chmod(PRIVATE)
    descriptor = os.open(unfinished, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
