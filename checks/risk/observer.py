"""Looks at our own backend after each statement: relation locks, storage, and how far object ids have come.

Locks: https://www.postgresql.org/docs/current/explicit-locking.html. A rewrite gives a table a new `relfilenode`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from checks.sql.statements import Statement

if TYPE_CHECKING:
    from checks.targetdb.session import Connection

# One row: locks that this backend holds on user relations as JSON, and the highest oid of each catalog.
_LOOK = b"""
SELECT (SELECT pg_catalog.json_agg(pg_catalog.json_build_array(l.relation::pg_catalog.int8, l.mode, c.relkind,
                 n.nspname, c.relname, c.relfilenode::pg_catalog.int8,
                 coalesce(pg_catalog.pg_partition_root(c.oid)::pg_catalog.oid, c.oid)::pg_catalog.int8))
        FROM pg_catalog.pg_locks l LEFT JOIN pg_catalog.pg_class c ON c.oid = l.relation
        LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE l.pid = pg_catalog.pg_backend_pid() AND l.locktype = 'relation' AND l.relation >= 16384
          AND l.mode NOT IN ('AccessShareLock', 'SIReadLock') AND (n.nspname IS NULL OR n.nspname !~ '^pg_')),
       coalesce((SELECT max(oid)::pg_catalog.int8 FROM pg_catalog.pg_class), 0),
       coalesce((SELECT max(oid)::pg_catalog.int8 FROM pg_catalog.pg_constraint), 0),
       coalesce((SELECT max(oid)::pg_catalog.int8 FROM pg_catalog.pg_trigger), 0),
       coalesce((SELECT max(oid)::pg_catalog.int8 FROM pg_catalog.pg_proc), 0)
"""
# After BEGIN or SET nothing may be asked: SET TRANSACTION must come before the first query. A comment changes nothing.
_UNSEEN = ("TransactionStmt", "VariableSetStmt", "CommentStmt")
CATALOGS = ("pg_class", "pg_constraint", "pg_trigger", "pg_proc")


@dataclass(frozen=True)
class SeenRelation:
    """A relation that the transaction holds a lock on; `name` is (schema, name), None once it is dropped.

    `root` is the oid of the topmost partitioned table, or its own.
    """

    oid: int
    mode: str
    kind: str
    name: tuple[str, str] | None
    filenode: int
    root: int


@dataclass(frozen=True)
class Seen:
    """What was seen after one statement: locks held by its transaction so far, highest oid by catalog."""

    relations: tuple[SeenRelation, ...]
    highest: Mapping[str, int]


def seen_after(connection: Connection, statement: Statement) -> Seen | None:
    """One query of catalogs and of our own locks; None after statements that it could disturb."""
    row = connection.execute(_LOOK, prepare=False).fetchone() if statement.kind not in _UNSEEN else None
    if row is None:
        return None
    locks, *oids = row
    return Seen(tuple(_relation(lock) for lock in locks or ()), dict(zip(CATALOGS, oids, strict=True)))


def _relation(lock: list[object]) -> SeenRelation:
    oid, mode, kind, schema, name, filenode, root = lock
    named = (str(schema), str(name)) if name is not None else None
    return SeenRelation(_int(oid), str(mode), str(kind or ""), named, _int(filenode), _int(root) or _int(oid))


def _int(value: object) -> int:
    return value if isinstance(value, int) else 0
