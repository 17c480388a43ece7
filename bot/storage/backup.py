"""A copy of the state file while the bot runs."""

from __future__ import annotations

import os
import secrets
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from bot.storage.connections import BUSY_SECONDS
from bot.storage.faults import StoreFault


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
