"""Applies migration files as the tool does (`sql.transactions`), but statement by statement: an error has its line.

What the target has already is sent a file at a time; one that fails so is applied anew by statements.
"""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import psycopg
from psycopg.pq import TransactionStatus

from checks.base import MigrationFile
from checks.risk.observer import Seen, seen_at_start
from checks.scratchdb.apply_errors import ApplyError, from_server, from_text, from_tool
from checks.sql.statements import SqlError, Statement, split
from checks.sql.transactions import Unit, begins, cannot_be_in_transaction, ends, is_mixed, units
from checks.targetdb.session import Connection

_MIXED = "Flyway refuses a file that mixes this with statements that run in a transaction"
_COPY = "COPY FROM STDIN needs psql; migration tools cannot send its rows"
Look = Callable[[Connection, Statement], Seen | None]
_NOT_AS_ONE = re.compile(
    rb"(?i)\b(copy|commit|rollback|concurrently|vacuum)\b|\b(begin|start\s+transaction)\s*(work|transaction)?\s*;"
)
_SETS_LOCALLY = re.compile(rb"(?i)\bset_config\b|\bset\s+local\s+(?!(?:lock|statement)_timeout)")
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

    def then(self, later: Applied) -> Applied:
        """Both runs as one."""
        took = self.took + later.took
        return Applied(self.files + later.files, self.statements + later.statements, later.error, took)

    def of(self, file: MigrationFile) -> tuple[AppliedStatement, ...]:
        return tuple(applied for applied in self.statements if applied.statement.file is file)


def apply_files(connection: Connection, files: Iterable[MigrationFile], tool: str, look: Look | None = None) -> Applied:
    """Runs the files in the given order on an autocommit connection, up to the first error. Never raises for SQL.

    `look` is asked after each statement, on the same connection and inside its transaction, if it has one.
    """
    run = _Run(connection, tool, look)
    return _applied(run, files, run.file)


def apply_whole(connection: Connection, files: Iterable[MigrationFile], tool: str) -> Applied:
    """The same for files that were applied elsewhere: one round trip a file, nothing is noted of their statements."""
    run = _Run(connection, tool, None)
    done = _applied(run, files, run.whole)
    return replace(done, statements=())


def apply_inside(connection: Connection, files: Iterable[MigrationFile]) -> None:
    """Each file as one string in the open transaction, for what is rolled back. Raises psycopg.Error.

    Where a file would have ended, its deferred constraints speak up.
    """
    for file in files:
        connection.execute(file.content)
        connection.execute("SET CONSTRAINTS ALL IMMEDIATE")


def fits_inside(file: MigrationFile) -> bool:
    """Whether it neither ends a transaction nor sets for its own what would hold for the next file."""
    return not (_NOT_AS_ONE.search(file.content) or _SETS_LOCALLY.search(file.content))


def begun_with(connection: Connection) -> Applied:
    """A log whose one entry, of no file, has every relation that is there: what pending statements are told against."""
    start = Statement(MigrationFile("", "", b""), "", "", 1, 0)
    return Applied((), (AppliedStatement(start, (), seen_at_start(connection)),), None, 0.0)


def _applied(run: _Run, files: Iterable[MigrationFile], apply: Callable[[MigrationFile], ApplyError | None]) -> Applied:
    started = time.monotonic()
    done: list[MigrationFile] = []
    error = None
    for file in files:
        error = apply(file)
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
        connection.execute(f"SET client_min_messages = {'debug1' if look else 'warning'}".encode())

    def whole(self, file: MigrationFile) -> ApplyError | None:
        """One file as one string, which the server runs as one transaction; where it will not, statement by statement.

        Not so a file that may have committed something before it fails, or would wait for rows.
        """
        if not _NOT_AS_ONE.search(file.content):
            with contextlib.suppress(psycopg.Error):
                self.connection.execute(file.content)
                self.connection.commit()
                return None
            with contextlib.suppress(psycopg.Error):
                self.connection.rollback()
        return self.file(file)

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
            is_open = begins(unit.statements[-1]) or (is_open and not ends(unit.statements[-1]))
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
            if in_transaction and is_idle and not begins(statement):
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
