"""What no migration file should hold: passwords, programs run on the server."""

from __future__ import annotations

import re
from collections.abc import Iterator

from checks.base import ERROR, Finding, MigrationFile, Result, counted, files_check
from checks.contexts import FilesContext
from checks.findings import verdict
from checks.sql.mentions import FUNCTION
from checks.sql.statements import Statement
from checks.sql.tree import bare, body_of, language_of, line_in_body, line_of, relation_name

# Each names its secret `secret`; bytes before any parser: comments and bodies of functions are read by people too.
_CLAUSE = re.compile(
    rb"(?<!')\b(?:password|passwd)\s*(?:=>?|:=)?\s*(?!'[\s,;:()|=\]]+')(?P<secret>''[^'\s;,]+''|E?'(?:[^']|'')+')",
    re.IGNORECASE,
)
_URL = re.compile(rb"\bpostgres(?:ql)?://[^\s:@/'\"]*:(?P<secret>[^\s@'\"]+)@", re.IGNORECASE)
_CONNINFO = re.compile(rb"\bpassword\s*=\s*(?P<secret>[^\s'\";)]+)", re.IGNORECASE)
_QUICK = re.compile(rb"passw(?:or)?d|postgres(?:ql)?://", re.IGNORECASE)
_CONNECTION_WORDS = re.compile(
    rb"\b(?:host|hostaddr|dbname|user|port|sslmode|connection|dblink\w*)\b\s*[=('\s]", re.IGNORECASE
)

# What a tool or psql fills in before the server sees it: ${name}, {{name}}, :'name', $1, <name>, %(name)s.
_PLACEHOLDER = re.compile(rb"'{0,2}(?:\$\{.*\}|\{\{.*\}\}|:'?\w+'?|\$\d+|\$\w+|<.*>|%\(.*\)s|%[sLI]|\*+)'{0,2}")
_OBJECT = re.compile(
    rb"\b(?:role|user|group|subscription|server)\s+(?:if\s+not\s+exists\s+)?(?:mapping\s+for\s+)?"
    rb"(?P<name>\"[^\"\n]+\"|[\w$]+)[^;]*\Z",
    re.IGNORECASE,
)
_HASH = re.compile(rb"E?'(?:SCRAM-SHA-256\$|md5[0-9a-f]{32}')")


@files_check(
    title="No password stands in a file",
    decides="Passes when no pending file, up or down, has a literal after PASSWORD or a connection string with a "
    "password, in statements, bodies or comments. Placeholders of tools and PASSWORD NULL are fine. The password "
    "itself is never shown.",
    fix="Treat it as known: change it. Create the role without one and set it where secrets live.",
)
def passwords(context: FilesContext) -> Result:
    files = [*context.pending, *context.pending_downs]
    findings = [finding for file in files for finding in _passwords_in(file)]
    return verdict(findings, f"{counted(len(files), 'file')}, no password in clear")


def _passwords_in(file: MigrationFile) -> Iterator[Finding]:
    if not _QUICK.search(file.content):
        return
    seen: set[int] = set()
    for match in sorted(_matches(file.content), key=lambda match: match.start("secret")):
        line = file.content.count(b"\n", 0, match.start("secret")) + 1
        if line not in seen:
            seen.add(line)
            yield _password_finding(file, match, line)


def _matches(content: bytes) -> Iterator[re.Match[bytes]]:
    for pattern in (_CLAUSE, _URL):
        yield from (match for match in pattern.finditer(content) if not _PLACEHOLDER.fullmatch(match["secret"]))
    for match in _CONNINFO.finditer(content):
        around = content[max(match.start() - 200, 0) : match.end() + 200]
        is_spliced = _PLACEHOLDER.fullmatch(match["secret"]) or match["secret"].startswith((b"|", b"%"))
        if _CONNECTION_WORDS.search(around) and _is_in_string(content, match) and not is_spliced:
            yield match


def _is_in_string(content: bytes, match: re.Match[bytes]) -> bool:
    """An odd number of quotes before it on the line; `WHERE password = x` is a column."""
    start = content.rfind(b"\n", 0, match.start()) + 1
    return content.count(b"'", start, match.start()) % 2 == 1


def _password_finding(file: MigrationFile, match: re.Match[bytes], line: int) -> Finding:
    before = file.content[max(file.content.rfind(b";", 0, match.start()) + 1, match.start() - 500) : match.start()]
    named = _OBJECT.search(before)
    name = named["name"].decode("utf-8", errors="replace").strip('"') if named else "connection string"
    if _HASH.match(match["secret"]):
        message = f"the hash of the password of {name} stands in the file: it can be guessed at, and logs in as it is"
    else:
        message = f"the password of {name} stands in the file: whoever reads git or the server's log has it"
    hint = "change it now; set it by \\password or a secret store, or a placeholder of the tool"
    return Finding(message, name, file.name, line, hint, ERROR)


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


@files_check(
    title="No file reaches out of the database",
    decides="Passes when no pending file has COPY with PROGRAM or a file of the server, calls functions on its files, "
    "or makes a function in an untrusted language; bodies of functions and DO blocks are searched too.",
    fix="Load data from the client, and leave the server's files to its administrators.",
)
def copy_program(context: FilesContext) -> Result:
    findings = [finding for s in context.all_statements(context.pending) for finding in _reaching(s)]
    return verdict(findings, f"{counted(len(context.pending), 'file')}, none reaches programs or files of the server")


def _reaching(statement: Statement) -> Iterator[Finding]:
    if statement.kind == "CopyStmt":
        yield from _copy(statement)
    elif statement.kind == "CreateFunctionStmt" and language_of(statement) in _UNTRUSTED:
        message = f"a function in {language_of(statement)} can do whatever the server's account can"
        name = statement.made[0].name
        yield _reach(statement, f"{name}()", statement.line, message, "write it in plpgsql or SQL")
    for mention in statement.mentions:
        if mention.kind == FUNCTION and bare(mention.name) in _FILE_FUNCTIONS:
            yield _call(statement, bare(mention.name), line_of(statement, mention.location))
    yield from _in_body(statement)


def _copy(statement: Statement) -> Iterator[Finding]:
    tree = statement.tree
    name = relation_name(tree["relation"]) if "relation" in tree else "a query"
    if tree.get("is_program"):
        yield _program(statement, name, statement.line)
    elif tree.get("filename"):
        message = "COPY reads or writes a file of the server, which is another machine in production"
        yield _reach(statement, name, statement.line, message, "\\copy outside of the migration, or INSERT")


def _in_body(statement: Statement) -> Iterator[Finding]:
    body = body_of(statement)
    for match in _IN_BODY.finditer(body) if body else ():
        line = line_in_body(statement, body, match.start("call") if match["call"] else match.start("what"))
        if match["call"]:
            yield _call(statement, match["call"].lower(), line)
        else:
            block = f"{statement.made[0].name}()" if statement.made else "DO block"
            yield _program(statement, block, line)


def _call(statement: Statement, function: str, line: int) -> Finding:
    message = f"{function}() reaches files or settings of the server"
    return _reach(statement, f"{function}()", line, message, "migrations change the schema only: take it out")


def _program(statement: Statement, name: str, line: int) -> Finding:
    message = "COPY … PROGRAM runs a command on the server, as the server's account"
    return _reach(statement, name, line, message, "load the data from the client")


def _reach(statement: Statement, name: str, line: int, message: str, hint: str) -> Finding:
    return Finding(message, name, statement.file.name, line, hint, ERROR)
