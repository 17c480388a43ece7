"""From a path and the environment's variables to `Settings`, or to every reason why not."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from bot.core.team import Project
from bot.resources import config_path
from bot.settings import words
from bot.settings.audiences import own_templates, template_faults, word_sets
from bot.settings.document import PaceTable
from bot.settings.facts import project_facts
from bot.settings.faults import SettingsError
from bot.settings.inputs import AnchorCommand, Sources
from bot.settings.reading import Files, ProjectFile, only_first_of_a_setting, read_files
from bot.settings.secrets import SlackAccess, signing_key, slack_access
from bot.settings.sources import Addresses, files_of, resolve_addresses, sources_of
from checks.result import Finding, Unusable

if TYPE_CHECKING:
    from bot.core.signing import SigningKey


@dataclass(frozen=True)
class Settings:
    """Everything configured. Facts without secrets by `projects()`, the secret side by `inputs()`.

    `signing_key` reads the key of heads and records, None where none is set; it raises SettingsError where the one
    that is set cannot be used. `key_file` is where it lies, None for a variable; `templates`
    the folder of the team's own words, None for none.
    """

    path: Path
    database_path: Path
    slack: SlackAccess
    anchor: AnchorCommand | None
    key_file: Path | None
    templates: Path | None
    signing_key: Callable[[], SigningKey | None] = field(repr=False)
    _projects: Mapping[str, Project] = field(repr=False)
    _files: tuple[ProjectFile, ...] = field(repr=False)
    _addresses: Addresses = field(repr=False)

    def projects(self) -> dict[str, Project]:
        """By name; the main file's own is `default`."""
        return dict(self._projects)

    def inputs(self, project: str, environment: str) -> Sources:
        """Where an environment's databases, files and probes are.

        Raises KeyError for unknown names, and SettingsError where the environment's database cannot be resolved
        (only after `load_file`, since `load` refuses to start then).
        """
        file = self._file(project)
        table = file.document.environments.get(environment)
        if table and (fault := self._addresses.fault(table.database)):
            raise SettingsError([fault])
        if environment not in self._projects[project].environments:
            raise KeyError(environment)
        return sources_of(self._files, file, environment, self._addresses)

    def files(self, project: str) -> Sources:
        """Where a project's migration files are, and where they are tried. Raises KeyError for an unknown name."""
        return files_of(self._files, self._file(project), self._addresses)

    def _file(self, project: str) -> ProjectFile:
        return {file.name: file for file in self._files}[project]


def load(path: str | os.PathLike[str] | None, environ: Mapping[str, str]) -> Settings:
    """Settings to run the bot with. Raises SettingsError with every fault in files, tokens and addresses."""
    try:
        files, projects, faults = _read(config_path(path, environ))
    except SettingsError as error:
        raise SettingsError([*error.faults, *slack_access(environ, PaceTable())[1]]) from None
    slack, slack_faults = slack_access(environ, files.main.slack)
    addresses = resolve_addresses(files.projects, environ)
    settings = _settings(files, projects, slack, addresses, environ)
    _refuse([*faults, *slack_faults, *addresses.missing.values(), *_key_faults(settings)])
    return settings


def load_file(path: str | os.PathLike[str] | None, environ: Mapping[str, str]) -> Settings:
    """Settings for commands that need neither Slack nor every database: only faults in files are raised."""
    files, projects, faults = _read(config_path(path, environ))
    _refuse(faults)
    slack, _ = slack_access(environ, files.main.slack)
    return _settings(files, projects, slack, resolve_addresses(files.projects, environ), environ)


def _read(path: Path) -> tuple[Files, dict[str, Project], list[Finding]]:
    """The files, the facts made of them, and every fault; the facts count only where there is none."""
    files = read_files(path)
    sets = word_sets(own_templates(files))
    facts = [project_facts(file, files.main, sets) for file in files.projects]
    projects = {project.name: project for project, _ in facts if project}
    whole = [*files.faults, *_project_name_faults(files), *template_faults(files)]
    return files, projects, [*whole, *(fault for _, faults in facts for fault in faults)]


def _settings(
    files: Files, projects: Mapping[str, Project], slack: SlackAccess, addresses: Addresses, environ: Mapping[str, str]
) -> Settings:
    folder, record = files.source.folder, files.main.record
    return Settings(
        files.source.path,
        folder / files.main.database.path,
        slack,
        AnchorCommand(record.anchor, folder) if record.anchor else None,
        folder / record.key if record.key and not record.key.startswith("env:") else None,
        own_templates(files),
        lambda: _key(files, environ),
        projects,
        files.projects,
        addresses,
    )


def _key(files: Files, environ: Mapping[str, str]) -> SigningKey | None:
    reference = files.main.record.key
    if reference is None:
        return None
    try:
        return signing_key(reference, files.source.folder, environ)
    except Unusable as error:
        raise SettingsError([files.source.fault(("record", "key"), error.sentence, error.hint)]) from None


def _key_faults(settings: Settings) -> tuple[Finding, ...]:
    try:
        settings.signing_key()
    except SettingsError as error:
        return error.faults
    return ()


def _project_name_faults(files: Files) -> Iterable[Finding]:
    for name in files.main.projects:
        place = ("projects", name)
        try:
            words.name(name, "a project")
        except Unusable as error:
            yield files.source.fault(place, error.sentence, error.hint)


def _refuse(faults: Iterable[Finding]) -> None:
    """Raises SettingsError if there is any fault; of a setting that is left out as faulty, only the first counts."""
    found = tuple(only_first_of_a_setting(faults))
    if found:
        raise SettingsError(found)
