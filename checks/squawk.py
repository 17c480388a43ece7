"""Runs squawk once over many files and gives back what it reports. Source: squawk 2.70, `squawk --help`.

The files are written to a private folder under names of our own, so that neither a hostile name nor a `.squawk.toml`
of some parent folder has a say; in memory where the system has such a place, since a thousand small files on a slow
disk take longer than squawk itself.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sysconfig
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from checks.base import CannotRun, MigrationFile
from checks.measures import duration

_IN_MEMORY = Path("/dev/shm")
_SECONDS = 90.0
_NULL = subprocess.DEVNULL


@dataclass(frozen=True)
class Report:
    """One finding of squawk; `line` counts from 1."""

    file: MigrationFile
    line: int
    rule: str
    message: str
    help: str


class Running:
    """squawk at work, so that the caller can parse meanwhile; `reports` waits for it."""

    def __init__(self, process: subprocess.Popen[bytes], output: IO[bytes], files: Mapping[str, MigrationFile]) -> None:
        self._process = process
        self._output = output
        self._files = files

    def reports(self) -> tuple[Report, ...]:
        """Raises CannotRun when it does not end in time or says something else than JSON."""
        try:
            self._process.wait(_SECONDS)
        except subprocess.TimeoutExpired:
            raise CannotRun(f"squawk did not end within {duration(_SECONDS)}", "squawk --version") from None
        self._output.seek(0)
        try:
            return tuple(_report(entry, self._files) for entry in json.loads(self._output.read() or b"[]"))
        except (ValueError, KeyError, TypeError):
            sentence = f"squawk ended with {self._process.returncode} and no report"
            raise CannotRun(sentence, "squawk --version; pip install --force-reinstall squawk-cli") from None


@contextlib.contextmanager
def running(files: Sequence[MigrationFile], excluded: Sequence[str], pg_version: str) -> Iterator[Running]:
    """Starts squawk over the files, without the excluded rules. Raises CannotRun where it is not installed."""
    binary = _binary()
    with _folder(files) as (folder, named), tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            _command(binary, excluded, pg_version, tuple(named)), cwd=folder, stdout=output, stdin=_NULL, stderr=_NULL
        )
        try:
            yield Running(process, output, named)
        finally:
            process.kill()
            process.wait()


def _command(binary: str, excluded: Sequence[str], pg_version: str, names: Sequence[str]) -> list[str]:
    settings = ["--reporter", "json", "--assume-in-transaction", "--pg-version", pg_version]
    return [binary, *settings, *(f"--exclude={rule}" for rule in excluded), *names]


@contextlib.contextmanager
def _folder(files: Sequence[MigrationFile]) -> Iterator[tuple[Path, Mapping[str, MigrationFile]]]:
    named = {f"{number}.sql": file for number, file in enumerate(files)}
    for parent in (_IN_MEMORY, None):
        folder = _new_folder(parent)
        if folder is None:
            continue
        try:
            if _written(folder, named):
                yield folder, named
                return
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    raise CannotRun(
        "there is no room for a copy of the files in the temporary folder", f"df -h {tempfile.gettempdir()}"
    )


def _new_folder(parent: Path | None) -> Path | None:
    try:
        return Path(tempfile.mkdtemp(prefix="gonogo-squawk-", dir=parent))
    except OSError:
        return None


def _written(folder: Path, named: Mapping[str, MigrationFile]) -> bool:
    try:
        for name, file in named.items():
            # open() on a text: making a thousand Paths costs more than writing the files.
            with open(f"{folder}/{name}", "wb") as copy:  # noqa: PTH123
                copy.write(file.content)
    except OSError:
        return False
    return True


def _binary() -> str:
    places = os.pathsep.join((sysconfig.get_path("scripts"), os.environ.get("PATH", "")))
    found = shutil.which("squawk", path=places)
    if found is None:
        raise CannotRun("squawk is not installed", "pip install squawk-cli")
    return found


def _report(entry: Mapping[str, object], files: Mapping[str, MigrationFile]) -> Report:
    file = files[Path(str(entry["file"])).name]
    line = int(str(entry["line"])) + 1
    return Report(file, line, str(entry["rule_name"]), str(entry["message"]), str(entry["help"] or ""))
