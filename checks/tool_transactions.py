"""How the tools run a file as to transactions, decided from the files alone.

sqlx: one a file, none where the file begins with `-- no-transaction` (sqlx-core `migrate/source.rs`).
golang-migrate: the file is one string, which the server runs as one implicit transaction when it has several
statements (PostgreSQL manual, "Multiple Statements in a Simple Query"). Flyway: one a file, and none for a file of
statements that cannot run in one.
"""

from __future__ import annotations

from collections.abc import Sequence

from checks.base import MigrationFile
from checks.sql import Statement
from checks.tree import of_kind, options

NO_TRANSACTION = b"-- no-transaction"
_NEVER_INSIDE = ("CreatedbStmt", "DropdbStmt", "CreateTableSpaceStmt", "DropTableSpaceStmt", "AlterSystemStmt")


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


def cannot_be_in_transaction(statement: Statement) -> bool:
    """Statements that PostgreSQL refuses inside a transaction block (25001)."""
    if statement.kind == "VacuumStmt":
        return bool(statement.tree.get("is_vacuumcmd"))
    return statement.kind in _NEVER_INSIDE or is_concurrent(statement)


def is_concurrent(statement: Statement) -> bool:
    """CONCURRENTLY on an index or a partition; REFRESH … CONCURRENTLY is no matter, it may run in a transaction."""
    match statement.kind:
        case "IndexStmt" | "DropStmt":
            return bool(statement.tree.get("concurrent"))
        case "ReindexStmt":
            return "concurrently" in options(statement.tree.get("params"))
        case "AlterTableStmt":
            commands = of_kind(statement.tree.get("cmds"), "AlterTableCmd")
            return any(c.get("def", {}).get("PartitionCmd", {}).get("concurrent") for c in commands)
    return False
