"""The migrations that are in a tool's files: versions, order, the way there and the way back."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from operator import attrgetter

from checks.base import MigrationFile, version_key
from checks.layouts import programs
from checks.layouts.dialects import (
    DialectError,
    Mark,
    line_at,
    mark_in,
    parted,
    split_metadata,
    with_metadata,
)
from checks.layouts.names import (
    BY_PATH,
    CHANGELOG,
    FLYWAY_REPEATABLE,
    LOCK,
    METADATA,
    PATTERNS,
    folder_of,
    last_of,
)
from checks.layouts.programs import Pair

_CHANGESET_ELSEWHERE = re.compile(rb"<changeSet\b|[\"']?changeSet[\"']?\s*:")
_INCLUDED = re.compile(rb"file[\"']?\s*[=:]\s*[\"']?([^\"'\s,>}]+\.sql)")
_PROVIDER = re.compile(rb"^\s*provider\s*=\s*\"(\w+)\"", re.MULTILINE)
_LEADING = re.compile(r"[0-9]+")
IN_ONE_FILE = ("goose", "dbmate", "liquibase", "psql")


def read(pairs: Sequence[Pair], tool: str) -> tuple[MigrationFile, ...]:
    """The files that the tool takes, in its order. Raises DialectError, which names the file."""
    if tool == "alembic":
        return programs.read_alembic(pairs)
    if tool == "django":
        return programs.read_django(pairs)
    _refuse_aside(pairs, tool)
    metadata = {folder_of(name): content for name, content in pairs if last_of(name) == METADATA}
    files: list[MigrationFile] = []
    for path, content in _of_changelog(pairs) if tool == "liquibase" else pairs:
        name = path if tool in BY_PATH else last_of(path)
        files.extend(_files_of(name, content, tool, metadata.get(folder_of(path)) if tool == "diesel" else None))
    if tool not in ("liquibase", "psql"):
        return tuple(sorted(files, key=attrgetter("name") if tool == "prisma" else _by_version))
    return _numbered(files if tool == "liquibase" else sorted(files, key=lambda file: (file.version, file.is_down)))


def _by_version(file: MigrationFile) -> tuple[object, ...]:
    return version_key(file.version), file.is_down, file.name


def _files_of(name: str, content: bytes, tool: str, metadata: bytes | None) -> Iterator[MigrationFile]:
    """The file, or the way there and the way back that are in it; nothing for a name that the tool passes over."""
    version, is_down = _version(name, tool)
    if not version:
        return
    mark = mark_in(content) if name.endswith(".sql") else None
    if mark and mark.tool != tool:
        raise DialectError(_elsewhere(name, mark, tool))
    if tool not in IN_ONE_FILE:
        yield with_metadata(MigrationFile(version, name, content, is_down), metadata)
        return
    try:
        yield from _of_one_file(MigrationFile(version, name, content, is_down), tool)
    except DialectError as fault:
        raise DialectError(f"{name}:{fault}") from None


def _of_one_file(file: MigrationFile, tool: str) -> Iterator[MigrationFile]:
    """The way there, and the way back where there is one. Raises DialectError."""
    up, down = parted(file.content, tool)
    whole = file.content if down is not None or up != file.content else b""
    yield replace(file, content=up, whole=whole)
    if down is not None:
        yield replace(file, content=down, whole=whole, is_down=True)


def _version(name: str, tool: str) -> tuple[str, bool]:
    if tool == "flyway" and (repeatable := FLYWAY_REPEATABLE.fullmatch(name)):
        return "R__" + repeatable["description"], False
    match = PATTERNS[tool].fullmatch(name)
    if match is None:
        return "", False
    version = match["version"].replace("-", "") if tool == "diesel" else match["version"]
    return version, bool(match.groupdict().get("down"))


def _elsewhere(name: str, mark: Mark, tool: str) -> str:
    told = f"{name}:{mark.line} has `{mark.text}`, a mark of {mark.tool}, which {tool} does not know"
    return f'{told}: --tool {mark.tool}, or [migrations] tool = "{mark.tool}"'


def with_source(file: MigrationFile, source: bytes, tool: str) -> MigrationFile:
    """The file as it was when its bytes were these; see `MigrationFile.source`."""
    if source == file.source:
        return file
    if tool in IN_ONE_FILE:
        plain = replace(file, content=source, whole=b"", is_down=file.is_down and tool == "psql")
        with contextlib.suppress(DialectError):
            return next((part for part in _of_one_file(plain, tool) if part.is_down is file.is_down), plain)
    content, metadata = split_metadata(source) if tool == "diesel" else (source, None)
    return with_metadata(replace(file, content=content, whole=b""), metadata)


def _numbered(files: Sequence[MigrationFile]) -> tuple[MigrationFile, ...]:
    """By the numbers that the names begin with, where each has its own and the order is theirs; else by the paths."""
    numbers = [_LEADING.match(last_of(file.version)) for file in files]
    keys = [
        (version_key(number[0]), file.is_down) if number else None for number, file in zip(numbers, files, strict=True)
    ]
    known = [key for key in keys if key]
    if len(known) < len(files) or sorted(set(known)) != known:
        return tuple(files)
    return tuple(replace(file, version=number[0]) for file, number in zip(files, numbers, strict=True) if number)


def _refuse_aside(pairs: Iterable[Pair], tool: str) -> None:
    """Raises DialectError for what a file beside the SQL says: another database, changes that are no SQL."""
    for name, content in pairs:
        provider = _PROVIDER.search(content) if tool == "prisma" and last_of(name) == LOCK else None
        if provider and provider[1] not in (b"postgresql", b"cockroachdb"):
            found = provider[1].decode()
            raise DialectError(f"{name} says that the files are for {found}: gonogo knows PostgreSQL alone")
        if tool == "liquibase" and CHANGELOG.fullmatch(last_of(name)) and (at := _CHANGESET_ELSEWHERE.search(content)):
            place = f"{name}:{line_at(content, at.start())}"
            mend = "write them as formatted SQL, or check what `liquibase update-sql` prints with --tool psql"
            raise DialectError(f"{place} has changesets that are no SQL, which gonogo does not read: {mend}")


def _of_changelog(pairs: Iterable[Pair]) -> list[Pair]:
    """The SQL files in the order in which the changelogs include them; by their paths where none names a file."""
    sql = dict(sorted(pair for pair in pairs if pair[0].endswith(".sql")))
    logs = [content for name, content in sorted(pairs) if CHANGELOG.fullmatch(last_of(name))]
    named = [path.decode("utf-8", "replace") for content in logs for path in _INCLUDED.findall(content)]
    order = [
        name for path in named for name in sql if path == name or path.endswith("/" + name) or name.endswith("/" + path)
    ]
    has_all = not named or any(b"includeAll" in content for content in logs)
    return [(name, sql[name]) for name in dict.fromkeys([*order, *(sql if has_all else ())])]
