"""Why a migration did not go in: file, line, SQLSTATE, message, and whether the server lacks something."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from checks.base import Finding, MigrationFile
from checks.scratchdb._supervisor import DISK, MEMORY
from checks.sql.statements import SqlError, Statement, without_datum, without_values

if TYPE_CHECKING:
    import psycopg

_ROW = re.compile(r"(?:(?<=contains )|(?<=\)=)|(?<=\) = ))\(.*\)", re.DOTALL)
_DATUM = re.compile(r'(?P<name>(?:parameter|column|relation) )?"(?:[^"]|"")*"')
_LONG_NUMBER = re.compile(r"\b\d{6,}(?:\.\d+)?\b")
_LACKING = (
    re.compile(r'(extension) "([^"]+)" is not available'),
    re.compile(r'open (extension) control file "[^"]*?([\w-]+)\.control"'),
    re.compile(r'permission denied to create (extension) "([^"]+)"'),
    re.compile(r'(collation) "([^"]+)" (?:for encoding "[^"]+" )?does not exist'),
    re.compile(r'(tablespace) "([^"]+)" does not exist'),
    re.compile(r'(role) "([^"]+)" does not exist'),
    re.compile(r'(language) "([^"]+)" does not exist'),
    re.compile(r'(text search (?:configuration|dictionary|template)) "([^"]+)" does not exist'),
    re.compile(r"()(ICU) is not supported"),
    re.compile(r"permission denied to (create role)()"),
)


@dataclass(frozen=True)
class ApplyError:
    """The first error of a run. `lacking` names what the server does not have, such as `extension pgcrypto`.

    `limit` is the bound that a statement came to by itself, by its name in `ScratchLimits`.
    """

    file: str
    line: int
    sqlstate: str
    message: str
    statement: str = ""
    hint: str = ""
    lacking: str = ""
    limit: str = ""

    @property
    def where(self) -> str:
        return f"{self.file}:{self.line}"

    def as_finding(self) -> Finding:
        message = f"{self.sqlstate} {self.message}".strip()
        return Finding(message, self.statement, self.file, self.line, self.hint, "error")


def from_text(file: MigrationFile, fault: SqlError) -> ApplyError:
    """A file that the server would refuse to parse."""
    return ApplyError(file.name, fault.line, "42601", fault.message, hint=fault.hint)


def from_server(statement: Statement, fault: psycopg.Error) -> ApplyError:
    """An error of the server, at the line where it points, else at the statement's first."""
    diag = fault.diag
    position = int(diag.statement_position) - 1 if diag.statement_position else 0
    message = diag.message_primary or "the connection to the scratch server was lost"
    detail = " ".join(part for part in (diag.message_detail, diag.message_hint) if part)
    state = fault.sqlstate or ""
    return ApplyError(
        statement.file.name,
        statement.line_at(position),
        state,
        _said(state, message),
        excerpt(statement.text),
        _said(state, detail),
        _lacking(message),
        _limit(fault.sqlstate, message),
    )


def from_tool(statement: Statement, message: str, hint: str, sqlstate: str = "") -> ApplyError:
    """What the migration tool itself refuses; the server is not asked."""
    return ApplyError(statement.file.name, statement.line, sqlstate, message, excerpt(statement.text), hint)


def said_by(fault: psycopg.Error) -> str:
    """SQLSTATE and message of the server on one line, without a value of a row or of the statement."""
    state = fault.sqlstate or ""
    return f"{state} {_said(state, fault.diag.message_primary or '')}"


def _said(state: str, words: str) -> str:
    """Errors of class 22 quote the datum; those of class 23 tell keys and rows in their detail."""
    words = without_datum(_ROW.sub("(…)", words))
    if state.startswith("22"):
        words = _DATUM.sub(lambda found: found[0] if found["name"] else '"…"', words)
    return _one_line(words)


def excerpt(text: str) -> str:
    """A statement on one line, cut, without the values in it."""
    shown = _LONG_NUMBER.sub("…", _one_line(without_values(text)))
    return shown if len(shown) <= 120 else shown[:119] + "…"


def _lacking(message: str) -> str:
    for pattern in _LACKING:
        if found := pattern.search(message):
            return " ".join(part for part in found.groups() if part)
    return ""


def _limit(sqlstate: str | None, message: str) -> str:
    """Out of memory (but not of locks, which are shared), of disk, of temp_file_limit, of the size of a file."""
    if sqlstate == "53200" and "shared memory" not in message:
        return MEMORY
    return DISK if sqlstate in ("53100", "53400") or "File too large" in message else ""


def _one_line(text: str) -> str:
    return " ".join(text.split())
