"""syntax: every pending file parses with PostgreSQL's own grammar, function bodies included."""

from __future__ import annotations

import re
from collections.abc import Iterator

from checks.base import ERROR, CannotRun, Finding, MigrationFile, Result, counted, files_check
from checks.contexts import FilesContext
from checks.findings import verdict
from checks.sql.foreign import in_a_sentence
from checks.sql.statements import SqlError, Statement
from checks.sql.tree import body_of, language_of

_NEAR = re.compile(r'at or near "(\w+)"')


@files_check(
    title="Migration files have no syntax errors",
    decides="Passes when PostgreSQL's own parser takes every pending file and its down file, and bodies of SQL and "
    "plpgsql functions and DO blocks; a byte-order mark, psql commands and text that is not UTF-8 fail. Templates and "
    "files of other databases are named once, and could not run.",
    fix="Mend the named line. The parser stops at a file's first error, so run it again.",
)
def syntax(context: FilesContext) -> Result:
    context.require_sql()
    from pglast import get_postgresql_version

    files = [*context.pending, *context.pending_downs]
    findings = [finding for file in files for finding in _faults(context, file)]
    foreign = {one.file.name: one for one in context.foreign} if findings else {}
    told = in_a_sentence(one for one in foreign.values() if one.file in files)
    findings = [finding for finding in findings if finding.file not in foreign]
    if told[0] and not findings:
        raise CannotRun(*told)
    if told[0]:
        findings.append(Finding(told[0], hint=told[1], severity=ERROR))
    grammar = f"PostgreSQL {get_postgresql_version()[0]} grammar"
    return verdict(findings, f"{counted(len(files), 'file')} parse ({grammar}), 0 errors")


def _faults(context: FilesContext, file: MigrationFile) -> Iterator[Finding]:
    error = context.syntax_error(file)
    if error is not None:
        yield _finding(error)
    elif b"$" in file.content or b"AS '" in file.content.upper():
        for statement in context.statements(file):
            yield from _body_faults(statement)


def _body_faults(statement: Statement) -> Iterator[Finding]:
    """Bodies are strings to the grammar; the server parses them when it makes or runs them. BEGIN ATOMIC has none."""
    if statement.kind not in ("CreateFunctionStmt", "DoStmt"):
        return
    body = body_of(statement)
    language = language_of(statement) or ("plpgsql" if statement.kind == "DoStmt" else "sql")
    fault = None
    if language == "plpgsql":
        fault = _plpgsql_fault(statement, body)
    elif language == "sql" and body:
        fault = _sql_fault(statement, body)
    if fault is not None:
        yield _finding(fault)


def _plpgsql_fault(statement: Statement, body: str) -> SqlError | None:
    from pglast.parser import ParseError, parse_plpgsql_json

    try:
        parse_plpgsql_json(statement.text)
    except ParseError as fault:
        message = str(fault.args[0])
        # Without a catalog the parser takes some unknown types for errors: only true syntax errors count.
        if "syntax error" in message:
            return _in_body(statement, body, message, _place(body, message))
    return None


def _sql_fault(statement: Statement, body: str) -> SqlError | None:
    from pglast.parser import ParseError, parse_sql_json

    try:
        parse_sql_json(body)
    except ParseError as fault:
        return _in_body(statement, body, str(fault.args[0]), int(fault.args[1] or 0))
    return None


def _in_body(statement: Statement, body: str, message: str, position: int) -> SqlError:
    start = max(statement.text.find(body), 0)
    line = statement.line_at(start) + body.count("\n", 0, position)
    return SqlError(statement.file.name, line, f"in a function body: {message}", "mend the body")


def _place(body: str, message: str) -> int:
    """plpgsql's parser gives no position: the word that it stumbled over, where that comes once."""
    near = _NEAR.search(message)
    found = [match.start() for match in re.finditer(rf"\b{re.escape(near[1])}", body)] if near else []
    return found[0] if len(found) == 1 else 0


def _finding(error: SqlError) -> Finding:
    return Finding(error.message, "", error.file, error.line, error.hint, ERROR)
