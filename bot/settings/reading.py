"""From files to models: every fault of shape in one go, and what is sound goes on to the checks across tables."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from bot.resources import ACCEPTED_FILE
from bot.settings.complaints import complain
from bot.settings.document import AcceptedDocument, MainDocument, ProjectDocument, Table
from bot.settings.faults import SettingsError, Source, quoted, read
from bot.settings.positions import Path
from checks.accepted import Accepted
from checks.result import Finding

DEFAULT = "default"
_ANY_CHANNEL = "C00000000"
_GONE = object()

Model = TypeVar("Model", bound=Table)


@dataclass(frozen=True)
class ProjectFile:
    """One project as written: its file and the tables in it; `accepted` is the list beside the file."""

    name: str
    source: Source
    document: ProjectDocument
    accepted: tuple[Accepted, ...] = ()


@dataclass(frozen=True)
class Files:
    """Everything that was read: the main file, and each project's (the unnamed one is the main file again)."""

    source: Source
    main: MainDocument
    projects: tuple[ProjectFile, ...]
    faults: tuple[Finding, ...]


def read_files(path: FilePath) -> Files:
    """Reads gonogo.toml and the files it names. Raises SettingsError only where nothing can be read at all."""
    source = read(path)
    main, faults = validated(source, MainDocument)
    accepted, more = accepted_in(source.folder)
    faults += more
    projects = [ProjectFile(DEFAULT, source, main, accepted)]
    for name, table in main.projects.items():
        if name == DEFAULT:
            sentence = f"'{DEFAULT}' is the project of this file"
            faults.append(source.fault(("projects", name), sentence, "choose another name"))
            continue
        project, more = _read_project(source, name, table.file)
        faults += more
        projects += [project] if project else []
    return Files(source, main, tuple(projects), tuple(faults))


def _read_project(main: Source, name: str, file: str) -> tuple[ProjectFile | None, list[Finding]]:
    path = main.folder / file
    if not path.is_file():
        sentence = f"there is no file {quoted(file)} in {main.folder.name or '/'}"
        return None, [main.fault(("projects", name, "file"), sentence)]
    try:
        source = read(path)
    except SettingsError as error:
        return None, list(error.faults)
    document, faults = validated(source, ProjectDocument)
    accepted, more = accepted_in(source.folder)
    return ProjectFile(name, source, document, accepted), [*faults, *more]


def accepted_in(folder: FilePath) -> tuple[tuple[Accepted, ...], list[Finding]]:
    """The entries of the folder's list of what is accepted, none where there is no list, and every fault in it."""
    path = folder / ACCEPTED_FILE
    if not path.exists():
        return (), []
    try:
        document, faults = validated(read(path), AcceptedDocument)
    except SettingsError as error:
        return (), list(error.faults)
    return tuple(Accepted(**table.model_dump()) for table in document.accepted), faults


def validated(source: Source, model: type[Model]) -> tuple[Model, list[Finding]]:
    """The model, made without what is faulty, and a fault for each thing left out."""
    values: Any = copy.deepcopy(dict(source.values))
    faults: list[Finding] = []
    while True:
        try:
            return model.model_validate(values), faults
        except ValidationError as error:
            faults = faults or list(complain(error, source))
            values = _without(values, error.errors(include_url=False))


def _without(values: Any, errors: Iterable[ErrorDetails]) -> Any:
    for detail in errors:
        path = tuple(part for part in detail["loc"] if part != "[key]")
        if path in (("workspace",), ("workspace", "channel")):
            workspace = values.get("workspace")
            values["workspace"] = {**(workspace if isinstance(workspace, dict) else {}), "channel": _ANY_CHANNEL}
        else:
            _cut(values, path[:-1] if detail["type"] == "missing" else path)
    return _swept(values)


def _cut(values: Any, path: Path) -> None:
    """Marks the value at `path` as gone; of a freeze with a fault, the whole freeze."""
    if "freezes" in path[:-1]:
        path = path[: path.index("freezes") + 2]
    for part in path[:-1]:
        values = values[part]
        if values is _GONE:
            return
    values[path[-1]] = _GONE


def _swept(values: Any) -> Any:
    if isinstance(values, dict):
        return {key: _swept(value) for key, value in values.items() if value is not _GONE}
    if isinstance(values, list):
        return [_swept(value) for value in values if value is not _GONE]
    return values


def only_first_of_a_setting(faults: Iterable[Finding]) -> Iterator[Finding]:
    """One fault a setting: what is left out as faulty must not be called missing besides."""
    seen: set[tuple[str, str]] = set()
    for fault in faults:
        key = (fault.file, fault.object)
        if key not in seen or not fault.object:
            seen.add(key)
            yield fault
