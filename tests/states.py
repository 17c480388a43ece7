"""State files as a first start leaves them, without its 20 ms of migrations each."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

from bot.storage import Store
from bot.storage.chain import Key, unsigned

_TEMPORARY = tempfile.gettempdir()
"""As it is before a test says otherwise."""


@cache
def _migrated() -> bytes:
    with tempfile.TemporaryDirectory(dir=_TEMPORARY) as folder:
        file = Path(folder) / "gonogo.db"
        Store.open(file).close()
        return file.read_bytes()


def open_state(file: Path, key: Key = unsigned) -> Store:
    """The store of that file; a new one is a copy of a migrated one."""
    if not file.exists():
        file.write_bytes(_migrated())
    return Store.open(file, key=key)
