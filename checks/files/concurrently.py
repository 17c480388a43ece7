"""concurrently: what cannot run inside a transaction does not get one from the tool, and stands alone in its file."""

from __future__ import annotations

from collections.abc import Iterator

from checks.base import Check, Finding, MigrationFile, Need, NotApplicable, Result, counted
from checks.contexts import FilesContext
from checks.result import ERROR, WARNING
from checks.sql.statements import Statement
from checks.sql.transactions import (
    NO_TRANSACTION,
    cannot_be_in_transaction,
    flyway_has_to_be_told,
    is_mixed,
    runs_as_one,
    wraps_in_transaction,
)
from checks.sql.tree import dotted, relation_name
from checks.verdict import verdict


def run(context: FilesContext) -> Result:
    """Failed with each statement that the server would refuse with 25001, given how the tool runs the file."""
    files = [*context.pending, *context.pending_downs]
    count = 0
    findings: list[Finding] = []
    for file in files:
        alone = [s for s in context.statements(file) if cannot_be_in_transaction(s)]
        count += len(alone)
        findings.extend(_faults(context, file, alone))
    if not count:
        raise NotApplicable("no pending statement is CONCURRENTLY or the like")
    return verdict(
        findings, f"{counted(count, 'statement')} outside of transactions, as {context.migrations.tool} runs"
    )


def _faults(context: FilesContext, file: MigrationFile, alone: list[Statement]) -> Iterator[Finding]:
    if not alone:
        return
    tool, statements = context.migrations.tool, context.statements(file)
    if is_mixed(statements, tool):
        message = "cannot run in a transaction, and the file has statements that can: Flyway refuses the mixture"
        yield _finding(alone[0], message, "give it a file of its own")
    elif tool == "flyway":
        told = f"executeInTransaction=false in {file.name}.conf, which gonogo does not read"
        message = "Flyway does not see that this cannot run in a transaction, and opens one (25001) unless it is told"
        yield from (_finding(s, message, told, WARNING) for s in alone if flyway_has_to_be_told(s))
    elif runs_as_one(file, statements, tool):
        wrapped = wraps_in_transaction(file, statements, tool)
        for statement in alone:
            yield _finding(statement, _why(tool, wrapped, len(statements)), _mend(tool, file, wrapped, len(statements)))


def _why(tool: str, wrapped: bool, count: int) -> str:
    if wrapped:
        return f"{tool} runs the file in a transaction, in which this cannot run (25001)"
    return f"{counted(count, 'statement')} in one string are one transaction, in which this cannot run (25001)"


def _mend(tool: str, file: MigrationFile, wrapped: bool, count: int) -> str:
    own = "give it a file of its own"
    if not wrapped:
        return own
    line = f"{NO_TRANSACTION.decode()} as the very first line"
    misplaced = NO_TRANSACTION in file.content
    put = f"make {line}" if misplaced else f"put {line}"
    return put if count == 1 or tool != "sqlx" else f"{own}, and {put}"


def _finding(statement: Statement, message: str, hint: str, severity: str = ERROR) -> Finding:
    return Finding(message, _object(statement), statement.file.name, statement.line, hint, severity)


def _object(statement: Statement) -> str:
    tree = statement.tree
    if tree.get("idxname"):
        return str(tree["idxname"])
    if statement.kind == "DropStmt":
        return ", ".join(dotted(each["List"]["items"]) for each in tree["objects"])
    if "relation" in tree:
        return relation_name(tree["relation"])
    return " ".join(statement.text.split()[:2])


CHECK = Check(
    id="concurrently",
    title="CONCURRENTLY fits how the tool runs the file",
    needs=Need.FILES,
    run=run,
    decides="Passes when each CREATE, DROP or REINDEX … CONCURRENTLY, DETACH PARTITION … CONCURRENTLY, VACUUM, "
    "ALTER SYSTEM and the like (what the server refuses in a transaction) of pending files, up or down, gets none: "
    "for sqlx `-- no-transaction` as the first line and nothing else in the file, for golang-migrate alone in its "
    "file, for Flyway not mixed with others. A warning for what Flyway has to be told, such as DETACH … CONCURRENTLY.",
    cost="Milliseconds; nothing is connected to.",
    fix="Give the statement a file of its own, and tell the tool to run it without a transaction.",
)
