"""Migration files: read from a folder or from memory, put in the tool's order, cut to a range."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath

from checks.base import MigrationFile, MigrationSet, version_key
from checks.layouts import names as layouts
from checks.layouts import reading
from checks.layouts.dialects import DialectError
from checks.layouts.names import EXAMPLES, TOOLS, looks_like_migration
from checks.layouts.programs import Pair
from checks.masking import Mask
from checks.measures import MEGABYTE, size
from checks.result import counted

MAX_FILE_BYTES = 20 * MEGABYTE
MAX_TOTAL_BYTES = 200 * MEGABYTE
MAX_FILES = 20_000

_UNDECODABLE = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")


class MigrationsError(Exception):
    """Migration files that cannot be read; the message is a sentence for a person."""


def read_directory(directory: Path | str, tool: str = "auto") -> MigrationSet:
    """The migrations of a folder, in the order in which the tool applies them.

    Which tools look into subfolders: `layouts.may_be_read`. Raises MigrationsError.
    """
    root = Path(directory)
    if not root.is_dir():
        raise MigrationsError(f"{shown(str(directory))} is not a folder: set [migrations] directory to where they are")
    _known_tool(tool)
    names = [path.relative_to(root).as_posix() for path in _candidates(root)]
    chosen = tool if tool != "auto" else layouts.guess(names)
    pairs = _read_all(root, [name for name in names if layouts.may_be_read(name, chosen)])
    if tool == "auto":
        found = layouts.detect(pairs, _beside(root))
        rest = set(names) - {name for name, _ in pairs} if found and layouts.may_be_read("/", found) else ()
        pairs += _read_all(root, sorted(rest))
        tool = found or "auto"
    return read_pairs(pairs, tool)


def _beside(root: Path) -> set[str]:
    """Names of files around the folder, up to the root of its repository."""
    found: set[str] = set()
    for folder in (root.resolve(), *root.resolve().parents[:4]):
        found.update(name for name in ("Cargo.toml", "go.mod") if (folder / name).is_file())
        if found or (folder / ".git").exists():
            break
    return found


def read_pairs(pairs: Iterable[Pair], tool: str = "auto") -> MigrationSet:
    """The same from (name, bytes) pairs, such as the files of a git commit; a name may be a relative path.

    Raises MigrationsError: an unknown tool, a name with control characters, another tool's marks, no migration at all.
    """
    _known_tool(tool)
    given = list(pairs)
    for name, content in given:
        _refuse_hostile(name)
        _refuse_large(name, len(content))
    chosen = tool if tool != "auto" else _detect(given)
    near = [pair for pair in given if layouts.may_be_read(pair[0], chosen)]
    try:
        files = reading.read(near, chosen)
    except DialectError as fault:
        raise MigrationsError(str(fault)) from None
    if not files:
        raise MigrationsError(_none_found(given, chosen))
    taken = {PurePosixPath(file.name).name for file in files}
    names = [PurePosixPath(name).name for name, _ in near]
    ignored = tuple(sorted(name for name in names if name not in taken and looks_like_migration(name)))
    return MigrationSet(files, chosen, None, ignored)


def pending(migrations: MigrationSet, applied_versions: Iterable[str]) -> tuple[MigrationFile, ...]:
    """The up files whose version is not among the applied ones, in order."""
    applied = {version_key(version) for version in applied_versions}
    return tuple(file for file in migrations.ups if version_key(file.version) not in applied)


def select_range(migrations: MigrationSet, text: str) -> MigrationSet:
    """Only the files of a range, up and down: `00008-00010`, `8-10`, `00008`, `00008-`, `-00010`; also with – or `..`.

    `applied_through` is the version before the range. Raises MigrationsError for ends that no file has.
    """
    first, last = _range_ends(migrations, text)
    return _cut(migrations, first, first, last)


def cut_to_range(migrations: MigrationSet, text: str) -> MigrationSet:
    """All files up to the end of a range, with `applied_through` before its start: the set that checks are given."""
    first, last = _range_ends(migrations, text)
    return _cut(migrations, 0, first, last)


def _cut(migrations: MigrationSet, start: int, first: int, last: int) -> MigrationSet:
    """The files of versions `start` to `last`, applied up to the one before `first`."""
    versions = _versions(migrations)
    inside = {version_key(version) for version in versions[start : last + 1]}
    files = tuple(file for file in migrations.files if version_key(file.version) in inside)
    return replace(migrations, files=files, applied_through=versions[first - 1] if first else None)


def range_of(files: Sequence[MigrationFile]) -> str:
    """`00008–00010`, or `00008` for one version, or `` for none."""
    versions = [file.version for file in files if not file.is_down]
    if not versions:
        return ""
    return versions[0] if versions[0] == versions[-1] else f"{versions[0]}–{versions[-1]}"


_TO_A_TOOL = re.compile(
    r"[+@!]|-\*-|gonogo:|migrate:|no-transaction|atlas|changeset|rollback|liquibase|squawk|sqlfluff|disable-"
    r"|frozen_string_literal|coding[:=]|Copyright|SPDX",
    re.IGNORECASE,
)
_COMMENT = re.compile(r"^\s*(?:--+|#+|/\*+|\*+/?|\"\"\"|\'\'\')\s?(.*?)(?:\*+/|\"\"\"|\'\'\')?\s*$")
_AFFIXES = re.compile(r"^(?:[VUR]?[0-9.-]*|[0-9a-f]{8,40})_+|(?:\.(?:up|down))?\.\w+$")
_LONGEST_SAYING = 100


def what_it_says(file: MigrationFile) -> str:
    """What a file says of itself: the first sentence of its header comment, else the words of its name.

    At most 100 characters on one line. What speaks to a tool or a lawyer (`-- +goose Up`, a licence) is passed
    over, what looks like a secret is masked.
    """
    import textwrap

    words = " ".join(" ".join(_header(file)).split())
    sentence = re.split(r"(?<=[\w)])[.!?](?:\s|$)", words, maxsplit=1)[0]
    name = re.sub(r"[\W_]+", " ", _AFFIXES.sub("", file.given_name)).strip()
    return shown(textwrap.shorten(Mask()(sentence), _LONGEST_SAYING, placeholder="…")) or name or file.version


def _header(file: MigrationFile) -> Iterator[str]:
    """The lines of the first paragraph of comments, before any statement."""
    said = False
    for line in file.text.splitlines():
        comment = _COMMENT.match(line)
        words = comment[1].strip() if comment else ""
        if words and not _TO_A_TOOL.match(words):
            said = True
            yield words
        elif said or (line.strip() and not comment):
            return


def fingerprint(files: Iterable[MigrationFile]) -> str:
    """sha-256 of lines `version TAB name TAB sha256 LF` in the given order, down files included."""
    lines = "".join(f"{file.version}\t{file.name}\t{file.sha256}\n" for file in files)
    return hashlib.sha256(lines.encode()).hexdigest()


def _candidates(root: Path) -> list[Path]:
    """Regular-looking files below the folder, nearest first; hidden ones and caches stay out."""
    found: list[Path] = []
    for folder, subfolders, names in os.walk(root):
        subfolders[:] = sorted(subfolder for subfolder in subfolders if not _is_aside(subfolder))
        found.extend(Path(folder) / name for name in sorted(names) if is_candidate(name))
        if len(found) > MAX_FILES:
            raise MigrationsError(f"more than {MAX_FILES} files below {shown(str(root))}: name the migrations folder")
    return found


def is_candidate(name: str) -> bool:
    """Whether a file of that relative name could be a migration of some tool, or says something of them."""
    return layouts.is_candidate(name) and not any(_is_aside(part) for part in name.split("/"))


def _is_aside(name: str) -> bool:
    """Hidden files and folders, and caches."""
    return name.startswith((".", "__")) or name == "node_modules"


def _read_all(root: Path, names: Sequence[str]) -> list[Pair]:
    inside = root.resolve()
    pairs: list[Pair] = []
    total = 0
    for name in names:
        _refuse_hostile(name)
        content = _read_bounded(root / name, inside, name)
        total += len(content)
        if total > MAX_TOTAL_BYTES:
            raise MigrationsError(f"the migrations are more than {size(MAX_TOTAL_BYTES)}; gonogo reads no more")
        pairs.append((name, content))
    return pairs


def _read_bounded(path: Path, inside: Path, name: str) -> bytes:
    try:
        # Folders are no links, since os.walk enters none; resolving a thousand plain files would take longer than lint.
        real = path.resolve(strict=True) if path.is_symlink() else path
        if real is not path and not real.is_relative_to(inside):
            raise MigrationsError(f"{shown(name)} is a link that leads out of the folder: put the file itself there")
        status = real.stat()
        if not stat.S_ISREG(status.st_mode):
            raise MigrationsError(f"{shown(name)} is not a regular file: remove it from the migrations folder")
        _refuse_large(name, status.st_size)
        with real.open("rb") as file:
            return file.read(MAX_FILE_BYTES)
    except (OSError, RuntimeError) as fault:
        reason = fault.strerror if isinstance(fault, OSError) and fault.strerror else "a link that leads nowhere"
        raise MigrationsError(f"{shown(name)} cannot be read: {reason}") from None


def _refuse_large(name: str, length: int) -> None:
    if length > MAX_FILE_BYTES:
        limit = size(MAX_FILE_BYTES)
        raise MigrationsError(
            f"{shown(name)} has {size(length)}; gonogo reads migration files of up to {limit}:"
            " load bulk data outside of migrations"
        )


def _refuse_hostile(name: str) -> None:
    parts = PurePosixPath(name)
    if _UNDECODABLE.search(name):
        raise MigrationsError(f"the file name {shown(name)} has control or undecodable characters: rename the file")
    if parts.is_absolute() or ".." in parts.parts or not parts.name:
        raise MigrationsError(f"the file name {shown(name)} leads out of the folder: rename the file")


def _detect(pairs: Sequence[Pair]) -> str:
    chosen = layouts.detect(pairs)
    if chosen is None:
        raise MigrationsError(_none_found(pairs, None))
    return chosen


def _none_found(pairs: Sequence[Pair], tool: str | None) -> str:
    names = [name for name, _ in pairs]
    looked = f"{len(names)} files, none" if names else "no file"
    below = [name for name in names if "/" in name and looks_like_migration(name)]
    if below and tool not in ("alembic", "django"):
        told = (
            f"no migrations: {counted(len(below), 'file')} in subfolders ({shown(below[0])} …), where {tool or 'none'}"
        )
        return f"{told} looks for none: name the folder that holds them, or give --tool psql for all, by their paths"
    other = layouts.detect(pairs) if tool else None
    if tool is None:
        known = ", ".join(dict.fromkeys(EXAMPLES.values()))
        return (
            f"no migrations: {looked} named like a migration ({known}); for any SQL in the order of names --tool psql"
        )
    mend = f"they look like {other}: --tool {other}" if other else "check [migrations] directory and tool"
    return f"no migrations: {looked} named as {tool} does ({EXAMPLES[tool]}); {mend}"


def _range_ends(migrations: MigrationSet, text: str) -> tuple[int, int]:
    versions = _versions(migrations)
    head, tail = _two_ends(versions, text.strip())
    first = _position(versions, head, 0, text)
    last = _position(versions, tail, len(versions) - 1, text)
    if first > last:
        raise MigrationsError(f"the range {shown(text)} ends before it starts")
    return first, last


def _two_ends(versions: Sequence[str], text: str) -> tuple[str, str]:
    """What stands before and after the dash; a version may have dashes itself, so the ends that are there win."""
    known = {"", *versions}
    halves = [(text[: dash.start()].strip(), text[dash.end() :].strip()) for dash in _DASH.finditer(text)]
    there = [half for half in halves if known.issuperset(half)]
    return (text, text) if text in versions or not halves else (there or halves)[0]


def _position(versions: Sequence[str], wanted: str, default: int, text: str) -> int:
    if not wanted:
        return default
    for number, version in enumerate(versions):
        if version_key(version) == version_key(wanted):
            return number
    there = f"{versions[0]} to {versions[-1]}" if versions else "none"
    raise MigrationsError(f"no migration has version {shown(wanted)} of the range {shown(text)}; there are {there}")


_DASH = re.compile(r"\.\.|[–—-]")


def _versions(migrations: MigrationSet) -> list[str]:
    return list(dict.fromkeys(file.version for file in migrations.ups))


def _known_tool(tool: str) -> None:
    if tool != "auto" and tool not in TOOLS:
        raise MigrationsError(f"{shown(tool)} is no migration tool that gonogo knows: auto, {', '.join(TOOLS)}")


def shown(text: str) -> str:
    """A foreign name on one line, cut, with whatever is unprintable escaped."""
    return ascii(text)[1:-1][:120] if not text.isprintable() else text[:120]
