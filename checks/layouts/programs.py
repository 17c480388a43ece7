"""Alembic's and Django's migrations: programs, told by their text, in the order that they say of themselves."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from checks.base import MigrationFile

Pair = tuple[str, bytes]


@dataclass(frozen=True)
class _Revision:
    file: MigrationFile
    down: tuple[str, ...]


def detect(pairs: Iterable[Pair]) -> str | None:
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
