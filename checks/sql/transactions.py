"""What may run in a transaction, and how the tools run a file; decided from the parse tree, for every reader.

sqlx: one a file, none where the file begins with `-- no-transaction` (sqlx-core `migrate/source.rs`). dbmate, diesel:
one a file, none with `transaction:false` or `run_in_transaction = false`. These, golang-migrate and Prisma send a file
as one string, which the server runs as one implicit transaction when it has several statements (PostgreSQL manual,
"Multiple Statements in a Simple Query"). goose: one a file, and with `-- +goose NO TRANSACTION` none, statement by
statement. Liquibase: one a changeset, and with `runInTransaction:false` none, statement by statement. psql: none.
Flyway: one a file, and none for a file of statements that cannot run in one; some it has to be told
(`PostgreSQLParser.java`).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from checks.base import MigrationFile
from checks.layouts.dialects import changesets, split_metadata
from checks.sql.statements import Statement
from checks.sql.tree import Tree, is_on, of_kind, options

NO_TRANSACTION = b"-- no-transaction"
# How each tool is told to open no transaction, in words.
TOLD = {
    "sqlx": f"put {NO_TRANSACTION.decode()} as the very first line",
    "goose": "put -- +goose NO TRANSACTION at the top",
    "dbmate": "write -- migrate:up transaction:false",
    "diesel": "write run_in_transaction = false into metadata.toml beside it",
    "liquibase": "write runInTransaction:false behind its --changeset",
}
_GOOSE_TOLD = re.compile(rb"^--[ \t]*\+goose[ \t]+no[ \t]+transaction[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
_DBMATE_TOLD = re.compile(rb"^--\s*migrate:(?:up|down)\b[^\n]*\btransaction:false\b", re.MULTILINE)
_NEVER_INSIDE = ("CreatedbStmt", "DropdbStmt", "CreateTableSpaceStmt", "DropTableSpaceStmt", "AlterSystemStmt")
_FLYWAY_SEES = (*_NEVER_INSIDE, "IndexStmt", "DropStmt", "VacuumStmt", "DiscardStmt", "CreateSubscriptionStmt")
_WHOLE = ("REINDEX_OBJECT_SCHEMA", "REINDEX_OBJECT_SYSTEM", "REINDEX_OBJECT_DATABASE")
_BEGINS = ("TRANS_STMT_BEGIN", "TRANS_STMT_START")
_ENDS = ("TRANS_STMT_COMMIT", "TRANS_STMT_ROLLBACK", "TRANS_STMT_PREPARE")
_PREPARED = ("TRANS_STMT_COMMIT_PREPARED", "TRANS_STMT_ROLLBACK_PREPARED")
_PUBLICATIONS = tuple(f"ALTER_SUBSCRIPTION_{verb}_PUBLICATION" for verb in ("SET", "ADD", "DROP"))


@dataclass(frozen=True)
class Unit:
    """Statements of a file that are sent together; `wrapped` where the tool opens a transaction around them."""

    statements: tuple[Statement, ...]
    wrapped: bool = False

    @property
    def is_transaction(self) -> bool:
        """Whether they share a transaction: the tool's, or the server's for a string of several."""
        return self.wrapped or len(self.statements) > 1


def units(file: MigrationFile, statements: Sequence[Statement], tool: str) -> list[Unit]:
    """The statements in the order and the groups in which the tool runs them."""
    if tool == "liquibase":
        return _of_changesets(file, statements)
    wrapped = wraps_in_transaction(file, statements, tool)
    if not wrapped and tool in ("flyway", "goose", "psql"):
        return [Unit((statement,)) for statement in statements]
    return [Unit(tuple(statements), wrapped)] if statements else []


def _of_changesets(file: MigrationFile, statements: Sequence[Statement]) -> list[Unit]:
    """A unit a changeset; the way back undoes the last one first."""
    found, groups = changesets(file.source), dict[int, list[Statement]]()
    lines = [changeset.line for changeset in found]
    for statement in statements:
        groups.setdefault(max(bisect_right(lines, statement.line) - 1, 0), []).append(statement)
    made: list[Unit] = []
    for place in sorted(groups, reverse=file.is_down):
        changeset, group = found[place], tuple(groups[place])
        if changeset.says("runInTransaction") != "false":
            made.append(Unit(group, wrapped=True))
        elif changeset.says("splitStatements") == "false":
            made.append(Unit(group))
        else:
            made.extend(Unit((statement,)) for statement in group)
    return made


def unit_of(statement: Statement, statements: Sequence[Statement], tool: str) -> Unit:
    """The unit of its file that a statement is in."""
    return next(unit for unit in units(statement.file, statements, tool) if statement in unit.statements)


def wraps_in_transaction(file: MigrationFile, statements: Sequence[Statement], tool: str) -> bool:
    """Whether the tool itself opens a transaction: around the file, Liquibase around its changesets."""
    if tool == "flyway":
        return not any(cannot_be_in_transaction(statement) for statement in statements)
    if tool == "liquibase":
        return any(unit.wrapped for unit in _of_changesets(file, statements))
    return tool in TOLD and not _is_told(file, tool)


def _is_told(file: MigrationFile, tool: str) -> bool:
    if tool == "goose":
        return bool(_GOOSE_TOLD.search(file.source))
    if tool == "dbmate":
        return bool(_DBMATE_TOLD.search(file.content))
    if tool == "diesel":
        return not _of_metadata(split_metadata(file.source)[1])
    return file.content.startswith(NO_TRANSACTION)


def _of_metadata(metadata: bytes | None) -> bool:
    """As diesel reads it: true without the file or where it does not parse, false where the key is not in it."""
    import tomllib

    try:
        found = tomllib.loads(metadata.decode()) if metadata is not None else {"run_in_transaction": True}
    except ValueError:
        return True
    return found.get("run_in_transaction", False) is True


def is_mixed(statements: Sequence[Statement], tool: str) -> bool:
    """Whether Flyway refuses the file: some statements can be in a transaction and some cannot."""
    alone = sum(cannot_be_in_transaction(statement) for statement in statements)
    return tool == "flyway" and 0 < alone < len(statements)


def flyway_has_to_be_told(statement: Statement) -> bool:
    """Whether Flyway opens a transaction around what cannot be in one, unless its script configuration says no."""
    if statement.kind == "ReindexStmt" and statement.tree["kind"] in _WHOLE:
        return is_on(statement.tree.get("params"), "concurrently")
    return cannot_be_in_transaction(statement) and statement.kind not in _FLYWAY_SEES


def begins(statement: Statement) -> bool:
    """Whether it opens a transaction of the file's own."""
    return statement.kind == "TransactionStmt" and statement.tree["kind"] in _BEGINS


