"""passwords: no pending file holds a password in clear; files live in git, logs and the history for ever."""

from __future__ import annotations

import re
from collections.abc import Iterator

from checks.base import Check, Finding, MigrationFile, Need, Result, counted
from checks.contexts import FilesContext
from checks.result import ERROR
from checks.verdict import verdict

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


def run(context: FilesContext) -> Result:
    """Failed with the place of each password; never with the password."""
    files = [*context.pending, *context.pending_downs]
    findings = [finding for file in files for finding in _faults(file)]
    return verdict(findings, f"{counted(len(files), 'file')}, no password in clear")


def _faults(file: MigrationFile) -> Iterator[Finding]:
    if not _QUICK.search(file.content):
        return
    seen: set[int] = set()
    for match in sorted(_matches(file.content), key=lambda match: match.start("secret")):
        line = file.content.count(b"\n", 0, match.start("secret")) + 1
        if line not in seen:
            seen.add(line)
            yield _finding(file, match, line)


def _matches(content: bytes) -> Iterator[re.Match[bytes]]:
    for pattern in (_CLAUSE, _URL):
        yield from (match for match in pattern.finditer(content) if not _PLACEHOLDER.fullmatch(match["secret"]))
    for match in _CONNINFO.finditer(content):
        around = content[max(match.start() - 200, 0) : match.end() + 200]
        if _CONNECTION_WORDS.search(around) and _is_in_string(content, match) and not _is_spliced(match["secret"]):
            yield match


def _is_in_string(content: bytes, match: re.Match[bytes]) -> bool:
    """An odd number of quotes before it on the line; `WHERE password = x` is a column."""
    start = content.rfind(b"\n", 0, match.start()) + 1
    return content.count(b"'", start, match.start()) % 2 == 1


def _is_spliced(secret: bytes) -> bool:
    return bool(_PLACEHOLDER.fullmatch(secret)) or secret.startswith((b"|", b"%"))


def _finding(file: MigrationFile, match: re.Match[bytes], line: int) -> Finding:
    before = file.content[max(file.content.rfind(b";", 0, match.start()) + 1, match.start() - 500) : match.start()]
    named = _OBJECT.search(before)
    name = named["name"].decode("utf-8", errors="replace").strip('"') if named else "connection string"
    if _HASH.match(match["secret"]):
        message = f"the hash of the password of {name} stands in the file: it can be guessed at, and logs in as it is"
    else:
        message = f"the password of {name} stands in the file: whoever reads git or the server's log has it"
    hint = "change it now; set it by \\password or a secret store, or a placeholder of the tool"
    return Finding(message, name, file.name, line, hint, ERROR)


CHECK = Check(
    id="passwords",
    title="No password stands in a file",
    needs=Need.FILES,
    run=run,
    decides="Passes when no pending file, up or down, has a literal after PASSWORD or a connection string with a "
    "password, in statements, bodies or comments. Placeholders of tools and PASSWORD NULL are fine. The password "
    "itself is never shown.",
    cost="Milliseconds; nothing is connected to.",
    fix="Treat it as known: change it. Create the role without one and set it where secrets live.",
)
