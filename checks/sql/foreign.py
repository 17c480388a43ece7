"""Files that were never meant to be SQL of PostgreSQL as they stand: templates, and those of other databases.

Told by the line at which the parser stopped: elsewhere a backtick or `{{` may be part of a comment or a value.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

from checks.base import MigrationFile
from checks.sql.statements import check_syntax

_RENDER = "render them first, and name the folder of what is rendered"
_OTHER = "gonogo checks PostgreSQL alone: name the folder of its files"
_SIGNS = [
    (what, mend, re.compile(pattern, re.IGNORECASE))
    for what, mend, pattern in (
        ("templates (Jinja)", _RENDER, r"\{[{%#][^}]*\}*"),
        ("templates (ERB)", _RENDER, r"<%[^>]*>?"),
        ("templates (placeholders)", _RENDER, r"\$\{[\w.:-]+\}"),
        ("for MySQL", _OTHER, r"\bENGINE\s*=\s*\w+|\bAUTO_INCREMENT\b|^\s*DELIMITER\s.*|`\w+`|\bUNSIGNED\b"),
        ("for SQL Server", _OTHER, r"^\s*GO\s*$|\[\w+\]\s*[.(]|\bIDENTITY\s*\(\d+\s*,\s*\d+\)"),
        ("for SQLite", _OTHER, r"\bAUTOINCREMENT\b|^\s*PRAGMA\s.*"),
    )
]


@dataclass(frozen=True)
class Foreign:
    """What a file is instead, in words; what to do; the line and the words that tell."""

    file: MigrationFile
    what: str
    mend: str
    line: int
    sign: str


def foreign(files: Iterable[MigrationFile]) -> tuple[Foreign, ...]:
    """Those that do not parse because they are something else; those that are only wrong are left out."""
    faults = ((file, fault.line) for file in files if (fault := check_syntax(file)) is not None)
    return tuple(one for file, line in faults if (one := _told_by(file, line)))


def _told_by(file: MigrationFile, line: int) -> Foreign | None:
    text = next(iter(file.text.splitlines()[line - 1 : line]), "")
    for what, mend, sign in _SIGNS:
        if found := sign.search(text):
            return Foreign(file, what, mend, line, found.group().strip()[:40])
    return None


def in_a_sentence(found: Iterable[Foreign]) -> tuple[str, str]:
    """`7 files are templates (Jinja): 00003_x.sql:4 has {{ schema }}; …` and what to do, of all of one kind at once."""
    by_kind = sorted(found, key=attrgetter("what"))
    kinds = [(what, list(same)) for what, same in groupby(by_kind, attrgetter("what"))]
    return "; ".join(_told(what, same) for what, same in kinds), by_kind[0].mend if by_kind else ""


def _told(what: str, same: Sequence[Foreign]) -> str:
    files = {one.file.name: one for one in reversed(same)}
    names = sorted(files)
    many = "1 file is" if len(names) == 1 else f"{len(names)} files are"
    kind = what.replace("templates", "a template") if len(names) == 1 else what
    first = files[names[0]]
    more = f", {', '.join(names[1:3])}{' …' if len(names) > 3 else ''}" if len(names) > 1 else ""
    return f"{many} {kind}: {first.file.name}:{first.line} has {first.sign}{more}"
