"""One run of squawk over files: its reports, by file and line."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
import sysconfig
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from checks.base import CannotRun, MigrationFile
from checks.measures import duration
from checks.sql.statements import Statement

# Files of squawk lie in memory where the system has such a place: on a slow disk they take longer than squawk itself.
_IN_MEMORY = Path("/dev/shm")
_SECONDS = 90.0
_NULL = subprocess.DEVNULL
_IGNORED = re.compile(rb"--[ \t]*squawk-ignore(?P<file>-file)?[ \t]+(?P<rules>[\w\-, \t]+)")


@dataclass(frozen=True)
class Report:
    """One finding of squawk; `line` counts from 1, `column` bytes from 0."""

    file: MigrationFile
    line: int
    column: int
    rule: str
    message: str
    help: str


@contextlib.contextmanager
def running(
    files: Sequence[MigrationFile], excluded: Sequence[str], pg_version: str
) -> Iterator[Callable[[], tuple[Report, ...]]]:
    """Starts squawk over the files, without the excluded rules. Raises CannotRun where it is not installed.

    The caller can parse meanwhile: what it is given waits for the reports.
    The files are written to a private folder under names of our own, so that neither a hostile name nor a
    `.squawk.toml` of some parent folder has a say; `-- squawk-ignore RULE` works as in squawk. Source of the options:
    squawk 2.70, `squawk --help`.
    """
    settings = ["--reporter", "json", "--assume-in-transaction", "--pg-version", pg_version]
    command = [_binary(), *settings, *(f"--exclude={rule}" for rule in excluded)]
    with _folder(files) as (folder, named), tempfile.TemporaryFile() as output:
        process = subprocess.Popen([*command, *named], cwd=folder, stdout=output, stdin=_NULL, stderr=_NULL)
        try:
            yield lambda: _reports(process, output, named)
        finally:
            process.kill()
            process.wait()


@contextlib.contextmanager
def _folder(files: Sequence[MigrationFile]) -> Iterator[tuple[Path, Mapping[str, MigrationFile]]]:
    named = {f"{number}.sql": file for number, file in enumerate(files)}
    for parent in (_IN_MEMORY, None):
        with contextlib.ExitStack() as stack:
            try:
                place = tempfile.TemporaryDirectory(prefix="gonogo-squawk-", dir=parent, ignore_cleanup_errors=True)
                folder = stack.enter_context(place)
                for name, file in named.items():
                    # open() on a text: making a thousand Paths costs more than writing the files.
                    with open(f"{folder}/{name}", "wb") as copy:  # noqa: PTH123
                        copy.write(file.content)
            except OSError:
                continue
            yield Path(folder), named
            return
    sentence = "there is no room for a copy of the files in the temporary folder"
    raise CannotRun(sentence, f"df -h {tempfile.gettempdir()}")


def _binary() -> str:
    places = os.pathsep.join((sysconfig.get_path("scripts"), os.environ.get("PATH", "")))
    found = shutil.which("squawk", path=places)
    if found is None:
        raise CannotRun("squawk is not installed", "pip install squawk-cli")
    return found


def _reports(
    process: subprocess.Popen[bytes], output: IO[bytes], files: Mapping[str, MigrationFile]
) -> tuple[Report, ...]:
    """Raises CannotRun when it does not end in time or says something else than JSON."""
    try:
        process.wait(_SECONDS)
    except subprocess.TimeoutExpired:
        raise CannotRun(f"squawk did not end within {duration(_SECONDS)}", "squawk --version") from None
    output.seek(0)
    try:
        return tuple(_report(entry, files) for entry in json.loads(output.read() or b"[]"))
    except (ValueError, KeyError, TypeError):
        sentence = f"squawk ended with {process.returncode} and no report"
        raise CannotRun(sentence, "squawk --version; pip install --force-reinstall squawk-cli") from None


def _report(entry: Mapping[str, object], files: Mapping[str, MigrationFile]) -> Report:
    file = files[Path(str(entry["file"])).name]
    line = int(str(entry["line"])) + 1
    return Report(
        file, line, int(str(entry["column"])), str(entry["rule_name"]), str(entry["message"]), str(entry["help"] or "")
    )


def is_ignored(statement: Statement, rule: str) -> bool:
    """By `-- squawk-ignore RULE` above the statement, or `-- squawk-ignore-file RULE`, as squawk does it."""
    if b"squawk-ignore" not in statement.file.content:
        return False
    above = statement.file.content[: statement.offset].rpartition(b";")[2]
    for mark in _IGNORED.finditer(statement.file.content):
        if rule.encode() in re.split(rb"[,\s]+", mark["rules"]) and (mark["file"] or mark[0] in above):
            return True
    return False
