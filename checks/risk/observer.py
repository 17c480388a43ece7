"""Looks at our own backend after each statement: relation locks, storage, how far object ids have come; then risks.

Locks: https://www.postgresql.org/docs/current/explicit-locking.html. A rewrite gives a table a new `relfilenode`.
Relations are followed by oid, statements outside of a transaction by the manual.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from checks.risk.facts import BUILDS, CHANGES, MODES, REFRESHES, REWRITES, SCANS, Held, Observed, StatementRisk
from checks.sql.objects import Name, name_of
from checks.sql.session import SessionSettings
from checks.sql.statements import Statement
from checks.sql.transactions import cannot_be_in_transaction
from checks.sql.tree import is_on, of_kind

if TYPE_CHECKING:
    from checks.scratchdb.apply import AppliedStatement
    from checks.targetdb.session import Connection

# One row: locks that this backend holds on user relations as JSON, and the highest oid of each catalog.
_HELD = """pg_catalog.pg_locks l LEFT JOIN pg_catalog.pg_class c ON c.oid = l.relation
        LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE l.pid = pg_catalog.pg_backend_pid() AND l.locktype = 'relation' AND l.relation >= 16384
          AND l.mode NOT IN ('AccessShareLock', 'SIReadLock') AND (n.nspname IS NULL OR n.nspname !~ '^pg_')"""
_ALL = """pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        CROSS JOIN LATERAL (SELECT c.oid AS relation, 'AccessShareLock' AS mode) l
        WHERE c.oid >= 16384 AND c.relkind IN ('r', 'p', 'm') AND n.nspname !~ '^pg_'"""
_SEEN = """
SELECT (SELECT pg_catalog.json_agg(pg_catalog.json_build_array(l.relation::pg_catalog.int8, l.mode, c.relkind,
                 n.nspname, c.relname, c.relfilenode::pg_catalog.int8,
                 coalesce(pg_catalog.pg_partition_root(c.oid)::pg_catalog.oid, c.oid)::pg_catalog.int8))
        FROM {}),
       coalesce((SELECT max(oid)::pg_catalog.int8 FROM pg_catalog.pg_class), 0),
       coalesce((SELECT max(oid)::pg_catalog.int8 FROM pg_catalog.pg_constraint), 0),
       coalesce((SELECT max(oid)::pg_catalog.int8 FROM pg_catalog.pg_trigger), 0),
       coalesce((SELECT max(oid)::pg_catalog.int8 FROM pg_catalog.pg_proc), 0)
