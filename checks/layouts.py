"""How each migration tool lays out its files: names, versions, up and down; Alembic's and Django's programs too."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from checks.base import MigrationFile, version_key

Pair = tuple[str, bytes]

# Sources: sqlx-core `migrate/source.rs`, golang-migrate `source/parse.go`, Flyway "Migrations" manual,
# Rails guide "Active Record Migrations". Alembic and Django files are told by their text.
EXAMPLES = {
    "sqlx": "00001_create_users.sql",
    "golang-migrate": "1_create_users.up.sql",
    "flyway": "V1__create_users.sql",
    "alembic": "ae1027a6acf_create_users.py",
    "django": "0001_initial.py",
    "rails": "20261122140000_create_users.rb",
}
TOOLS = tuple(EXAMPLES)

_SQLX = re.compile(r"(?P<version>[0-9]+)_.*?(?P<down>\.down)?\.sql", re.DOTALL)
_GOLANG = re.compile(r"(?P<version>[0-9]+)_.*\.(?:up|(?P<down>down))\.sql", re.DOTALL)
_FLYWAY = re.compile(r"(?:V|(?P<down>U))(?P<version>[0-9]+(?:[._][0-9]+)*)__.*\.sql", re.DOTALL)
_FLYWAY_REPEATABLE = re.compile(r"R__(?P<description>.+)\.sql", re.DOTALL)
_RAILS = re.compile(r"(?P<version>[0-9]+)_.*\.rb", re.DOTALL)
_PATTERNS = {"sqlx": _SQLX, "golang-migrate": _GOLANG, "flyway": _FLYWAY, "rails": _RAILS}

# `migrate create -seq` pads to six digits, sqlx writes 14-digit times; other widths with a leading zero are habit.
_GOLANG_SEQUENCE_WIDTH = 6
_TIMESTAMP_WIDTH = 14


def read_named(pairs: Iterable[Pair], tool: str) -> tuple[MigrationFile, ...]:
    """Files whose names the tool takes, by version; `R__…` is the version of a repeatable of Flyway."""
    files = [file for path, content in pairs if (file := _named(PurePosixPath(path).name, content, tool))]
    return tuple(sorted(files, key=lambda file: (version_key(file.version), file.is_down, file.name)))


def _named(name: str, content: bytes, tool: str) -> MigrationFile | None:
    if tool == "flyway" and (repeatable := _FLYWAY_REPEATABLE.fullmatch(name)):
        return MigrationFile("R__" + repeatable["description"], name, content)
    match = _PATTERNS[tool].fullmatch(name)
    return MigrationFile(match["version"], name, content, bool(match.groupdict().get("down"))) if match else None


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
    return all(_golang_width(match["version"]) for match in pairs)


def _golang_width(version: str) -> bool:
    if version.startswith("0"):
        return len(version) == _GOLANG_SEQUENCE_WIDTH
    return len(version) < _TIMESTAMP_WIDTH


def looks_like_migration(name: str) -> bool:
    """Whether a person would take a file for a migration: SQL, or a numbered script."""
    return name.endswith(".sql") or bool(re.match(r"[0-9]+_.*\.(rb|py)$", name))


@dataclass(frozen=True)
class _Revision:
    file: MigrationFile
    down: tuple[str, ...]


def detect_by_text(pairs: Iterable[Pair]) -> str | None:
    """`alembic` or `django`, told by what the Python files assign; None for neither."""
    for name, content in pairs:
        if not name.endswith(".py"):
            continue
        if "revision" in _assignments(content):
            return "alembic"
        if _is_django(content):
            return "django"
    return None


def read_alembic(pairs: Iterable[Pair]) -> tuple[MigrationFile, ...]:
    """Revisions from base to heads; `version` is the revision id."""
    revisions = [found for name, content in pairs if (found := _revision(name, content))]
    return tuple(revision.file for revision in _in_order(revisions))


def parents(file: MigrationFile) -> tuple[str, ...]:
    """The revisions that an Alembic revision comes after: its `down_revision`."""
    found = _revision(file.name, file.content)
    return found.down if found else ()


def read_django(pairs: Iterable[Pair]) -> tuple[MigrationFile, ...]:
    """Migrations by app, then number; `version` is `app.name` where the folder names the app, else `name`."""
    files = [
        MigrationFile(_django_version(name), PurePosixPath(name).name, content)
        for name, content in pairs
        if name.endswith(".py") and _is_django(content)
    ]
    return tuple(sorted(files, key=lambda file: (file.version.rpartition(".")[0], file.name)))


def _revision(name: str, content: bytes) -> _Revision | None:
    found = _assignments(content)
    revision = found.get("revision")
    if not isinstance(revision, str):
        return None
    down = found.get("down_revision")
    parents = (down,) if isinstance(down, str) else tuple(down) if isinstance(down, (tuple, list)) else ()
    return _Revision(MigrationFile(revision, PurePosixPath(name).name, content), parents)


def _in_order(revisions: Sequence[_Revision]) -> list[_Revision]:
    """Parents before children, names breaking ties; revisions whose parents never come stand at the end."""
    waiting = sorted(revisions, key=lambda r: r.file.name)
    known = {r.file.version for r in revisions}
    placed: list[_Revision] = []
    done: set[str] = set()
    while ready := [r for r in waiting if all(d in done or d not in known for d in r.down)]:
        placed.append(ready[0])
        done.add(ready[0].file.version)
        waiting.remove(ready[0])
    return placed + waiting


def _django_version(name: str) -> str:
    path = PurePosixPath(name)
    app = path.parent.parent.name if path.parent.name == "migrations" else ""
    return f"{app}.{path.stem}" if app else path.stem


def _is_django(content: bytes) -> bool:
    module = _parse(content)
    return any(isinstance(node, ast.ClassDef) and node.name == "Migration" for node in module.body)


def _assignments(content: bytes) -> dict[str, object]:
    """Top-level `name = literal` and `name: type = literal`."""
    found: dict[str, object] = {}
    for node in _parse(content).body:
        target = node.target if isinstance(node, ast.AnnAssign) else _only_target(node)
        value = getattr(node, "value", None)
        if isinstance(target, ast.Name) and isinstance(value, ast.expr):
            try:
                found[target.id] = ast.literal_eval(value)
            except ValueError:
                continue
    return found


def _only_target(node: ast.stmt) -> ast.expr | None:
    return node.targets[0] if isinstance(node, ast.Assign) and len(node.targets) == 1 else None


def _parse(content: bytes) -> ast.Module:
    try:
        return ast.parse(content)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ast.Module(body=[], type_ignores=[])
