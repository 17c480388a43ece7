"""A migration file as SQL: its statements with their lines, parsed by PostgreSQL's own grammar (pglast).

Splitting uses the parser's JSON text, which is some twenty times cheaper than the tree; the tree of a statement is
made when somebody asks for it.
"""

from __future__ import annotations

import contextlib
import gc
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from checks.base import WARNING, Finding, MigrationFile
from checks.sql.bulk import LARGE, without_rows
from checks.sql.mentions import Named, mentioned_by, named_by
from checks.sql.tree import kind_and_tree, line_of, parsed

_SPACE = re.compile(rb"\s+")
_LINE_COMMENT = re.compile(rb"--[^\n]*\n?")
_BACKSLASH_LINE = re.compile(r"^[ \t]*\\(?:\w+|[!?.;])", re.MULTILINE)
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class SqlError(Exception):
    """A file that is no SQL for the server: where and why. `line` counts from 1."""

    def __init__(self, file: str, line: int, message: str, hint: str = "") -> None:
        super().__init__(f"{file}:{line}: {message}")
        self.file = file
        self.line = line
        self.message = message
        self.hint = hint


@dataclass(frozen=True)
class Statement:
    """One statement of a file: `text` without the comments before it, `line` of its first word, `offset` in bytes.

    `kind` is the parser's node name, such as `CreateStmt`, `IndexStmt`, `AlterTableStmt`. `tree` is the parser's JSON
    of it, at no cost; `node` the same as objects, some 50 µs each. See `checks.sql.tree`.
    """

    file: MigrationFile
    kind: str
    text: str
    line: int
    offset: int
    tree: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def node(self) -> Any:
        """The tree (`pglast.ast.Node`); positions in it count from the start of `text`."""
        from pglast import parse_sql

        return parse_sql(self.text)[0].stmt

    @cached_property
    def made(self) -> tuple[Named, ...]:
        """What the statement creates; see `checks.sql.mentions`."""
        return named_by(self.kind, self.tree)

    @cached_property
    def mentions(self) -> tuple[Named, ...]:
        """The types, relations and functions that have to exist before it runs."""
        return mentioned_by(self.kind, self.tree, self.made)

    def finding(
        self, message: str, object_: str, hint: str = "", severity: str = WARNING, at: int | None = None
    ) -> Finding:
        """At the statement, or at the `location` of a node in it."""
        return Finding(message, object_, self.file.name, line_of(self, at), hint, severity)

    def line_at(self, location: int | None) -> int:
        """The file's line of a node's `location` within this statement (in characters, as pglast counts)."""
        return self.line + self.text.count("\n", 0, max(location or 0, 0))


def decode(file: MigrationFile) -> str:
    """The file's text as the server would be given it. Raises SqlError: not UTF-8, a byte-order mark, a NUL, psql."""
    content = file.content
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as fault:
        line = content.count(b"\n", 0, fault.start) + 1
        message = f"not UTF-8: byte 0x{content[fault.start]:02x}"
        raise SqlError(file.name, line, message, f"iconv -f latin1 -t utf-8 {file.name}") from None
    if content.startswith(BYTE_ORDER_MARK):
        hint = "save the file as UTF-8 without a byte-order mark"
        raise SqlError(file.name, 1, "a byte-order mark, which the server reads as a word (42601)", hint)
    if "\0" in text:
        raise SqlError(file.name, text.count("\n", 0, text.index("\0")) + 1, "a NUL byte", "save the file as UTF-8")
    return text