"""
_LOOK, _LOOK_AT_START = _SEEN.format(_HELD).encode(), _SEEN.format(_ALL).encode()
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
    """What was seen after one statement: locks held by its transaction so far, highest oid by catalog.

    `is_whole`: the transaction is still open, so that no lock is gone before anybody could look.
    """

    relations: tuple[SeenRelation, ...]
    highest: Mapping[str, int]
    is_whole: bool = True


def seen_after(connection: Connection, statement: Statement) -> Seen | None:
    """One query of catalogs and of our own locks; None after statements that it could disturb."""
    return None if statement.kind in _UNSEEN else _seen(connection, _LOOK)


def seen_at_start(connection: Connection) -> Seen | None:
    """Every table that is there, as if it were held."""
    return _seen(connection, _LOOK_AT_START)


def _seen(connection: Connection, query: bytes) -> Seen | None:
    row = connection.execute(query, prepare=False).fetchone()
    if row is None:
        return None
    locks, *oids = row
    relations = tuple(_relation(lock) for lock in locks or ())
    is_open = connection.info.transaction_status.name == "INTRANS"
    return Seen(relations, dict(zip(CATALOGS, oids, strict=True)), is_open)


def _relation(lock: list[object]) -> SeenRelation:
    oid, mode, kind, schema, name, filenode, root = lock
    named = (str(schema), str(name)) if name is not None else None
    return SeenRelation(_int(oid), str(mode), str(kind or ""), named, _int(filenode), _int(root) or _int(oid))


def _int(value: object) -> int:
    return value if isinstance(value, int) else 0


_TABLES = "rpm"
_BUILDING = re.compile(r'^building index ".*" on table "(?P<name>.*)" (?:serially|with request)')
_VERIFYING = re.compile(r'^verifying table "(?P<name>.*)"')
_VALIDATING = "validating foreign key constraint"
_IMPLIED = "for default partition"


def risks_of(log: Sequence[AppliedStatement], pending: Collection[str]) -> tuple[StatementRisk, ...]:
    """What each statement of the pending files (by name) does to tables that were there before them, in order."""
    follower = _Follower()
    found = []
    for applied in log:
        if applied.statement.file.name in pending:
            risk = follower.pending(applied)
            if risk is not None:
                found.append(risk)
        else:
            follower.earlier(applied)
    return tuple(found)


def observed_of(log: Sequence[AppliedStatement], pending: Collection[str]) -> Observed:
    """The pending statements that could be watched: those whose transaction was still open, or with a risk."""
    found: dict[tuple[str, int], StatementRisk | None] = {}
    for applied in log:
        statement = applied.statement
        if statement.file.name in pending and applied.seen is not None and applied.seen.is_whole:
            found[statement.file.name, statement.offset] = None
    found.update({(risk.statement.file.name, risk.statement.offset): risk for risk in risks_of(log, pending)})
    return found


class _Follower:
    """Knows the tables of the target by oid, and what the file at hand holds."""

    def __init__(self) -> None:
        self.known: dict[int, Name] = {}
        self.now: dict[int, Name] = {}
        self.filenodes: dict[int, int] = {}
        self.held: dict[int, Held] = {}
        self.file = ""
        self.session = SessionSettings()
        self.frozen = False

    def earlier(self, applied: AppliedStatement) -> None:
        """A statement that the target has: its tables are known from then on."""
        for relation in _tables(applied):
            self._note(relation)

    def pending(self, applied: AppliedStatement) -> StatementRisk | None:
        if not self.frozen:
            self.known, self.frozen = dict(self.now), True
        statement = applied.statement
        if statement.file.name != self.file:
            self.file, self.held = statement.file.name, {}
        self.session.follow(statement)
        if statement.kind == "TransactionStmt":
            self.held = {}
        relations = _tables(applied)
        outside = [(oid, mode, work) for name, mode, work in _outside(statement) if (oid := self._oid(name))]
        work = dict.fromkeys(self._work(applied, relations))
        work |= dict.fromkeys((each, self.known[oid]) for oid, _, each in outside)
        locking = [r for r in relations if r.oid in self.known and not _lets_read(statement, r)]
        seen = [(r.root if r.root in self.known else r.oid, r.mode) for r in locking]
        took = self._hold(statement, [*seen, *((oid, mode) for oid, mode, _ in outside)])
        for relation in relations:
            self._note(relation)
        if not work and not any(held.blocks for held in took):
            return None
        held = tuple(self.held.values()) if work else took
        return StatementRisk(statement, statement.file.version, held, tuple(work), self.session.gives_up)

    def _note(self, relation: SeenRelation) -> None:
        if relation.name is not None:
            self.now[relation.oid] = Name(*relation.name)
            self.filenodes[relation.oid] = relation.filenode

    def _hold(self, statement: Statement, locks: Sequence[tuple[int, str]]) -> tuple[Held, ...]:
        """Adds the new locks, by topmost table; what this statement took, or took stronger."""
        took: dict[int, Held] = {}
        for oid, mode in locks:
            before = self.held.get(oid)
            if before is None or MODES.index(before.mode) < MODES.index(mode):
                took[oid] = self.held[oid] = Held(self.known[oid], mode, statement)
        return tuple(took.values())

    def _work(self, applied: AppliedStatement, relations: Sequence[SeenRelation]) -> Iterator[tuple[str, Name]]:
        kind = applied.statement.kind
        if kind in ("TruncateStmt", "DropStmt"):
            return
        rewritten = {r.oid for r in relations if self.filenodes.get(r.oid, r.filenode) != r.filenode and r.name}
        for relation in relations:
            if relation.oid in rewritten and relation.oid in self.known:
                yield (REFRESHES if kind == "RefreshMatViewStmt" else REWRITES), self._top(relation)
        if kind == "RefreshMatViewStmt":
            yield from ((REFRESHES, self._top(r)) for r in relations if r.oid in self.known and r.kind == "m")
        if kind in ("UpdateStmt", "DeleteStmt"):
            changed = [r for r in relations if r.oid in self.known and r.mode == "RowExclusiveLock"]
            yield from ((CHANGES, self._top(r)) for r in changed)
        if kind in ("AlterDomainStmt", "CreateStmt"):
            yield from ((SCANS, self.known[r.oid]) for r in relations if self._is_scanned_silently(applied, r))
        yield from self._noticed(applied, [r for r in relations if r.oid not in rewritten])

    def _is_scanned_silently(self, applied: AppliedStatement, relation: SeenRelation) -> bool:
        """Where the server says nothing: a domain's new constraint, a new partition's rows in the default partition.

        Those are the only known tables that the statements lock so; the parent itself has no rows.
        """
        if relation.kind != "r" or relation.oid not in self.known or relation.oid in self.held:
            return False
        if applied.statement.kind == "AlterDomainStmt":
            return relation.mode == "ShareLock"
        is_implied = any(_IMPLIED in notice for notice in applied.notices)
        return "partbound" in applied.statement.tree and relation.mode == "AccessExclusiveLock" and not is_implied

    def _noticed(self, applied: AppliedStatement, relations: Sequence[SeenRelation]) -> Iterator[tuple[str, Name]]:
        """What the server's DEBUG1 messages tell: they name tables without their schema."""
        for notice in applied.notices:
            for work, pattern in ((BUILDS, _BUILDING), (SCANS, _VERIFYING)):
                if match := pattern.match(notice):
                    found = [r for r in relations if r.name and r.name[1] == match["name"] and r.oid in self.known]
                    yield from ((work, self._top(r)) for r in found[:1])
            if notice.startswith(_VALIDATING) and (referencing := self._referencing(applied.statement, relations)):
                yield SCANS, referencing

    def _referencing(self, statement: Statement, relations: Sequence[SeenRelation]) -> Name | None:
        """The table whose rows a new foreign key looks at; None where it is new, thus empty."""
        wanted = statement.tree.get("relation", {}).get("relname")
        candidates = [r for r in relations if r.mode in MODES[3:] and r.name and wanted in (None, r.name[1])]
        if any(r.oid not in self.known for r in candidates):
            return None
        return self._top(candidates[0]) if candidates else None

    def _oid(self, name: Name) -> int | None:
        """A known table by the name that a statement uses now."""
        for oid, table in self.now.items():
            if oid in self.known and table.bare == name.bare and name.schema in ("", table.schema):
                return oid
        return None

    def _top(self, relation: SeenRelation) -> Name:
        return self.known[relation.root if relation.root in self.known else relation.oid]


