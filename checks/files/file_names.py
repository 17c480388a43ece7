"""file-names: pending files say in their names what they do, in lower case, and a down file is named as its up file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from checks.base import Check, Finding, MigrationFile, Need, Result, counted
from checks.contexts import FilesContext
from checks.options import pattern_option
from checks.verdict import verdict

ID = "file-names"
# What tools put around the description: V1__x.sql, 0001_x.up.sql, R__x.sql, ae10_x.py.
_DESCRIPTION = re.compile(r"(?:[VU][0-9._]*__|R__|[0-9a-f]+_|[0-9]+)?(?P<words>.*?)(?:\.(?:up|down))?\.(?:sql|py|rb)")
_SNAKE = r"[a-z0-9]+(_[a-z0-9]+)*"
# Most file systems take 255 bytes, and people read about this much.
_LONGEST = 100


def run(context: FilesContext) -> Result:
    """Warns of each name that is off."""
    rule = pattern_option(context.options, ID, "description", _SNAKE)
    findings = [finding for file in context.pending for finding in _faults(file, rule)]
    findings += _unlike_downs(context)
    return verdict(findings, f"{counted(len(context.pending), 'file name')}, all lower case words")


def _faults(file: MigrationFile, rule: re.Pattern[str]) -> Iterator[Finding]:
    words = _words(file)
    if not words:
        yield _finding(file, f"{file.name} does not say what it does", "put a description after the number")
    elif not rule.fullmatch(words):
        usual = f"name it {_suggestion(words)}" if rule.pattern == _SNAKE else f"the rule is {rule.pattern}"
        yield _finding(file, f'"{words}" is not named by the rule', usual)
    if len(file.name.encode()) > _LONGEST:
        yield _finding(file, f"a name of {len(file.name.encode())} bytes", f"at most {_LONGEST}: shorten it")


def _unlike_downs(context: FilesContext) -> Iterator[Finding]:
    ups = {file.version: file for file in context.pending}
    for down in context.pending_downs:
        if down.version in ups and _words(down) != _words(ups[down.version]):
            yield _finding(down, f"is not named as its up file {ups[down.version].name}", "give both the same words")


def _words(file: MigrationFile) -> str:
    match = _DESCRIPTION.fullmatch(PurePosixPath(file.name).name)
    return match["words"] if match else file.name


def _suggestion(words: str) -> str:
    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", words)
    return re.sub(r"[^a-z0-9]+", "_", split.lower()).strip("_") or "what_it_does"


def _finding(file: MigrationFile, message: str, hint: str) -> Finding:
    return Finding(message, file.version, file.name, hint=hint)


CHECK = Check(
    id=ID,
    title="Migration files are named by one rule",
    needs=Need.FILES,
    run=run,
    decides="Passes when each pending file has a description of lower case words joined by `_`, a name of at most "
    '100 bytes, and a down file has the words of its up file. `[checks.file-names] description = "regex"` sets another '
    "rule.",
    cost="Reads names only.",
    fix="Rename the file before anybody applied it; afterwards the tool would take it for another one.",
)
