"""Tools that keep the way there and the way back in one file, parted by comments; psql's own lines.

Sources: goose `sqlparser/parser.go` and "Annotations", dbmate `migration.go`, Liquibase
`AbstractFormattedChangeLogParser` and "Formatted SQL changelogs", the psql manual, "Meta-Commands".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from checks.base import MigrationFile

_MARK = re.compile(
    rb"^--[ \t]*(?:(?P<goose>\+goose[ \t]+(?:up|down)\b)|(?P<dbmate>migrate:(?:up|down)\b))"
    rb"|^[ \t]*--[ \t]*(?P<liquibase>liquibase[ \t]+formatted[ \t]+sql|changeset[ \t]+[^\s:]+:\S+)",
    re.IGNORECASE | re.MULTILINE,
)
_HINTS = (b"+goose", b"+GOOSE", b"migrate:", b"formatted", b"changeset", b"ChangeSet", b"changeSet")
_UP = {
    "goose": re.compile(rb"^--[ \t]*\+goose[ \t]+up[ \t]*\r?$", re.IGNORECASE | re.MULTILINE),
    "dbmate": re.compile(rb"^--\s*migrate:up(?:\s*$|\s+\S+)", re.MULTILINE),
}
_DOWN = {
    "goose": re.compile(rb"^--[ \t]*\+goose[ \t]+down[ \t]*\r?$", re.IGNORECASE | re.MULTILINE),
    "dbmate": re.compile(rb"^--\s*migrate:down(?:\s*$|\s+\S+)", re.MULTILINE),
}
MARKS = {"goose": "-- +goose Up", "dbmate": "-- migrate:up"}
_NO_SQL = re.compile(rb"^\s*(?:--[^\n]*)?$")


class DialectError(Exception):
    """A file that its tool would refuse, or that cannot be read for sure: where, what is wrong, what to do."""


@dataclass(frozen=True)
class Mark:
    """A comment that speaks to a tool, and where."""

    tool: str
    text: str
    line: int


def mark_in(content: bytes) -> Mark | None:
    """The first mark of goose, dbmate or Liquibase."""
    if not any(hint in content for hint in _HINTS):
        return None
    match = _MARK.search(content)
    if match is None:
        return None
    return Mark(str(match.lastgroup), match.group().decode("utf-8", "replace").strip(), line_at(content, match.start()))


def line_at(content: bytes, position: int) -> int:
    """The line of a byte, from 1."""
    return content.count(b"\n", 0, position) + 1


def parted(content: bytes, tool: str) -> tuple[bytes, bytes | None]:
    """The way there and the way back, where the file has one; each keeps the lines of the file.

    Raises DialectError, whose message begins with the line.
    """
    if tool == "liquibase":
        return _of_postgresql(content), _rollbacks(content)
    if tool == "psql":
        return _without_settings(content), None
    up, down = _UP[tool].search(content), _DOWN[tool].search(content)
    if up is None:
        raise DialectError(f"1 has no line `{MARKS[tool]}`, without which {tool} refuses it: add the line")
    if down is not None and down.start() < up.start():
        raise DialectError(f"{line_at(content, down.start())} has the way back before `{MARKS[tool]}`: put it below")
    for number, line in enumerate(content[: up.start()].removeprefix(b"\xef\xbb\xbf").splitlines(), 1):
        if not _NO_SQL.match(line):
            raise DialectError(f"{number} has SQL above `{MARKS[tool]}`, which {tool} refuses: put it below")
    if down is None:
        return content, None
    return content[: down.start()], _blank(content[: down.start()]) + content[down.start() :]


def _blank(content: bytes) -> bytes:
    return b"\n" * content.count(b"\n")


@dataclass(frozen=True)
class Changeset:
    """A changeset of Liquibase: its first line, who wrote it, and its attributes as they stand."""

    line: int
    author: str
    id: str
    attributes: str

    def says(self, attribute: str) -> str:
        """The value of an attribute, in lower case; "" without it."""
        found = re.search(rf"\b{attribute}:(\S+)", self.attributes, re.IGNORECASE)
        return found[1].lower() if found else ""

    @property
    def is_for_postgresql(self) -> bool:
        named = [name for name in self.says("dbms").split(",") if name]
        allowed = [name for name in named if not name.startswith("!")]
        return "!postgresql" not in named and (not allowed or "postgresql" in allowed or "all" in allowed)


_CHANGESET = re.compile(rb'^\s*--\s*changeset\s+("[^"]+"|[^:\n]+):[ \t]*("[^"]+"|\S+)(.*)', re.IGNORECASE)
_ROLLBACK = re.compile(rb"^\s*--\s*rollback\s(.*)", re.IGNORECASE)
_ROLLBACK_BLOCK = re.compile(rb"^\s*/\*\s*liquibase\s*rollback\s*$", re.IGNORECASE)
_NOTHING_BACK = re.compile(rb"empty$|not required$|changesetid:", re.IGNORECASE)


def changesets(content: bytes) -> list[Changeset]:
    """The changesets of a formatted SQL changelog; a file without a mark is one, as `includeAll` takes it."""
    found = [_changeset(number, match) for number, match in _marks_of_changesets(content)]
    return found or [Changeset(1, "includeAll", "raw", "")]


def _changeset(number: int, match: re.Match[bytes]) -> Changeset:
    author, name, rest = (part.decode("utf-8", "replace").strip().strip('"') for part in match.groups())
    return Changeset(number, author, name, rest)


def _marks_of_changesets(content: bytes) -> Iterator[tuple[int, re.Match[bytes]]]:
    for number, line in enumerate(content.splitlines(), 1):
        if match := _CHANGESET.match(line):
            yield number, match


def _of_postgresql(content: bytes) -> bytes:
    """Without changesets that are for other databases (`dbms:mysql`). Rollbacks are comments already."""
    found = changesets(content)
    if all(one.is_for_postgresql for one in found):
        return content
    lines = content.splitlines(keepends=True)
    for one, after in zip(found, [*(each.line for each in found[1:]), len(lines) + 1], strict=True):
        if not one.is_for_postgresql:
            lines[one.line : after - 1] = [b"\n"] * (after - 1 - one.line)
    return b"".join(lines)


def _rollbacks(content: bytes) -> bytes | None:
    """`--rollback SQL` and `/* liquibase rollback … */` as SQL on their lines, all else blank; None without any."""
    kept: list[bytes] = []
    in_block = any_there = False
    for line in content.splitlines():
        match = _ROLLBACK.match(line)
        if in_block:
            in_block = b"*/" not in line
            kept.append(line.partition(b"*/")[0])
        elif _ROLLBACK_BLOCK.match(line):
            in_block = any_there = True
            kept.append(b"")
        elif match:
            any_there = True
            kept.append(line if _NOTHING_BACK.match(match[1].strip()) else match[1])
        else:
            kept.append(line if _CHANGESET.match(line) else b"")
    return b"\n".join(_ended(kept)) + b"\n" if any_there else None


def _ended(lines: list[bytes]) -> list[bytes]:
    """The last statement of a changeset may lack its semicolon."""
    open_at: int | None = None
    for number, line in enumerate([*lines, b"-- changeset end:end"]):
        text = line.strip()
        if text and not text.startswith(b"--"):
            open_at = None if text.endswith(b";") else number
        elif open_at is not None and _CHANGESET.match(line):
            lines[open_at] += b";"
            open_at = None
    return lines


_SETTING = re.compile(
    rb"^[ \t]*\\(?:(?:a|echo|errverbose|f|H|pset|qecho|t|T|timing|warn|x)\b"
    rb"|set +(?:ECHO\w*|ON_ERROR_\w+|QUIET|VERBOSITY)\b)[^\n]*",
    re.MULTILINE,
)
_INCLUDE = re.compile(rb"^[ \t]*\\(?:i|ir|include|include_relative)\b[^\n]*", re.MULTILINE)


def _without_settings(content: bytes) -> bytes:
    """Without lines that only tell psql how to print. Raises DialectError for one that reads a file."""
    if b"\\" not in content:
        return content
    if found := _INCLUDE.search(content):
        told = (
            r"reads another file (\i), which gonogo does not follow: put its SQL here, or into the folder in its place"
        )
        raise DialectError(f"{line_at(content, found.start())} {told}")
    return _SETTING.sub(b"", content)


_METADATA = b"\n-- metadata.toml\n"


def with_metadata(file: MigrationFile, metadata: bytes | None) -> MigrationFile:
    """A migration of diesel with what stands beside it: its fingerprint covers both, parted by a line."""
    return file if metadata is None else replace(file, whole=file.content + _METADATA + metadata)


def split_metadata(source: bytes) -> tuple[bytes, bytes | None]:
    """The SQL of a migration of diesel, and its metadata.toml; None without one."""
    content, found, metadata = source.partition(_METADATA)
    return content, metadata if found else None
