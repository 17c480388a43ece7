"""What may run in a transaction, and how the tools run a file; decided from the parse tree, for every reader.

sqlx: one a file, none where the file begins with `-- no-transaction` (sqlx-core `migrate/source.rs`).
golang-migrate: the file is one string, which the server runs as one implicit transaction when it has several
statements (PostgreSQL manual, "Multiple Statements in a Simple Query"). Flyway: one a file, and none for a file of
statements that cannot run in one; some it has to be told (`PostgreSQLParser.java`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from checks.base import MigrationFile
from checks.sql.statements import Statement
from checks.sql.tree import Tree, is_on, of_kind, options

NO_TRANSACTION = b"-- no-transaction"
_NEVER_INSIDE = ("CreatedbStmt", "DropdbStmt", "CreateTableSpaceStmt", "DropTableSpaceStmt", "AlterSystemStmt")
_FLYWAY_SEES = (*_NEVER_INSIDE, "IndexStmt", "DropStmt", "VacuumStmt", "DiscardStmt", "CreateSubscriptionStmt")
_WHOLE = ("REINDEX_OBJECT_SCHEMA", "REINDEX_OBJECT_SYSTEM", "REINDEX_OBJECT_DATABASE")
_PREPARED = ("TRANS_STMT_COMMIT_PREPARED", "TRANS_STMT_ROLLBACK_PREPARED")
_PUBLICATIONS = tuple(f"ALTER_SUBSCRIPTION_{verb}_PUBLICATION" for verb in ("SET", "ADD", "DROP"))


def wraps_in_transaction(file: MigrationFile, statements: Sequence[Statement], tool: str) -> bool:
    """Whether the tool itself opens a transaction around the file."""
    if tool == "flyway":
        return not any(cannot_be_in_transaction(statement) for statement in statements)
    return tool == "sqlx" and not file.content.startswith(NO_TRANSACTION)


def runs_as_one(file: MigrationFile, statements: Sequence[Statement], tool: str) -> bool:
    """Whether the statements share a transaction: the tool's, or the server's for a string of several."""
    if wraps_in_transaction(file, statements, tool):
        return True
    return tool != "flyway" and len(statements) > 1


def is_mixed(statements: Sequence[Statement], tool: str) -> bool:
    """Whether Flyway refuses the file: some statements can be in a transaction and some cannot."""
    alone = sum(cannot_be_in_transaction(statement) for statement in statements)
    return tool == "flyway" and 0 < alone < len(statements)


def flyway_has_to_be_told(statement: Statement) -> bool:
    """Whether Flyway opens a transaction around what cannot be in one, unless its script configuration says no."""
    if statement.kind == "ReindexStmt" and statement.tree["kind"] in _WHOLE:
        return is_on(statement.tree.get("params"), "concurrently")
    return cannot_be_in_transaction(statement) and statement.kind not in _FLYWAY_SEES


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
