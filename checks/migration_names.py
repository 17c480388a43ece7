"""How each migration tool names its files: which are migrations, of what version, up or down.

Sources: sqlx-core `migrate/source.rs`, golang-migrate `source/parse.go`, Flyway "Migrations" manual,
Rails guide "Active Record Migrations". Alembic and Django files are told by their text: `migration_scripts`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

SQL_TOOLS = ("sqlx", "golang-migrate", "flyway")
SCRIPT_TOOLS = ("alembic", "django", "rails")
TOOLS = SQL_TOOLS + SCRIPT_TOOLS

EXAMPLES = {
    "sqlx": "00001_create_users.sql",
    "golang-migrate": "1_create_users.up.sql",
    "flyway": "V1__create_users.sql",
    "alembic": "ae1027a6acf_create_users.py",
    "django": "0001_initial.py",
    "rails": "20261122140000_create_users.rb",
}

_SQLX = re.compile(r"(?P<version>[0-9]+)_.*?(?P<down>\.down)?\.sql", re.DOTALL)
_GOLANG = re.compile(r"(?P<version>[0-9]+)_.*\.(?:up|(?P<down>down))\.sql", re.DOTALL)
_FLYWAY = re.compile(r"(?:V|(?P<down>U))(?P<version>[0-9]+(?:[._][0-9]+)*)__.*\.sql", re.DOTALL)
_FLYWAY_REPEATABLE = re.compile(r"R__(?P<description>.+)\.sql", re.DOTALL)
_RAILS = re.compile(r"(?P<version>[0-9]+)_.*\.rb", re.DOTALL)
_PATTERNS = {"sqlx": _SQLX, "golang-migrate": _GOLANG, "flyway": _FLYWAY, "rails": _RAILS}

# `migrate create -seq` pads to six digits, sqlx writes 14-digit times; other widths with a leading zero are habit.
_GOLANG_SEQUENCE_WIDTH = 6
_TIMESTAMP_WIDTH = 14


@dataclass(frozen=True)
class ParsedName:
    """What a file name says; `version` as written, `R__…` for a repeatable of Flyway."""

    version: str
    is_down: bool


def parse_name(name: str, tool: str) -> ParsedName | None:
    """Version and direction of a file name in the tool's own rule; None when the tool would not take the file."""
    if tool == "flyway" and (repeatable := _FLYWAY_REPEATABLE.fullmatch(name)):
        return ParsedName("R__" + repeatable["description"], is_down=False)
    match = _PATTERNS[tool].fullmatch(name)
    if match is None:
        return None
    return ParsedName(match["version"], is_down=bool(match.groupdict().get("down")))


def detect_by_names(names: Sequence[str]) -> str | None:
    """The tool that file names speak of; None where they do not tell (Python files)."""
    if any(_FLYWAY.fullmatch(name) or _FLYWAY_REPEATABLE.fullmatch(name) for name in names):
        return "flyway"
    if any(_SQLX.fullmatch(name) for name in names):
        return "golang-migrate" if _looks_like_golang(names) else "sqlx"
    if any(_RAILS.fullmatch(name) for name in names):
        return "rails"
    return None


def _looks_like_golang(names: Iterable[str]) -> bool:
    numbered = [name for name in names if _SQLX.fullmatch(name)]
    pairs = [match for name in numbered if (match := _GOLANG.fullmatch(name))]
    if len(pairs) < len(numbered):
        return False
    versions = [match["version"] for match in pairs]
    return all(_golang_width(version) for version in versions)


def _golang_width(version: str) -> bool:
    if version.startswith("0"):
        return len(version) == _GOLANG_SEQUENCE_WIDTH
    return len(version) < _TIMESTAMP_WIDTH


def looks_like_migration(name: str) -> bool:
    """Whether a person would take a file for a migration: SQL, or a numbered script."""
    return name.endswith(".sql") or bool(re.match(r"[0-9]+_.*\.(rb|py)$", name))
