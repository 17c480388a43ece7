"""The migration files of a folder, named as sqlx names them: `00008_add_loyalty_tier.up.sql` and its `.down.sql`."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

import pglast

NO_TRANSACTION = "-- no-transaction"
_NAME = re.compile(r"(?P<version>\d+)_(?P<words>.+?)\.(?:(?P<way>up|down)\.)?sql")


class SourceFault(Exception):
    """The folder cannot be run; the message says which file and why."""


@dataclass(frozen=True)
class SourceFile:
    """One file. `description` is the name's words, as sqlx writes them into its history."""

    path: Path
    version: int
    description: str
    is_down: bool
    content: bytes

    @property
    def checksum(self) -> bytes:
        """SHA-384 of the bytes on disk: what sqlx keeps in `_sqlx_migrations.checksum`."""
        return hashlib.sha384(self.content).digest()

    @property
    def text(self) -> str:
        return self.content.decode()

    @property
    def in_transaction(self) -> bool:
        """sqlx wraps a file in a transaction unless it starts with this very comment."""
        return not self.text.startswith(NO_TRANSACTION)


@dataclass(frozen=True)
class Statement:
    """One statement and the line of its first word, from 1."""

    text: str
    line: int


def read_folder(folder: Path) -> tuple[dict[int, SourceFile], dict[int, SourceFile]]:
    """The up files and the down files of a folder by version. Raises SourceFault where two files claim one version."""
    if not folder.is_dir():
        raise SourceFault(f"{folder} is no folder; --source names the folder with the migration files")
    ups: dict[int, SourceFile] = {}
    downs: dict[int, SourceFile] = {}
    for path in sorted(folder.glob("*.sql")):
        file = read_file(path)
        side = downs if file.is_down else ups
        if file.version in side:
            raise SourceFault(f"{path.name} and {side[file.version].path.name} have the same version; rename one")
        side[file.version] = file
    return dict(sorted(ups.items())), dict(sorted(downs.items()))


def read_file(path: Path) -> SourceFile:
    """One file of the folder. Raises SourceFault where the name is none of sqlx's, or the bytes are not UTF-8."""
    match = _NAME.fullmatch(path.name)
    if match is None:
        raise SourceFault(f"{path.name}: a migration is named VERSION_WORDS.up.sql; rename or remove the file")
    content = path.read_bytes()
    try:
        content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise SourceFault(f"{path.name}:{line}: not UTF-8; save the file as UTF-8") from None
    words = match["words"].replace("_", " ")
    return SourceFile(path, int(match["version"]), words, match["way"] == "down", content)


def split(file: SourceFile) -> list[Statement]:
    """The statements of a file, each with its line; a file that PostgreSQL's parser refuses comes back as one."""
    try:
        slices = pglast.split(file.text, only_slices=True)
    except pglast.parser.ParseError:
        return [Statement(file.text, 1)]
    return [Statement(file.text[part], file.text.count("\n", 0, part.start) + 1) for part in slices]
