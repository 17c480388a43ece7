"""The five questions of `gonogo init`, and how their answers are understood."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import click

from bot.core.checklist.items import Kind
from bot.settings import words
from bot.settings.document import TOOLS
from checks.migrations import MigrationsError, read_directory

_SKIPPED = frozenset({"node_modules", "venv", "target", "dist", "build", "vendor", "__pycache__"})
_LIKELY = ("migrations", "migrate", "migration", "versions", "changelog")
_DEPTH = 5
_ORDER = tuple(kind.value for kind in Kind)


@dataclass(frozen=True)
class Place:
    """One environment; `database` is `env:NAME` or `service=NAME`, or empty for none."""

    name: str
    kind: str
    database: str


@dataclass(frozen=True)
class Answers:
    """Everything that the files are written from. `migrations` is relative to the folder, empty for none."""

    channel: str
    command: str
    places: tuple[Place, ...]
    migrations: str
    tool: str
    roles: Mapping[str, tuple[str, ...]]


def channel(text: str) -> str:
    return _understood(words.channel, text)


def command(text: str) -> str:
    return _understood(words.command, text if text.startswith("/") else f"/{text}")


def places(text: str) -> tuple[Place, ...]:
    """`staging, production=env:PROD_URL, eu:production=service=eu, qa:staging=none`, in the order of promotion."""
    found = tuple(_place(part.strip()) for part in text.split(",") if part.strip())
    if not found:
        raise click.UsageError("name one environment at least, such as production")
    names = [place.name for place in found]
    if len(set(names)) < len(names):
        raise click.UsageError("an environment is named twice")
    return tuple(sorted(found, key=lambda place: _ORDER.index(place.kind)))


def _place(text: str) -> Place:
    head, _, database = text.partition("=")
    name, _, kind = head.strip().partition(":")
    try:
        words.name(name, "an environment")
    except ValueError as fault:
        raise click.UsageError(f"'{name}' {fault}") from None
    kind = kind or (name if name in _ORDER else "")
    if kind not in _ORDER:
        raise click.UsageError(f"say what kind '{name}' is: {name}:staging or {name}:production")
    return Place(name, kind, _database(name, database.strip()))


def _database(name: str, text: str) -> str:
    if text == "none":
        return ""
    variable = re.sub(r"\W", "_", name).upper() + "_DATABASE_URL"
    return _understood(words.database_reference, text or f"env:{variable}")


def roles(text: str, known: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """`dba=U0DANA+@dba-team, backend=U0BO`: members are user ids and group handles."""
    found: dict[str, tuple[str, ...]] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, _, members = part.partition("=")
        if name.strip() not in set(known):
            raise click.UsageError(f"the checklist knows no role '{name.strip()}'; it has {', '.join(known)}")
        listed = [one for one in re.split(r"[+\s]+", members.strip()) if one]
        if not listed:
            raise click.UsageError(f"say who {name.strip()} is: {name.strip()}=U0DANA or {name.strip()}=@dba-team")
        found[name.strip()] = tuple(_understood(words.member, one) for one in listed)
    return found


def _understood(rule: Callable[[object], str], text: str) -> str:
    try:
        return rule(text)
    except ValueError as fault:
        raise click.UsageError(str(fault)) from None


def migrations(folder: Path, text: str, tool: str) -> tuple[str, str]:
    """The folder of the files, relative to `folder`, and their tool; both empty for `none`."""
    if text in ("", "none"):
        return "", "auto"
    if tool not in TOOLS:
        raise click.UsageError(f"there is no tool '{tool}'; known: {', '.join(TOOLS)}")
    try:
        found = read_directory(folder / text, tool)
    except MigrationsError as fault:
        raise click.UsageError(str(fault)) from None
    return os.path.relpath(folder / text, folder), found.tool


def detect(folder: Path) -> tuple[str, str, int] | None:
    """The likeliest folder of migrations below this one: its path, its tool, how many; None where there is none."""
    best: tuple[str, str, int] | None = None
    for path in _folders(folder, _DEPTH):
        found = _read(path)
        if found and (best is None or found[1] > best[2]):
            best = (os.path.relpath(path, folder), *found)
    return best


def _folders(folder: Path, depth: int) -> Iterator[Path]:
    try:
        below = sorted(one for one in folder.iterdir() if one.is_dir() and not one.is_symlink())
    except OSError:
        return
    for one in below:
        if one.name.startswith(".") or one.name in _SKIPPED:
            continue
        if one.name in _LIKELY:
            yield one
        elif depth > 1:
            yield from _folders(one, depth - 1)


def _read(path: Path) -> tuple[str, int] | None:
    try:
        found = read_directory(path)
    except MigrationsError:
        return None
    return found.tool, len(found.ups)