@contextlib.contextmanager
def collector_paused() -> Iterator[None]:
    """For building many small objects that stay: parsing a thousand files takes 80 ms, not 200.

    The garbage collector would walk all trees again and again, though they have no cycles.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def check_syntax(file: MigrationFile) -> SqlError | None:
    """The first syntax error of a file, or None; cheap, since no tree is built."""
    from pglast import parser

    try:
        with _faults_of(file) as text:
            parser.split(text, with_parser=True, only_slices=True)
    except SqlError as fault:
        return fault
    return None


def split(file: MigrationFile) -> tuple[Statement, ...]:
    """The statements of a file. Raises SqlError where it does not parse."""
    with _faults_of(file) as text:
        found = parsed(without_rows(text) if len(text) > LARGE else text)
    content = file.content
    statements = []
    line = counted_to = 0
    for raw in found:
        start = raw.get("stmt_location", 0)
        end = start + raw["stmt_len"] if "stmt_len" in raw else len(content)
        start = _first_word(content, start)
        body = content[start:end].decode("utf-8").rstrip()
        line += content.count(b"\n", counted_to, start)
        counted_to = start
        kind, tree = kind_and_tree(raw)
        statements.append(Statement(file, kind, body, line + 1, start, tree))
    return tuple(statements)


@contextlib.contextmanager
def _faults_of(file: MigrationFile) -> Iterator[str]:
    """The file's text, to be parsed. Raises SqlError for whatever the parser says of it."""
    from pglast.parser import ParseError

    text = decode(file)
    try:
        yield text
    except ParseError as fault:
        message, position = str(fault.args[0]), fault.args[1] if len(fault.args) > 1 else 0
        raise _syntax_error(file, text, message, int(position or 0)) from None
    except RecursionError:
        raise SqlError(file.name, 1, "nested too deeply to be parsed") from None


def _syntax_error(file: MigrationFile, text: str, message: str, position: int) -> SqlError:
    line = text.count("\n", 0, position) + 1
    message = " ".join(without_datum(message).split())[:200]
    if _BACKSLASH_LINE.match(text, text.rfind("\n", 0, position) + 1):
        hint = "gonogo asks a server, which knows no backslash commands of psql: remove the line"
        return SqlError(file.name, line, f"a psql command: {message}", hint)
    return SqlError(file.name, line, message, "mend the statement; the parser stops at the first error")


def _first_word(content: bytes, start: int) -> int:
    """Past the white space and comments that the parser counts to the following statement."""
    while start < len(content):
        found = _SPACE.match(content, start) or _LINE_COMMENT.match(content, start)
        if found:
            start = found.end()
        elif content.startswith(b"/*", start):
            start = _comment_end(content, start)
        else:
            break
    return start


def _comment_end(content: bytes, start: int) -> int:
    """The end of a block comment; PostgreSQL's nest."""
    depth = 0
    for mark in re.finditer(rb"/\*|\*/", content[start:]):
        depth += 1 if mark.group() == b"/*" else -1
        if depth == 0:
            return start + mark.end()
    return len(content)


_NEAR = re.compile(r"""(at or near )"['$].*["]""", re.DOTALL)
_STRINGS = frozenset({"SCONST", "USCONST", "XCONST", "BCONST"})
_BODY_AFTER = frozenset({"AS", "DO"})


def without_datum(message: str) -> str:
    """An error of the parser without the string that it stopped at."""
    return _NEAR.sub(r'\1"…"', message)


def without_values(text: str) -> str:
    """SQL with `'…'` in place of each string, in the body of a function too; names and numbers stay.

    What cannot be read to its end is shown up to its first quote.
    """
    from pglast.error import Error
    from pglast.parser import scan

    shown, end, before = "", 0, ""
    try:
        for token in scan(text):
            if token.name in _STRINGS:
                literal = text[token.start : token.end + 1]
                is_body = before in _BODY_AFTER and literal.startswith("$")
                shown += text[end : token.start] + (_body_without_values(literal) if is_body else "'…'")
                end = token.end + 1
            before = token.name
    except Error:
        return re.split("['$]", text, maxsplit=1)[0] + "…"
    return shown + text[end:]


def _body_without_values(literal: str) -> str:
    tag = literal[: literal.index("$", 1) + 1]
    return tag + without_values(literal[len(tag) : -len(tag)]) + tag
