"""`gonogo checklist lint|show`: what is wrong with a checklist, and how gonogo understands it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli.configuration import config_option, settings_if_any
from checks.result import counted

if TYPE_CHECKING:
    from bot.core.checklist_parser import Reading

KINDS = ("development", "staging", "production")

file_argument = click.argument("file", required=False, type=click.Path(path_type=Path))


@click.group()
def checklist() -> None:
    """Look at a checklist file; without FILE at the one in use."""


@checklist.command()
@file_argument
@config_option
def lint(file: Path | None, config: Path | None) -> None:
    """Name every fault of a checklist, with file, line and mend. Exits 1 when there is an error."""
    reading = _read(file, config)
    for problem in reading.problems:
        click.echo(f"{problem.file}:{problem.line}: {problem.severity}: {problem.message} {problem.hint}")
    count = len(reading.checklist.items)
    click.echo(f"{count} items in {len(reading.checklist.sections)} sections; {_problem_words(reading)}")
    sys.exit(1 if reading.errors else 0)


@checklist.command()
@file_argument
@click.option("--kind", type=click.Choice(KINDS), help="Only what applies in an environment of this kind.")
@config_option
def show(file: Path | None, kind: str | None, config: Path | None) -> None:
    """Print every item as gonogo understands it: id, phase, what needs it, role, checks, due time."""
    from bot.cli.checklist_view import view

    reading = _read(file, config)
    for problem in reading.errors:
        click.echo(str(problem), err=True)
    for line in view(reading.checklist, kind):
        click.echo(line)
    sys.exit(1 if reading.errors else 0)


def _read(file: Path | None, config: Path | None) -> Reading:
    from bot.core.checklist_parser import read
    from bot.core.checklist_problems import ChecklistError

    path, known = _file_and_checks(file, config)
    try:
        return read(path.read_bytes(), str(file or path.name), known)
    except OSError as error:
        raise click.UsageError(f"'{path}' cannot be read: {error.strerror}") from None
    except ChecklistError as error:
        click.echo(str(error))
        sys.exit(1)


def _file_and_checks(file: Path | None, config: Path | None) -> tuple[Path, set[str]]:
    from bot.settings.checklists import default_checklist_path
    from bot.settings.known_checks import built_in_ids

    known = set(built_in_ids())
    if file is not None and config is None:
        return file, known | _probes_beside()
    settings = settings_if_any(config)
    if settings is None:
        return file or default_checklist_path(), known
    project = settings.projects()["default"]
    return file or Path(project.checklist_file), known | set(project.check_titles)


def _probes_beside() -> set[str]:
    """Names of the probes of gonogo.toml here, if any: its other faults are none of a linter's business."""
    import os

    from bot.settings import SettingsError, config_path
    from bot.settings.source import read

    try:
        table = read(config_path(None, os.environ)).raw(("probes",))
    except SettingsError:
        return set()
    return set(table) if isinstance(table, dict) else set()


def _problem_words(reading: Reading) -> str:
    errors = len(reading.errors)
    warnings = len(reading.problems) - errors
    found = [counted(n, word) for n, word in ((errors, "error"), (warnings, "warning")) if n]
    return ", ".join(found) or "no problem"