def _lets_read(statement: Statement, relation: SeenRelation) -> bool:
    """REFRESH … CONCURRENTLY keeps off other refreshes alone, and nobody else writes to a materialized view."""
    return statement.kind == "RefreshMatViewStmt" and relation.kind == "m" and relation.mode == "ExclusiveLock"


def _tables(applied: AppliedStatement) -> tuple[SeenRelation, ...]:
    """The tables seen after a statement; one that it dropped has no kind any more."""
    relations = applied.seen.relations if applied.seen else ()
    return tuple(relation for relation in relations if not relation.kind or relation.kind in _TABLES)


def _outside(statement: Statement) -> Iterator[tuple[Name, str, str]]:
    """(table, mode, work) of each table that a statement outside of a transaction names.

    Its locks are gone before anybody can look, so the manual is asked:
    https://www.postgresql.org/docs/current/sql-createindex.html, sql-vacuum.html, sql-reindex.html
    """
    tree = statement.tree
    if statement.kind == "IndexStmt" and tree.get("concurrent"):
        yield name_of(tree["relation"]), "ShareUpdateExclusiveLock", BUILDS
    elif cannot_be_in_transaction(statement) and is_on(tree.get("options"), "full"):
        for vacuumed in of_kind(tree.get("rels"), "VacuumRelation"):
            if "relation" in vacuumed:
                yield name_of(vacuumed["relation"]), "AccessExclusiveLock", REWRITES
