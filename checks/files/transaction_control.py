"""transaction-control: no file ends or opens a transaction that the tool holds, and none leaves its own open."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from checks.base import Check, Finding, MigrationFile, Need, Result, counted
from checks.contexts import FilesContext
from checks.sql.statements import Statement
from checks.sql.transactions import wraps_in_transaction
from checks.verdict import verdict

_BEGINS = ("TRANS_STMT_BEGIN", "TRANS_STMT_START")
_ENDS = ("TRANS_STMT_COMMIT", "TRANS_STMT_ROLLBACK", "TRANS_STMT_PREPARE")


def run(context: FilesContext) -> Result:
    """Failed with each COMMIT or ROLLBACK that ends the tool's transaction, or a BEGIN that nothing ends."""
    files = [*context.pending, *context.pending_downs]
    findings = [finding for file in files for finding in _faults(context, file)]
    return verdict(findings, f"{counted(len(files), 'file')}, no transaction opened or ended against {_tool(context)}")


def _faults(context: FilesContext, file: MigrationFile) -> Iterator[Finding]:
    statements = context.statements(file)
    controls = [statement for statement in statements if statement.kind == "TransactionStmt"]
    if not controls:
        return
    if wraps_in_transaction(file, statements, context.migrations.tool):
        yield from _against_tool(context, controls)
    else:
        yield from _unbalanced(controls)


def _against_tool(context: FilesContext, controls: Sequence[Statement]) -> Iterator[Finding]:
    tool = _tool(context)
    for statement in controls:
        if statement.tree["kind"] in _ENDS:
            message = (
                f"ends the transaction of {tool}: what follows stays when the file fails, and history does not know"
            )
            yield _finding(statement, message, "remove it", "error")
        elif statement.tree["kind"] in _BEGINS:
            message = f"{tool} has a transaction open already: BEGIN does nothing but warn"
            yield _finding(statement, message, "remove it")


def _unbalanced(controls: Sequence[Statement]) -> Iterator[Finding]:
    opened: Statement | None = None
    for statement in controls:
        if statement.tree["kind"] in _BEGINS:
            opened = statement
        elif statement.tree["kind"] in _ENDS:
            if opened is None:
                yield _finding(statement, "ends a transaction that was not begun in this file", "remove it")
            opened = None
    if opened is not None:
        message = "begins a transaction that nothing ends: the server rolls it back when the tool disconnects"
        yield _finding(opened, message, "add COMMIT; at the end", "error")


def _finding(statement: Statement, message: str, hint: str, severity: str = "warning") -> Finding:
    return Finding(message, statement.text.rstrip(";")[:40], statement.file.name, statement.line, hint, severity)


def _tool(context: FilesContext) -> str:
    return context.migrations.tool


CHECK = Check(
    id="transaction-control",
    title="Files leave transactions to the tool",
    needs=Need.FILES,
    run=run,
    decides="Passes when no pending file, up or down, has BEGIN, COMMIT or ROLLBACK where the tool wraps it in a "
    "transaction (sqlx, Flyway), and every BEGIN of its own is ended elsewhere (golang-migrate, `-- no-transaction`).",
    cost="Milliseconds; nothing is connected to.",
    fix="Remove BEGIN and COMMIT; where part of a file has to be committed first, make it a file of its own.",
)
