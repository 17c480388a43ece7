"""What migration tools call their files, and which tool files are of: by paths, and by marks in the text."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence

from checks.layouts import programs
from checks.layouts.dialects import mark_in
from checks.layouts.programs import Pair

# Sources: sqlx-core `migrate/source.rs`, golang-migrate `source/parse.go`, Flyway "Migrations" manual, Rails guide
# "Active Record Migrations", goose and dbmate READMEs, diesel `file_based_migrations.rs`, Prisma "About the migration
# history", Liquibase "Formatted SQL changelogs". Alembic and Django files are told by their text.
EXAMPLES = {
    "sqlx": "00001_create_users.sql",
    "golang-migrate": "1_create_users.up.sql",
    "flyway": "V1__create_users.sql",
    "alembic": "ae1027a6acf_create_users.py",
    "django": "0001_initial.py",
    "rails": "20261122140000_create_users.rb",
    "goose": "00001_create_users.sql with -- +goose Up",
    "dbmate": "20261122140000_create_users.sql with -- migrate:up",
    "diesel": "2026-11-22-140000_create_users/up.sql",
    "prisma": "20261122140000_create_users/migration.sql",
    "liquibase": "create_users.sql with --liquibase formatted sql",
    "psql": "create_users.sql",
}
TOOLS = tuple(EXAMPLES)
METADATA, LOCK = "metadata.toml", "migration_lock.toml"

_SQLX = re.compile(r"(?P<version>[0-9]+)_.*?(?P<down>\.down)?\.sql", re.DOTALL)
_GOLANG = re.compile(r"(?P<version>[0-9]+)_.*\.(?:up|(?P<down>down))\.sql", re.DOTALL)
_FLYWAY = re.compile(r"(?:V|(?P<down>U))(?P<version>[0-9]+(?:[._][0-9]+)*)__.*\.sql", re.DOTALL)
FLYWAY_REPEATABLE = re.compile(r"R__(?P<description>.+)\.sql", re.DOTALL)
_RAILS = re.compile(r"(?P<version>[0-9]+)_.*\.rb", re.DOTALL)
_NUMBERED = re.compile(r"(?P<version>[0-9]+)_.*\.sql", re.DOTALL)
_DIESEL = re.compile(r"(?P<version>[^/_]+)[^/]*/(?:up|(?P<down>down))\.sql", re.DOTALL)
_PRISMA = re.compile(r"(?P<version>[^/_]+)[^/]*/migration\.sql", re.DOTALL)
_ANY_SQL = re.compile(r"(?P<version>.+?)(?:\.up|(?P<down>\.down))?\.sql", re.DOTALL)
PATTERNS = {
    "sqlx": _SQLX,
    "golang-migrate": _GOLANG,
    "flyway": _FLYWAY,
    "rails": _RAILS,
    "goose": _NUMBERED,
    "dbmate": _NUMBERED,
    "diesel": _DIESEL,
    "prisma": _PRISMA,
    "liquibase": re.compile(r"(?P<version>.+)\.sql", re.DOTALL),
    "psql": _ANY_SQL,
}
BY_PATH = ("diesel", "prisma", "liquibase", "psql")
_NESTED = (*BY_PATH, "flyway", "alembic", "django")
CHANGELOG = re.compile(r"(?i)[^/]*changelog[^/]*\.(?:xml|ya?ml|json)")

# `migrate create -seq` pads to six digits; both tools write 14-digit times; other widths with a leading zero are habit.
_GOLANG_SEQUENCE_WIDTH = 6
_OWN_TRANSACTION = re.compile(rb"^\s*(?:BEGIN|START\s+TRANSACTION)\s*;", re.IGNORECASE | re.MULTILINE)


def is_candidate(name: str) -> bool:
    """Whether a file of that name has something to say of migrations of some tool."""
    last = last_of(name)
    return last.endswith((".sql", ".py", ".rb")) or last in (METADATA, LOCK) or bool(CHANGELOG.fullmatch(last))


def may_be_read(name: str, tool: str | None) -> bool:
    """Whether the tool looks there: sqlx, golang-migrate, Rails, goose and dbmate look into no subfolder."""
    return tool is None or tool in _NESTED or "/" not in name


def guess(names: Sequence[str]) -> str | None:
    """The tool that paths alone speak of; None where they do not tell. See `detect`."""
    lasts = [last_of(name) for name in names]
    if any(_DIESEL.fullmatch(name) and name[0].isdigit() for name in names):
        return "diesel"
    if any(_PRISMA.fullmatch(name) for name in names):
        return "prisma"
    if any(_FLYWAY.fullmatch(last) or FLYWAY_REPEATABLE.fullmatch(last) for last in lasts):
        return "flyway"
    top = [name for name in names if "/" not in name]
    if any(_SQLX.fullmatch(name) for name in top):
        return "golang-migrate" if _looks_like_golang(top) else "sqlx"
    return "rails" if any(_RAILS.fullmatch(name) for name in top) else None


def _looks_like_golang(names: Iterable[str]) -> bool:
    """Whether all are pairs, with the numbers that `migrate create` writes."""
    numbered = [name for name in names if _SQLX.fullmatch(name)]
    pairs = [match for name in numbered if (match := _GOLANG.fullmatch(name))]
    return len(pairs) == len(numbered) and all(_golang_width(match["version"]) for match in pairs)


def _golang_width(version: str) -> bool:
    return not version.startswith("0") or len(version) == _GOLANG_SEQUENCE_WIDTH


def detect(pairs: Sequence[Pair], beside: Collection[str] = ()) -> str | None:
    """The tool by paths and by marks in the text; None where nothing tells.

    Reversible sqlx files are named as those of golang-migrate: `-- no-transaction` and a Cargo.toml speak for the one,
    BEGIN of their own and a go.mod for the other. `beside` are names of files around the folder.
    """
    chosen = guess([name for name, _ in pairs])
    if chosen in ("diesel", "prisma"):
        return chosen
    if dialect := _by_marks(pair for pair in pairs if may_be_read(pair[0], chosen)):
        return dialect
    numbered = {name: content for name, content in pairs if _SQLX.fullmatch(name) and "/" not in name}
    if chosen in ("sqlx", "golang-migrate") and all(map(_GOLANG.fullmatch, numbered)):
        return _of_pairs(numbered.values(), beside) or chosen
    if chosen is None and any(CHANGELOG.fullmatch(last_of(name)) for name, _ in pairs):
        return "liquibase"
    return chosen or programs.detect(pairs)


def _of_pairs(contents: Collection[bytes], beside: Collection[str]) -> str:
    if any(content.startswith(b"-- no-transaction") for content in contents):
        return "sqlx"
    if any(_OWN_TRANSACTION.search(content) for content in contents):
        return "golang-migrate"
    signs = {"Cargo.toml": "sqlx", "go.mod": "golang-migrate"}
    found = [tool for name, tool in signs.items() if name in beside]
    return found[0] if len(found) == 1 else ""


def _by_marks(pairs: Iterable[Pair]) -> str | None:
    """The dialect that at least half of the SQL files are written in."""
    marks = [mark_in(content) for name, content in pairs if name.endswith(".sql")]
    tools = [mark.tool for mark in marks if mark]
    most = max(sorted(set(tools)), key=tools.count, default=None)
    return most if 2 * len(tools) >= len(marks) else None


def last_of(path: str) -> str:
    """The file's own name."""
    return path.rpartition("/")[2]


def folder_of(path: str) -> str:
    """The path of its folder; "" at the top."""
    return path.rpartition("/")[0]


def looks_like_migration(name: str) -> bool:
    """Whether a person would take a file for a migration: SQL, or a numbered script."""
    return name.endswith(".sql") or bool(re.match(r"[0-9]+_.*\.(rb|py)$", name))


_PART_OF_DOWN = {"goose": "`-- +goose Down`", "dbmate": "`-- migrate:down`", "liquibase": "`--rollback`"}


def name_of_down(name: str, tool: str) -> str:
    """What the way back of an up file is called: a file, or a part of the same."""
    if tool in _PART_OF_DOWN:
        return f"its {_PART_OF_DOWN[tool]}"
    if tool == "flyway":
        return "U" + name.removeprefix("V")
    if tool == "diesel":
        return name.removesuffix("up.sql") + "down.sql"
    return name.removesuffix(".sql").removesuffix(".up") + ".down.sql"
