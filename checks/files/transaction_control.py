"""Transactions that the tool holds: what ends or opens one in a file, and what cannot run in one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from checks.base import ERROR, Finding, MigrationFile, NotApplicable, Result, counted, files_check
from checks.contexts import FilesContext
from checks.findings import verdict
from checks.sql import transactions
from checks.sql.statements import Statement, without_values
from checks.sql.transactions import Unit, begins, ends
from checks.sql.tree import dotted, relation_name


@files_check(
    title="Files leave transactions to the tool",
    decides="Passes when no pending file, up or down, has BEGIN, COMMIT or ROLLBACK where the tool wraps it in a "
    "transaction (sqlx, Flyway, goose, dbmate, diesel, Liquibase), and every BEGIN of its own is ended elsewhere "
    "(golang-migrate, Prisma, psql, `-- no-transaction`).",
    fix="Remove BEGIN and COMMIT; where part of a file has to be committed first, make it a file of its own.",
)
def transaction_control(context: FilesContext) -> Result:
    files = [*context.pending, *context.pending_downs]
    findings = [finding for file in files for finding in _control_faults(context, file)]
    shown = f"{counted(len(files), 'file')}, no transaction opened or ended"
    return verdict(findings, f"{shown} against {context.migrations.tool}")


def _control_faults(context: FilesContext, file: MigrationFile) -> Iterator[Finding]:
    statements = context.statements(file)
    controls = [statement for statement in statements if statement.kind == "TransactionStmt"]
    if not controls:
        return
    if transactions.wraps_in_transaction(file, statements, context.migrations.tool):
        yield from _against_tool(context, controls)
    else:
        yield from _unbalanced(controls)


def _against_tool(context: FilesContext, controls: Sequence[Statement]) -> Iterator[Finding]:
    tool = context.migrations.tool
    for statement in controls:
        if ends(statement):
            cost = "what follows stays when the file fails, and history does not know"
            message = f"ends the transaction of {tool}: {cost}"
            yield _control_finding(statement, message, "remove it", "error")
        elif begins(statement):
            message = f"{tool} has a transaction open already: BEGIN does nothing but warn"
            yield _control_finding(statement, message, "remove it")


def _unbalanced(controls: Sequence[Statement]) -> Iterator[Finding]:
    opened: Statement | None = None
    for statement in controls:
        if begins(statement):
            opened = statement
        elif ends(statement):
            if opened is None:
                yield _control_finding(statement, "ends a transaction that was not begun in this file", "remove it")
            opened = None
    if opened is not None:
        message = "begins a transaction that nothing ends: the server rolls it back when the tool disconnects"
        yield _control_finding(opened, message, "add COMMIT; at the end", "error")


def _control_finding(statement: Statement, message: str, hint: str, severity: str = "warning") -> Finding:
    return statement.finding(message, without_values(statement.text).rstrip(";")[:40], hint, severity)


@files_check(
    title="CONCURRENTLY fits how the tool runs the file",
    decides="Passes when each CREATE, DROP or REINDEX … CONCURRENTLY, DETACH PARTITION … CONCURRENTLY, VACUUM, "
    "ALTER SYSTEM and the like (what the server refuses in a transaction) of pending files, up or down, gets none: "
    "for sqlx `-- no-transaction` as the first line and nothing else in the file, for golang-migrate and Prisma alone "
    "in its file, for goose `-- +goose NO TRANSACTION`, for dbmate, diesel and Liquibase what they are told it by, for "
    "Flyway not mixed with others. A warning for what Flyway has to be told, such as DETACH … CONCURRENTLY.",
    fix="Give the statement a file of its own, and tell the tool to run it without a transaction.",
)
def concurrently(context: FilesContext) -> Result:
    files = [*context.pending, *context.pending_downs]
    count = 0
    findings: list[Finding] = []
    for file in files:
        alone = [s for s in context.statements(file) if transactions.cannot_be_in_transaction(s)]
        count += len(alone)
        findings.extend(_alone_faults(context, file, alone))
    if not count:
        raise NotApplicable("no pending statement is CONCURRENTLY or the like")
    shown = f"{counted(count, 'statement')} outside of transactions"
    return verdict(findings, f"{shown}, as {context.migrations.tool} runs")


def _alone_faults(context: FilesContext, file: MigrationFile, alone: list[Statement]) -> Iterator[Finding]:
    if not alone:
        return
    tool, statements = context.migrations.tool, context.statements(file)
    if transactions.is_mixed(statements, tool):
        message = "cannot run in a transaction, and the file has statements that can: Flyway refuses the mixture"
        yield alone[0].finding(message, _object(alone[0]), "give it a file of its own", ERROR)
    elif tool == "flyway":
        told = f"executeInTransaction=false in {file.name}.conf, which gonogo does not read"
        message = "Flyway does not see that this cannot run in a transaction, and opens one (25001) unless it is told"
        yield from (s.finding(message, _object(s), told) for s in alone if transactions.flyway_has_to_be_told(s))
    else:
        for statement in alone:
            unit = transactions.unit_of(statement, statements, tool)
            if unit.is_transaction:
                yield statement.finding(_why(tool, unit), _object(statement), _mend(tool, file, unit), ERROR)


def _why(tool: str, unit: Unit) -> str:
    if unit.wrapped:
        what = "changeset" if tool == "liquibase" else "file"
        return f"{tool} runs the {what} in a transaction, in which this cannot run (25001)"
    count = counted(len(unit.statements), "statement")
    return f"{count} in one string are one transaction, in which this cannot run (25001)"


def _mend(tool: str, file: MigrationFile, unit: Unit) -> str:
    own = "give it a changeset of its own" if tool == "liquibase" else "give it a file of its own"
    if not unit.wrapped:
        return own
    put = transactions.TOLD[tool]
    if tool == "sqlx" and transactions.NO_TRANSACTION in file.content:
        put = put.replace("put", "make", 1)
    return put if len(unit.statements) == 1 else f"{own}, and {put}"


def _object(statement: Statement) -> str:
    tree = statement.tree
    if tree.get("idxname"):
        return str(tree["idxname"])
    if statement.kind == "DropStmt":
        return ", ".join(dotted(each["List"]["items"]) for each in tree["objects"])
    if "relation" in tree:
        return relation_name(tree["relation"])
    return " ".join(statement.text.split()[:2])
