"""Applies migration files as the tool does (`sql.transactions`), but statement by statement: an error has its line."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import psycopg
from psycopg.pq import TransactionStatus

from checks.base import MigrationFile
from checks.risk.observer import Seen
from checks.scratchdb.apply_errors import ApplyError, from_server, from_text, from_tool
from checks.sql.statements import SqlError, Statement, split
from checks.sql.transactions import Unit, cannot_be_in_transaction, is_mixed, units
from checks.targetdb.session import Connection

_MIXED = "Flyway refuses a file that mixes this with statements that run in a transaction"
_COPY = "COPY FROM STDIN needs psql; migration tools cannot send its rows"
Look = Callable[[Connection, Statement], Seen | None]
_ENDS = ("TRANS_STMT_COMMIT", "TRANS_STMT_ROLLBACK", "TRANS_STMT_PREPARE")
_OPENED = (
    "AlterTableStmt",
    "CreateStmt",
    "CreateTableAsStmt",
    "CreateTrigStmt",
    "DeleteStmt",
    "DropStmt",
    "IndexStmt",
    "RefreshMatViewStmt",
    "RenameStmt",
    "TruncateStmt",
    "UpdateStmt",
)


@dataclass(frozen=True)
class AppliedStatement:
    """One statement that ran: the server's messages from DEBUG1 on (`rewriting table "orders"`), and its locks."""

    statement: Statement
    notices: tuple[str, ...] = ()
    seen: Seen | None = None


@dataclass(frozen=True)
class Applied:
    """The log of a run: files that went in whole, statements that ran, and the first error, where it stopped."""

    files: tuple[MigrationFile, ...]
    statements: tuple[AppliedStatement, ...]
    error: ApplyError | None
    took: float

    def of(self, file: MigrationFile) -> tuple[AppliedStatement, ...]:
        return tuple(applied for applied in self.statements if applied.statement.file is file)


def apply_files(connection: Connection, files: Iterable[MigrationFile], tool: str, look: Look | None = None) -> Applied:
    """Runs the files in the given order on an autocommit connection, up to the first error. Never raises for SQL.

    `look` is asked after each statement, on the same connection and inside its transaction, if it has one.
    """
    started = time.monotonic()
    run = _Run(connection, tool, look)
    done: list[MigrationFile] = []
    error = None
    for file in files:
        error = run.file(file)
        if error is not None:
            break
        done.append(file)
    return Applied(tuple(done), tuple(run.log), error, time.monotonic() - started)


def _needs_begin(unit: Unit) -> bool:
    """The server makes one statement a transaction too; in an open one its locks can be seen before they are gone."""
    return unit.is_transaction or any(s.kind in _OPENED and not cannot_be_in_transaction(s) for s in unit.statements)


class _Run:
    """One application of files: keeps the connection, the log, and the messages that the server sends meanwhile."""

    def __init__(self, connection: Connection, tool: str, look: Look | None) -> None:
        self.connection = connection
        self.tool = tool
        self.look = look
        self.log: list[AppliedStatement] = []
        self._notices: list[str] = []
        connection.add_notice_handler(lambda diag: self._notices.append(diag.message_primary or ""))
        connection.execute("SET client_min_messages = debug1")

    def file(self, file: MigrationFile) -> ApplyError | None:
        """One file as one unit of the tool; on an error its open transaction is rolled back."""
        try:
            statements = split(file)
        except SqlError as fault:
            return from_text(file, fault)
        if is_mixed(statements, self.tool):
            alone = next(statement for statement in statements if cannot_be_in_transaction(statement))
            return from_tool(alone, _MIXED, "move it to a file of its own", "25001")
        is_open = False
        for unit in units(file, statements, self.tool):
            error = self._statements(unit.statements, _needs_begin(unit))
            is_open = _begins(unit.statements[-1]) or (is_open and not _ends(unit.statements[-1]))
            if error is None and (not is_open or unit.statements[-1] is statements[-1]):
                error = self._commit(unit.statements)
            if error is not None:
                with contextlib.suppress(psycopg.Error):
                    self.connection.rollback()
                return error
        return None

    def _statements(self, statements: Sequence[Statement], in_transaction: bool) -> ApplyError | None:
        for statement in statements:
            # After a COMMIT of the file's own, what follows is a new implicit transaction.
            is_idle = self.connection.info.transaction_status == TransactionStatus.IDLE
            if in_transaction and is_idle and not _begins(statement):
                self.connection.execute("BEGIN")
            error = self._statement(statement)
            if error is not None:
                return error
        return None

    def _statement(self, statement: Statement) -> ApplyError | None:
        if statement.kind == "CopyStmt" and not statement.node.filename:
            return from_tool(statement, _COPY, "use INSERT, or psql")
        self._notices.clear()
        try:
            self.connection.execute(statement.text.encode())
        except psycopg.Error as fault:
            return from_server(statement, fault)
        notices = tuple(self._notices)
        seen = self.look(self.connection, statement) if self.look else None
        self.log.append(AppliedStatement(statement, notices, seen))
        return None

    def _commit(self, statements: Sequence[Statement]) -> ApplyError | None:
        """Deferred constraints speak up only here."""
        try:
            self.connection.commit()
        except psycopg.Error as fault:
            return from_server(statements[-1], fault)
        return None


def _begins(statement: Statement) -> bool:
    return statement.kind == "TransactionStmt" and statement.tree["kind"] in ("TRANS_STMT_BEGIN", "TRANS_STMT_START")


def _ends(statement: Statement) -> bool:
    return statement.kind == "TransactionStmt" and statement.tree["kind"] in _ENDS
