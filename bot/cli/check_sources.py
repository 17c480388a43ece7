"""What was typed after `gonogo check`, and what it reads: databases, migration files, where documents lie."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli.terminal import refuse_settings
from bot.settings.inputs import Sources
from checks.base import CannotRun, DatabaseAddress, MigrationSet
from checks.migrations import MigrationsError, read_directory
from checks.result import with_mend
from checks.scratchdb import has_embedded_server

if TYPE_CHECKING:
    from bot.settings import Settings

_CLONES = "gonogo.clones"
FILES = "files"
DEFAULT = "default"


@dataclass(frozen=True)
class Request:
    """The words of one `gonogo check`. Raises click.UsageError for words that do not go together."""

    where: str | None
    url: str | None
    migrations: Path | None
    applied_through: str | None
    tool: str | None
    compare_with: str | None
    only: tuple[str, ...]
    config: Path | None
    no_scratch: bool = False

    def __post_init__(self) -> None:
        if self.where is None and self.url is None:
            raise click.UsageError("say what to check: files, an environment, or --url DSN")
        if self.where is not None and self.url is not None:
            raise click.UsageError(f"'{self.where}' and --url are two places; give one")
        if self.is_files and self.compare_with is not None:
            raise click.UsageError("--compare-with compares databases; give an environment or --url instead of files")

    @property
    def is_files(self) -> bool:
        return self.where == FILES


def sources_of(request: Request, settings: Settings | None, project: str) -> Sources:
    """What holds without an environment: files, and where they are tried; without settings, the embedded server."""
    embedded = "embedded" if has_embedded_server() else ""
    sources = settings.files(project) if settings else Sources(project, "", scratch_server=embedded)
    return replace(sources, scratch_server="") if request.no_scratch else sources


def migrations(request: Request, sources: Sources) -> MigrationSet | None:
    """The files of --migrations, else of the settings: a folder, or the repository at its ref."""
    try:
        found = _read_files(request, sources)
    except MigrationsError as error:
        raise click.UsageError(str(error)) from None
    if found is None:
        _refuse_lonely_options(request)
        return None
    return replace(found, applied_through=request.applied_through or found.applied_through)


def options(request: Request, sources: Sources) -> Mapping[str, object]:
    """The tables `[checks.ID]`; with a repository, and a check that is set up, also where documents are read.

    With --migrations a working copy is looked at, and documents are read beside the settings.
    """
    if not sources.reads_documents:
        return sources.options
    from bot.background.migration_source import read_documents

    try:
        found = read_documents(sources, _clones()) if sources.repository and request.migrations is None else None
    except MigrationsError as error:
        raise click.UsageError(str(error)) from None
    return {**sources.options, "documents": found} if found else sources.options


def _read_files(request: Request, sources: Sources) -> MigrationSet | None:
    tool = request.tool or sources.tool
    if request.migrations is not None:
        return read_directory(request.migrations, tool)
    from bot.background.migration_source import read_source

    read = read_source(replace(sources, tool=tool), _clones() if sources.repository else Path())
    return read.migrations if read else None


def _refuse_lonely_options(request: Request) -> None:
    for option, value in (("--applied-through", request.applied_through), ("--tool", request.tool)):
        if value is not None:
            raise click.UsageError(f"{option} speaks of migration files; say where they are: --migrations DIR")


def _clones() -> Path:
    """A folder that lasts as long as the command: checks read documents of the clone while they run."""
    context = click.get_current_context()
    if _CLONES not in context.meta:
        context.meta[_CLONES] = context.with_resource(tempfile.TemporaryDirectory(prefix="gonogo-git-"))
    return Path(context.meta[_CLONES])


def typed_address(name: str, text: str) -> DatabaseAddress:
    """The address behind --url or --compare-with. Raises click.UsageError, which repeats nothing of it."""
    from checks.targetdb.conninfo import parse, resolve

    address = DatabaseAddress(name, text)
    try:
        parse(address, os.environ)
        return DatabaseAddress(name, resolve(address, os.environ))
    except CannotRun as refusal:
        raise click.UsageError(with_mend(refusal.sentence, refusal.hint)) from None


def compared_address(text: str | None, settings: Settings | None, project: str) -> DatabaseAddress | None:
    """The second database: an environment's where the settings know it, else an address."""
    if text is None:
        return None
    known = settings.projects()[project].environments if settings else {}
    if settings is not None and text in known:
        return _environments_address(settings, project, text)
    if "=" in text or ":" in text:
        return typed_address("the other database", text)
    from bot.settings.faults import did_you_mean

    mend = did_you_mean(text, known) or "write an environment of gonogo.toml, an address, env:NAME or service=NAME"
    raise click.UsageError(with_mend(f"--compare-with: there is no environment '{text}'", mend))


def _environments_address(settings: Settings, project: str, name: str) -> DatabaseAddress:
    from bot.settings import SettingsError

    try:
        address = settings.inputs(project, name).target
    except SettingsError as error:
        refuse_settings(error)
    if address is None:
        raise click.UsageError(f"--compare-with: environment '{name}' has no database in gonogo.toml")
    return address
