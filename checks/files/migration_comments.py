"""migration-comments: each pending file says at its top what it is for."""

from __future__ import annotations

import re
from collections.abc import Iterator

from checks.base import Check, Finding, MigrationFile, Need, Result, counted
from checks.contexts import FilesContext
from checks.verdict import verdict

_LEADING = re.compile(r"\s*(?:--[^\n]*\n?|/\*.*?\*/|\s+)*", re.DOTALL)
# Words to programs: sqlx, squawk, gonogo, Flyway and golang-migrate headers.
_DIRECTIVE = re.compile(r"^\s*--\s*(?:no-transaction|squawk-ignore|gonogo:|flyway:|migrate:|\+).*$", re.MULTILINE)
_FEWEST_LETTERS = 10


def run(context: FilesContext) -> Result:
    """Warns of each file that begins with a statement."""
    context.require_sql()
    findings = [finding for file in context.pending for finding in _faults(file)]
    return verdict(findings, f"{counted(len(context.pending), 'file')}, each says at its top what it does")


def _faults(file: MigrationFile) -> Iterator[Finding]:
    head = _LEADING.match(file.text[:20_000])
    said = _DIRECTIVE.sub("", head.group() if head else "")
    if sum(1 for char in said if char.isalpha()) < _FEWEST_LETTERS:
        hint = "-- What changes, why, and what whoever runs it should know."
        yield Finding("does not say what it is for", file.version, file.name, 1, hint)


CHECK = Check(
    id="migration-comments",
    title="Each file says what it is for",
    needs=Need.FILES,
    run=run,
    decides="Passes when each pending up file begins with a comment of more than a word or two; lines that are meant "
    "for programs, such as `-- no-transaction`, do not count.",
    cost="Milliseconds; nothing is connected to.",
    fix="Write a sentence at the top: what changes, why, and what to look out for while it runs.",
)
