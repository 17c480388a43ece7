"""One side of a comparison: what is there, by name, and a hash of each sort of item by its owner.

Every query is a short transaction of its own, so that few locks are held at a time and none for long.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from checks.history.tools import tables_of
from checks.targetdb import compare_kinds as kinds
from checks.targetdb.asking import refuse_busy, short
from checks.targetdb.compare_kinds import Kind

if TYPE_CHECKING:
    from checks.targetdb.session import Target

# Relations that one batch of views may read: they and the catalogs stay locked until its end, ten together.
BATCH_LOCKS = 6
_HISTORY_TABLES = frozenset({"ar_internal_metadata", *tables_of("auto")})
# What an administrator makes to look at a server, as slow-queries asks for, is in no migration.
_WATCHING = frozenset({"pg_stat_statements"})
_HASHES = """
SELECT owner::bigint AS owner, count(*) AS items,
       md5(string_agg(item || {text}, E'\\n' ORDER BY item COLLATE "C")) AS hash
FROM ({query}) AS items GROUP BY owner
"""


@dataclass(frozen=True)
class Owner:
    """A relation, function or type; `kind` is the catalog's letter."""

    oid: int
    name: str
    kind: str
    of: str
    is_partition: bool = False
    is_deparsed: bool = False

    @property
    def word(self) -> str:
        if self.of == "function":
            return {"p": "procedure", "a": "aggregate", "w": "window function"}.get(self.kind, "function")
        words = kinds.TYPE_WORDS if self.of == "type" else kinds.RELATION_WORDS
        return "partition" if self.is_partition else words[self.kind]


@dataclass
class Side:
    """What one database has. `hashes` of a kind: owner's name -> (items, md5)."""

    target: Target
    check_id: str
    ignored: Sequence[str] = ()
    major: int = 0
    schemas: frozenset[str] = frozenset()
    extensions: frozenset[str] = frozenset()
    owners: dict[tuple[str, str], Owner] = field(default_factory=dict)
    hashes: dict[Kind, dict[str, tuple[int, str]]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.target.address.name

    def list_all(self) -> None:
        """Fills in what there is. Raises CannotRun, also where something holds or awaits ACCESS EXCLUSIVE."""
        with self.target.session(self.check_id) as session:
            self.major = session.server_version // 10000
            refuse_busy(session, self.name)
        members = self._members()
        schemas = [row for row in self.rows(kinds.SCHEMAS) if row.oid not in members.get("pg_namespace", ())]
        self.schemas = frozenset(row.name for row in schemas if not self._is_ignored(row.name))
        extensions = (row.name for row in self.rows(kinds.EXTENSIONS))
        self.extensions = frozenset(name for name in extensions if not self._is_ignored(name)) - _WATCHING
        oids = [row.oid for row in schemas]
        body = "p.prosqlbody IS NOT NULL" if self.major >= 14 else "false"
        self._list("relation", kinds.RELATIONS, oids, members.get("pg_class", ()))
        self._list("function", kinds.FUNCTIONS.format(sql_body=body), oids, members.get("pg_proc", ()))
        self._list("type", kinds.TYPES, oids, members.get("pg_type", ()))

    def hash_all(self, wanted: Iterable[Kind], names_only: bool) -> None:
        """Fills in the hashes of these kinds; of the items' names alone where texts cannot be compared."""
        for kind in wanted:
            by_oid = {owner.oid: owner.name for owner in self.owners_of(kind)}
            query = _HASHES.format(query=kind.query, text="''" if names_only else "E'\\x01' || text")
            found = self.hashes[kind] = {}
            for batch in self._batches(kind, list(by_oid)):
                for row in self.rows(query, [batch]):
                    found[by_oid[row.owner]] = (row.items, row.hash)

    def items(self, kind: Kind, names: Iterable[str]) -> dict[tuple[str, str], str]:
        """(owner's name, item) -> text, for these owners only."""
        by_oid = {self.owners[kind.of, name].oid: name for name in names if (kind.of, name) in self.owners}
        query = f"SELECT owner::bigint AS owner, item, text FROM ({kind.query}) AS items"
        return {
            (by_oid[row.owner], row.item): row.text
            for batch in self._batches(kind, list(by_oid))
            for row in self.rows(query, [batch])
        }

    def owners_of(self, kind: Kind) -> Iterator[Owner]:
        """The owners that a kind is asked of."""
        for owner in self.owners.values():
            fits = owner.of == kind.of and owner.kind in (kind.relkinds or owner.kind)
            if fits and (kind.deparsed == owner.is_deparsed or (kind.of == "relation" and not kind.deparsed)):
                yield owner

    def rows(self, query: str, parameters: Sequence[object] | None = None) -> list[Any]:
        with self.target.session(self.check_id, statement_timeout=15.0) as session:
            return session.rows(query, parameters)

    def _members(self) -> Mapping[str, set[int]]:
        found: dict[str, set[int]] = {}
        for row in self.rows(kinds.MEMBERS):
            found.setdefault(row.catalog, set()).add(row.oid)
        return found

    def _list(self, of: str, query: str, schemas: Sequence[int], members: Iterable[int]) -> None:
        for row in self.rows(query, [list(schemas), list(members)]):
            if not self._is_ignored(row.name):
                is_partition = getattr(row, "is_partition", False)
                self.owners[of, row.name] = Owner(row.oid, row.name, row.kind, of, is_partition, row.has_rules)

    def _is_ignored(self, name: str) -> bool:
        """History tables, with their sequences, and what the settings name."""
        bare = re.sub(r"_(id|installed_rank)_seq$", "", name.rpartition(".")[2].strip('"'))
        return bare in _HISTORY_TABLES or any(fnmatchcase(short(name), pattern) for pattern in self.ignored)

    def _batches(self, kind: Kind, oids: list[int]) -> Iterator[list[int]]:
        if not kind.deparsed:
            yield from [oids] if oids else []
            return
        reads: dict[int, set[int]] = {}
        query = kinds.READ_BY_RULES if kind.of == "relation" else kinds.READ_BY_BODIES
        for row in self.rows(query, [oids]) if oids else ():
            reads.setdefault(row.owner, set()).add(row.relation)
        yield from _small(oids, reads)


def _small(oids: Iterable[int], reads: Mapping[int, set[int]]) -> Iterator[list[int]]:
    """Owners together as long as they read few relations; one that reads many goes alone."""
    batch: list[int] = []
    locked: set[int] = set()
    for oid in oids:
        own = reads.get(oid, set())
        if batch and len(locked | own) > BATCH_LOCKS:
            yield batch
            batch, locked = [], set()
        batch.append(oid)
        locked |= own
    if batch:
        yield batch
