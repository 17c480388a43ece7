"""What a migration of the clean sets is, and how far an application has grown."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tests.checks.clean_sets.applications import Table

WAIT = "SET LOCAL lock_timeout = '3s';"
NO_WAY_BACK = "-- There is no way back from this; the next change goes forward."


@dataclass(frozen=True)
class Step:
    """One migration: its words, what it is for, up and down; `alone`: one statement that no transaction may hold."""

    words: str
    why: str
    up: str
    down: str = NO_WAY_BACK
    alone: bool = False


@dataclass
class Growth:
    """The state of one application while it grows; `names` are those of its relations and types, for a tool's case."""

    tables: list[Table]
    chance: random.Random
    names: set[str] = field(default_factory=set)
    columns: set[str] = field(default_factory=set)

    def told(self, *names: str) -> None:
        self.names.update(names)


Move = Callable[[Growth, Table], Iterator[Step]]


def dropped(index: str) -> str:
    return f"DROP INDEX CONCURRENTLY {index};"


def without(table: str, column: str) -> str:
    return f"ALTER TABLE {table} DROP COLUMN {column};"