def ends(statement: Statement) -> bool:
    """Whether it ends the transaction that it is in."""
    return statement.kind == "TransactionStmt" and statement.tree["kind"] in _ENDS


def cannot_be_in_transaction(statement: Statement) -> bool:
    """Statements that PostgreSQL refuses inside a transaction block (25001), whatever the database has.

    It also refuses DROP SUBSCRIPTION of one with a slot, and CLUSTER and REINDEX of a partitioned table, which no file
    tells. ALTER TYPE … ADD VALUE may be in one since 12, REFRESH MATERIALIZED VIEW CONCURRENTLY always.
    """
    refused = _REFUSED.get(statement.kind)
    return statement.kind in _NEVER_INSIDE or (refused is not None and refused(statement.tree))


def _detaches_concurrently(tree: Tree) -> bool:
    commands = of_kind(tree.get("cmds"), "AlterTableCmd")
    return any(command.get("def", {}).get("PartitionCmd", {}).get("concurrent") for command in commands)


def _makes_slot(tree: Tree) -> bool:
    given = tree.get("options")
    return is_on(given, "create_slot", otherwise=is_on(given, "connect", otherwise=True))


def _asks_publisher(tree: Tree) -> bool:
    given = tree.get("options")
    if tree["kind"] in _PUBLICATIONS:
        return is_on(given, "refresh", otherwise=True)
    changes_slot = "failover" in options(given) or not is_on(given, "two_phase", otherwise=True)
    return tree["kind"] == "ALTER_SUBSCRIPTION_REFRESH" or changes_slot


_REFUSED: Mapping[str, Callable[[Tree], bool]] = {
    "AlterDatabaseStmt": lambda tree: "tablespace" in options(tree.get("options")),
    "AlterSubscriptionStmt": _asks_publisher,
    "AlterTableStmt": _detaches_concurrently,
    "ClusterStmt": lambda tree: "relation" not in tree,
    "CreateSubscriptionStmt": _makes_slot,
    "DiscardStmt": lambda tree: tree["target"] == "DISCARD_ALL",
    "DropStmt": lambda tree: bool(tree.get("concurrent")),
    "IndexStmt": lambda tree: bool(tree.get("concurrent")),
    "ReindexStmt": lambda tree: tree["kind"] in _WHOLE or is_on(tree.get("params"), "concurrently"),
    "TransactionStmt": lambda tree: tree["kind"] in _PREPARED,
    "VacuumStmt": lambda tree: bool(tree.get("is_vacuumcmd")),
}
