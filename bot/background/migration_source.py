"""The migration files: a folder, or a git repository pinned to a commit."""

from __future__ import annotations

import hashlib
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from checks.base import MigrationSet
from checks.documents import Documents
from checks.git import files_of_commit, git
from checks.migrations import MigrationsError, read_directory, read_pairs

if TYPE_CHECKING:
    from bot.settings.inputs import Sources

GIT_SECONDS = 60


@dataclass(frozen=True)
class SourceFiles:
    """All migrations as the source has them now; `commit` is the full id for git, None for a folder."""

    migrations: MigrationSet
    commit: str | None = None


def read_source(sources: Sources, cache: Path, pinned: str | None = None) -> SourceFiles | None:
    """Read the files, at `pinned` where a commit is given; None where no migrations are configured.

    Raises MigrationsError with a sentence that holds no credential.
    """
    if sources.migrations_directory is None:
        return None
    if not sources.repository:
        return SourceFiles(read_directory(sources.migrations_directory, sources.tool))
    mirror = _mirror(sources, cache)
    commit = pinned or _fetch(mirror, sources)
    files = files_of_commit(mirror, commit, sources.migrations_directory, GIT_SECONDS)
    return SourceFiles(read_pairs(files, sources.tool), commit)


def read_documents(sources: Sources, cache: Path, pinned: str | None = None) -> Documents | None:
    """The repository's files as its ref has them now, or as `pinned` has them where nobody answers; None for a folder.

    Raises MigrationsError where there is neither.
    """
    if not sources.repository:
        return None
    mirror = _mirror(sources, cache)
    try:
        return Documents(mirror, _fetch(mirror, sources))
    except MigrationsError:
        if pinned is None:
            raise
        return Documents(mirror, pinned)


def _mirror(sources: Sources, cache: Path) -> Path:
    """A bare repository for this address; its name is a digest, since addresses may hold credentials."""
    mirror = cache / hashlib.sha256(sources.repository.encode()).hexdigest()[:16]
    if not (mirror / "HEAD").exists():
        mirror.mkdir(parents=True, exist_ok=True)
        _git(mirror, "init", "--bare", "--quiet")
    return mirror


def _fetch(mirror: Path, sources: Sources) -> str:
    ref = sources.ref or "HEAD"
    _git(mirror, "fetch", "--quiet", "--no-tags", sources.repository, f"+{ref}:refs/gonogo/head")
    return _git(mirror, "rev-parse", "refs/gonogo/head^{commit}").decode().strip()


def _git(mirror: Path, *arguments: str) -> bytes:
    """Own words where it fails: git's own may repeat the address with its password."""
    try:
        done = git(mirror, *arguments, seconds=GIT_SECONDS)
    except FileNotFoundError:
        raise MigrationsError("git is not installed here: install it, or use a plain folder of migrations") from None
    except subprocess.TimeoutExpired:
        raise MigrationsError(f"the migrations repository did not answer within {GIT_SECONDS} s") from None
    if done.returncode:
        raise MigrationsError(
            "the migrations repository could not be fetched: check [migrations] repository, ref and the deploy key"
        )
    return done.stdout
