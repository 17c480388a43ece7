"""What migration files declare: objects created, renamed and dropped; `declaring.declare` follows the files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from checks.sql import Statement

TABLE, VIEW, MATVIEW, INDEX = "table", "view", "materialized view", "index"
FUNCTION, TRIGGER, TYPE, SEQUENCE, SCHEMA = "function", "trigger", "type", "sequence", "schema"
RELATIONS = (TABLE, VIEW, MATVIEW, INDEX, SEQUENCE)


@dataclass(frozen=True)
class Declared:
    """An object as declared. `name` is without `public.`; an index or trigger also has its `table`.

    `name` is "" for an index that PostgreSQL names; `arguments` are a function's input types as written;
    `columns` an index's plain columns; `function` what a trigger calls.
    """

    kind: str
    name: str
    statement: Statement
    table: str = ""
    arguments: str = ""
    columns: tuple[str, ...] = ()
    function: str = ""

    @property
    def label(self) -> str:
        """What people call it: `orders`, `f(integer)`, `audit on orders`, `index on orders (user_id)`."""
        if self.kind == FUNCTION:
            return f"{self.name}({self.arguments})"
        if self.kind == TRIGGER:
            return f"{self.name} on {self.table}"
        if self.kind == INDEX and not self.name:
            return f"index on {self.table} ({', '.join(self.columns)})"
        return self.name

    @property
    def file(self) -> str:
        return self.statement.file.name

    @property
    def line(self) -> int:
        return self.statement.line


@dataclass
class Declarations:
    """What should exist after the last statement."""

    existing: list[Declared] = field(default_factory=list)
    schema: str = ""

    def of(self, kind: str) -> tuple[Declared, ...]:
        """What should exist of one kind, in order of declaration."""
        return tuple(declared for declared in self.existing if declared.kind == kind)

    def add(self, declared: Declared, keep_older: bool = False) -> None:
        """`keep_older`: IF NOT EXISTS leaves the first; otherwise (OR REPLACE) the newer statement stands."""
        same = [other for other in self.existing if _identity(other) == _identity(declared)] if declared.name else []
        if same and keep_older:
            return
        self.existing = [other for other in self.existing if other not in same]
        self.existing.append(declared)

    def drop(self, matches: Callable[[Declared], bool]) -> None:
        self.existing = [declared for declared in self.existing if not matches(declared)]

    def change(self, matches: Callable[[Declared], bool], **changes: str) -> None:
        self.existing = [replace(d, **changes) if matches(d) else d for d in self.existing]  # type: ignore[arg-type]


def _identity(declared: Declared) -> tuple[str, ...]:
    # An index is known by its table too: IF NOT EXISTS passes over an index of that name on another table.
    kind = "relation" if declared.kind in RELATIONS else declared.kind
    return (kind, declared.name, declared.table, declared.arguments)
