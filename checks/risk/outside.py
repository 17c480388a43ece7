"""Statements that run outside of a transaction: their locks are gone before anybody can look, so the manual is asked.

https://www.postgresql.org/docs/current/sql-createindex.html, sql-vacuum.html, sql-reindex.html
"""

from __future__ import annotations

from collections.abc import Iterator

from checks.risk.facts import BUILDS, REWRITES
from checks.sql.statements import Statement
from checks.sql.transactions import cannot_be_in_transaction
from checks.sql.tree import Tree, is_on, of_kind

_ONLINE, _FULL = "ShareUpdateExclusiveLock", "AccessExclusiveLock"


def held_outside(statement: Statement) -> Iterator[tuple[tuple[str, str], str]]:
    """((schema or "", table), mode) of each table that the statement names."""
    if statement.kind == "IndexStmt" and statement.tree.get("concurrent"):
        yield _name(statement.tree["relation"]), _ONLINE
    elif _is_vacuum_full(statement):
        yield from ((name, _FULL) for name in _vacuumed(statement))


def work_outside(statement: Statement) -> Iterator[tuple[tuple[str, str], str]]:
    """((schema or "", table), work) of each table that the statement names."""
    if statement.kind == "IndexStmt" and statement.tree.get("concurrent"):
        yield _name(statement.tree["relation"]), BUILDS
    elif _is_vacuum_full(statement):
        yield from ((name, REWRITES) for name in _vacuumed(statement))


def _is_vacuum_full(statement: Statement) -> bool:
    return cannot_be_in_transaction(statement) and is_on(statement.tree.get("options"), "full")


def _vacuumed(statement: Statement) -> Iterator[tuple[str, str]]:
    yield from (_name(r["relation"]) for r in of_kind(statement.tree.get("rels"), "VacuumRelation") if "relation" in r)


def _name(range_var: Tree) -> tuple[str, str]:
    return range_var.get("schemaname", ""), range_var["relname"]
