"""The team's own documents: files beside the settings, or files of the repository at a commit."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

from checks.base import CannotRun
from checks.git import git

LARGEST = 20 * 1024 * 1024
GIT_SECONDS = 15
_LAST = "--format=%cI%x00%h%x00%an"


@dataclass(frozen=True)
class Change:
    """When a document was last changed: by a commit, or (both texts empty) as its file says."""

    at: datetime
    commit: str = ""
    who: str = ""

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d} by {self.who} ({self.commit})" if self.commit else f"{self.at:%Y-%m-%d} (file date)"


@dataclass(frozen=True)
class Documents:
    """Where documents are read: the files of `folder`, or, with a `commit`, those of that commit of a repository there.

    Paths are relative to it; of plain files they may be absolute.
    """

    folder: Path
    commit: str = ""

    def text(self, path: str) -> str:
        """The document. Raises CannotRun where it is not there, is no file, or is larger than 20 MB."""
        return self._read(path).decode("utf-8", errors="replace")

    def has(self, path: str) -> bool:
        """Whether a file or folder of that name is there."""
        if not self.commit:
            return (self.folder / path).exists()
        return self._git("cat-file", "-e", f"{self.commit}:{_inside(path)}") is not None

    def matching(self, pattern: str) -> list[str]:
        """Paths of files that fit: `docs/*.md`, a folder with all below it, or one path. Sorted."""
        if self.commit:
            listed = self._git("ls-tree", "-r", "-z", "--name-only", self.commit) or b""
            names = [name.decode("utf-8", errors="replace") for name in listed.split(b"\0") if name]
            return sorted(name for name in names if _fits(name, _inside(pattern)))
        if (self.folder / pattern).is_dir():
            pattern = f"{pattern.rstrip('/')}/**/*"
        root = Path(Path(pattern).anchor) if Path(pattern).is_absolute() else self.folder
        parts = str(Path(pattern).relative_to(Path(pattern).anchor))
        found = (path for path in root.glob(parts) if path.is_file() and ".git" not in path.parts)
        return sorted(str(path if root != self.folder else path.relative_to(root)) for path in found)

    def changed(self, path: str) -> Change:
        """Its last change: of the commit, else of the file where nobody has committed it. Raises CannotRun."""
        place = _inside(path) if self.commit else path
        if not self.commit and self._git("status", "--porcelain", "--", place) != b"":
            return self._as_the_file_says(path)
        last = self._words("log", "-1", _LAST, *filter(None, [self.commit]), "--", place)
        at, commit, who = (*last.split("\0", 2), "", "", "")[:3]
        return Change(datetime.fromisoformat(at).astimezone(UTC), commit, who) if at else self._as_the_file_says(path)

    def tag(self) -> str:
        """The tag of what is checked out, or "". A version's own name, as far as git knows one."""
        return self._words("describe", "--tags", "--exact-match", *filter(None, [self.commit]))

    def _as_the_file_says(self, path: str) -> Change:
        try:
            return Change(datetime.fromtimestamp((self.folder / path).stat().st_mtime, UTC))
        except OSError as fault:
            raise self._missing(path, fault.strerror or "") from None

    def _read(self, path: str) -> bytes:
        if self.commit:
            found = self._git("show", f"{self.commit}:{_inside(path)}")
            if found is None:
                raise self._missing(path, f"no such file in commit {self.commit[:8]}")
            return found
        try:
            if (self.folder / path).stat().st_size > LARGEST:
                raise CannotRun(f"{path} is larger than 20 MB", "name a smaller document")
            return (self.folder / path).read_bytes()
        except OSError as fault:
            raise self._missing(path, fault.strerror or "") from None

    def _missing(self, path: str, why: str) -> CannotRun:
        where = "the repository" if self.commit else "the folder of gonogo.toml"
        return CannotRun(f"{path} cannot be read: {why}", f"paths begin at {where}: write it, or mend the setting")

    def _words(self, *arguments: str) -> str:
        return (self._git(*arguments) or b"").decode("utf-8", errors="replace").strip()

    def _git(self, *arguments: str) -> bytes | None:
        """What git prints, or None where it fails or there is none."""
        try:
            done = git(self.folder, *arguments, seconds=GIT_SECONDS)
        except (OSError, subprocess.TimeoutExpired):
            return None
        return done.stdout if done.returncode == 0 else None


def documents_of(options: Mapping[str, object]) -> Documents:
    """What a run's options say: `documents` from the bot, else the folder of the settings, else where we are."""
    given = options.get("documents")
    return given if isinstance(given, Documents) else Documents(Path(str(options.get("folder") or ".")))


def _fits(name: str, pattern: str) -> bool:
    below = name.startswith(pattern.rstrip("/") + "/")
    same_depth = name.count("/") == pattern.count("/") or "**" in pattern
    return below or (same_depth and fnmatchcase(name, pattern.replace("**/", "*")))


def _inside(path: str) -> str:
    """As git names it. Raises CannotRun for one that leads out of the repository."""
    place = PurePosixPath(path)
    if place.is_absolute() or ".." in place.parts or re.search(r"[\x00-\x1f]", path):
        raise CannotRun(f"{path!r} is no path inside the repository", "write it relative to the repository's root")
    return place.as_posix()
