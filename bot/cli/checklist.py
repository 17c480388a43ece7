"""`gonogo checklist lint|show`: what is wrong with a checklist, how it is understood, and which check answers what."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli.terminal import config_option, lines_of, oneline, settings_if_any
from bot.core.checklist.items import Checklist, Item, Kind, Requirement
from bot.core.checklist.reader import parse
from checks.result import counted

if TYPE_CHECKING:
    from bot.core.checklist.reader import Reading
    from bot.settings import Settings

_NEEDED = {Requirement.GO: "for go", Requirement.COMPLETE: "to complete"}
file_argument = click.argument("file", required=False, type=click.Path(path_type=Path))


@click.group()
def checklist() -> None:
    """Look at a checklist file; without FILE at the one in use."""


@checklist.command()
@file_argument
@config_option
def lint(file: Path | None, config: Path | None) -> None:
    """Name every fault of a checklist, with file, line and mend. Exits 1 when there is an error."""
    from bot.core.checklist.lint import lint as lint_of

    reading = _read(file, config)
    problems = lint_of(reading)
    for problem in problems:
        click.echo(oneline(f"{problem.file}:{problem.line}: {problem.severity}: {problem.message} {problem.hint}"))
    errors, sections = len(reading.errors), len(reading.checklist.sections)
    found = [counted(n, word) for n, word in ((errors, "error"), (len(problems) - errors, "warning")) if n]
    click.echo(f"{len(reading.checklist.items)} items in {sections} sections; {', '.join(found) or 'no problem'}")
    sys.exit(1 if reading.errors else 0)


@checklist.command()
@file_argument
@click.option(
    "--kind", type=click.Choice([kind.value for kind in Kind]), help="Only what applies in an environment of this kind."
)
@config_option
def show(file: Path | None, kind: str | None, config: Path | None) -> None:
    """Print every item as gonogo understands it: id, phase, what needs it, role, checks, due time."""
    reading = _read(file, config)
    for problem in reading.errors:
        click.echo(oneline(str(problem)), err=True)
    for line in view(reading.checklist, kind):
        click.echo(line)
    sys.exit(1 if reading.errors else 0)


def _read(file: Path | None, config: Path | None) -> Reading:
    from bot.core.checklist.reader import read
    from bot.core.checklist.text import ChecklistError

    path, known = _file_and_checks(file, config)
    try:
        return read(path.read_bytes(), str(file or path.name), known)
    except OSError as error:
        raise click.UsageError(f"'{path}' cannot be read: {error.strerror}") from None
    except ChecklistError as error:
        click.echo(lines_of(str(error)))
        sys.exit(1)


def _file_and_checks(file: Path | None, config: Path | None) -> tuple[Path, set[str]]:
    from bot.settings.checklists import default_checklist_path
    from bot.settings.probes import built_in_ids

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
    from bot.settings.faults import read

    try:
        table = read(config_path(None, os.environ)).raw(("probes",))
    except SettingsError:
        return set()
    return set(table) if isinstance(table, dict) else set()


def view(checklist: Checklist, kind: str | None = None) -> Iterator[str]:
    """The counts by kind, then every section with its items; with a kind, only what applies there."""
    yield oneline(checklist.title)
    yield f"{len(checklist.items)} items: " + ", ".join(f"{checklist.count(k)} count in {k}" for k in Kind)
    kinds = [Kind(kind)] if kind else list(Kind)
    for section in checklist.sections:
        items = [item for item in section.items if any(item.applies(k) for k in kinds)]
        if items:
            yield ""
            yield oneline(section.path)
            yield from (f"  {line}" for item in items for line in _item_lines(item, kinds))


def _item_lines(item: Item, kinds: list[Kind]) -> Iterator[str]:
    yield oneline(item.label)
    yield f"    {item.id} · " + " · ".join(_facts(item, kinds))


def _facts(item: Item, kinds: list[Kind]) -> Iterator[str]:
    yield _by_kind(kinds, lambda kind: item.phase(kind) or "")
    needed = _by_kind(kinds, lambda kind: _NEEDED.get(item.required(kind), ""))
    if needed:
        yield f"needed {needed}"
    if item.role:
        yield f"{item.role.kind} by {item.role.name}"
    if item.checks:
        yield f"check {', '.join(item.checks)}"
    if item.carry:
        yield "carried by file"
    if item.valid_days:
        yield f"valid {item.valid_days} days"
    if item.due:
        yield f"due {item.due}"
    if item.when:
        yield f"only when {item.when} is done"
    if item.by_completion:
        yield "settled by completion"
    if item.by_person:
        yield "a person confirms"
    if item.by_peer:
        yield "settled by somebody who does not deploy it"


def _by_kind(kinds: list[Kind], words_of: Callable[[Kind], str]) -> str:
    """`prepare` where all kinds agree, else `deploy in staging, prepare in production`."""
    words = {kind: words_of(kind) for kind in kinds}
    if len(set(words.values())) == 1:
        return words[kinds[0]]
    return ", ".join(f"{text} in {kind}" for kind, text in words.items() if text)


@dataclass(frozen=True)
class Answers:
    """The lines that checks answer. `probes` maps item ids to probes, as the settings say."""

    checklist: Checklist
    probes: Mapping[str, tuple[str, ...]]

    def lines_of(self, check_id: str) -> list[dict[str, str]]:
        """`[{"section": "Pre-Deployment / Testing", "label": …}]`, in the order of the checklist."""
        return [
            {"section": self.checklist.section_of(item).path, "label": item.label}
            for item in self.checklist.items
            if check_id in (*item.checks, *self.probes.get(item.id, ()))
        ]


def answers_of(settings: Settings | None, project: str) -> Answers:
    """By the project's checklist; without settings by the one that ships with gonogo."""
    if settings is None:
        from bot.settings.checklists import default_checklist_path, open_checklist

        return Answers(open_checklist(default_checklist_path()).checklist, {})
    facts = settings.projects()[project]
    return Answers(parse(facts.checklist_text, facts.checklist_file), facts.probes)
