"""copy-program: no pending file runs programs on the server, or reads and writes its files."""

from __future__ import annotations

import re
from collections.abc import Iterator

from checks.base import Check, Finding, Need, Result, counted
from checks.contexts import FilesContext
from checks.mentions import FUNCTION
from checks.result import ERROR
from checks.sql.statements import Statement
from checks.sql.tree import bare, body_of, line_in_body, line_of, options, relation_name, text_of
from checks.verdict import verdict

# PostgreSQL manual: "Generic File Access Functions", "Server-Side Large Object Functions", adminpack, dblink.
_FILE_FUNCTION_NAMES = """
    pg_read_file pg_read_binary_file pg_stat_file pg_ls_dir lo_import lo_export pg_file_write pg_file_sync
    pg_file_rename pg_file_unlink pg_reload_conf pg_rotate_logfile
"""
_FILE_FUNCTIONS = frozenset(_FILE_FUNCTION_NAMES.split())
_UNTRUSTED = ("c", "plpythonu", "plpython2u", "plpython3u", "plperlu", "pltclu", "plsh", "plrustu")
_IN_BODY = re.compile(
    r"\bcopy\b[^;]{0,500}?\b(?:from|to)\s+(?P<what>program\b)|\b(?P<call>"
    + "|".join(sorted(_FILE_FUNCTIONS))
    + r")\s*\(",
    re.IGNORECASE,
)


def run(context: FilesContext) -> Result:
    """Failed with each statement that reaches outside of the database."""
    findings = [finding for s in context.all_statements(context.pending) for finding in _faults(s)]
    return verdict(findings, f"{counted(len(context.pending), 'file')}, none reaches programs or files of the server")


def _faults(statement: Statement) -> Iterator[Finding]:
    if statement.kind == "CopyStmt":
        yield from _copy(statement)
    elif statement.kind == "CreateFunctionStmt" and _language(statement) in _UNTRUSTED:
        message = f"a function in {_language(statement)} can do whatever the server's account can"
        name = statement.made[0].name
        yield _finding(statement, f"{name}()", statement.line, message, "write it in plpgsql or SQL")
    for mention in statement.mentions:
        if mention.kind == FUNCTION and bare(mention.name) in _FILE_FUNCTIONS:
            yield _call(statement, bare(mention.name), line_of(statement, mention.location))
    yield from _in_body(statement)


def _copy(statement: Statement) -> Iterator[Finding]:
    tree = statement.tree
    name = relation_name(tree["relation"]) if "relation" in tree else "a query"
    if tree.get("is_program"):
        message = "COPY … PROGRAM runs a command on the server, as the server's account"
        yield _finding(statement, name, statement.line, message, "load the data from the client")
    elif tree.get("filename"):
        message = "COPY reads or writes a file of the server, which is another machine in production"
        yield _finding(statement, name, statement.line, message, "\\copy outside of the migration, or INSERT")


def _in_body(statement: Statement) -> Iterator[Finding]:
    body = body_of(statement)
    for match in _IN_BODY.finditer(body) if body else ():
        line = line_in_body(statement, body, match.start("call") if match["call"] else match.start("what"))
        if match["call"]:
            yield _call(statement, match["call"].lower(), line)
        else:
            message = "COPY … PROGRAM runs a command on the server, as the server's account"
            yield _finding(statement, _block(statement), line, message, "load the data from the client")


def _call(statement: Statement, function: str, line: int) -> Finding:
    message = f"{function}() reaches files or settings of the server"
    return _finding(statement, f"{function}()", line, message, "migrations change the schema only: take it out")


def _block(statement: Statement) -> str:
    return f"{statement.made[0].name}()" if statement.made else "DO block"


def _language(statement: Statement) -> str:
    return text_of(options(statement.tree.get("options")).get("language")).lower()


def _finding(statement: Statement, name: str, line: int, message: str, hint: str) -> Finding:
    return Finding(message, name, statement.file.name, line, hint, ERROR)


CHECK = Check(
    id="copy-program",
    title="No file reaches out of the database",
    needs=Need.FILES,
    run=run,
    decides="Passes when no pending file has COPY with PROGRAM or a file of the server, calls functions on its files, "
    "or makes a function in an untrusted language; bodies of functions and DO blocks are searched too.",
    cost="Milliseconds; nothing is connected to.",
    fix="Load data from the client, and leave the server's files to its administrators.",
)
