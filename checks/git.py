"""git, asked about the team's repositories: the files of a commit as a runner gets them, what a working copy changed.

Nothing is checked out and no archive is made, in which attributes could hide a file: the tree is listed and its blobs
are read. https://git-scm.com/docs/git-cat-file, https://git-scm.com/docs/gitattributes
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from posixpath import normpath

from checks.migrations import MAX_TOTAL_BYTES, MigrationsError, is_candidate, shown

_KEPT = re.compile(
    r"PATH|HOME|USER|LOGNAME|TMPDIR|XDG_CONFIG_HOME|SSH_\w+|SSL_CERT_(?:FILE|DIR)|(?i:(?:https?|all|no)_proxy)"
    r"|GIT_(?:SSH\w*|SSL_\w+|CONFIG_\w+|HTTP_\w+|PROXY_\w+)"
)
_QUIET = {"GIT_TERMINAL_PROMPT": "0", "GIT_ASKPASS": "true", "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
_LINK, _SUBMODULE = "120000", "160000"
_ATTRIBUTES = ("eol", "filter", "ident", "working-tree-encoding")
_SAYS_NOTHING = {"unspecified", "unset"}


def git(
    repository: Path | None, *arguments: str, seconds: float, given: bytes = b"", index: str = ""
) -> subprocess.CompletedProcess[bytes]:
    """Runs git without a prompt; of our environment it gets what reaching a host takes, no token and no address.

    `given` is its standard input, `index` the file of an index of its own. Raises FileNotFoundError, TimeoutExpired.
    """
    environ = {name: value for name, value in os.environ.items() if _KEPT.fullmatch(name)} | _QUIET
    if "GIT_SSH" not in environ:
        environ.setdefault("GIT_SSH_COMMAND", "ssh -oBatchMode=yes")
    if index:
        environ["GIT_INDEX_FILE"] = index
    place = ["-C", str(repository)] if repository else []
    command = ["git", "-c", "log.showSignature=false", "--no-pager", *place, *arguments]
    return subprocess.run(command, capture_output=True, timeout=seconds, env=environ, input=given, check=False)


@dataclass(frozen=True)
class _Entry:
    """A line of a tree below the migrations folder: `path` from the root, `name` from the folder, `size` in bytes."""

    mode: str
    sha: str
    size: int
    path: str
    name: str


def files_of_commit(repository: Path, commit: str, directory: Path, seconds: float) -> list[tuple[str, bytes]]:
    """The files below the folder in a commit, as (name relative to it, bytes) of what could be a migration.

    A link inside of the commit is followed. Raises MigrationsError for what a checkout would have otherwise: a link
    that leads out, a submodule, a file that an attribute changes on its way to the disk.
    """
    reading = _Commit(repository, commit, seconds)
    entries = reading.entries(PurePosixPath(normpath(directory.as_posix())))
    if sum(entry.size for entry in entries) > MAX_TOTAL_BYTES:
        raise MigrationsError("the migrations of that commit are too large: name the folder that holds them alone")
    contents = reading.contents(entries)
    reading.refuse_changed(entries, contents)
    return [(entry.name, content) for entry, content in zip(entries, contents, strict=True)]


class _Commit:
    """One commit of a repository, and how long git may take for one question."""

    def __init__(self, repository: Path, commit: str, seconds: float) -> None:
        self.repository, self.commit, self.seconds = repository, commit, seconds

    def entries(self, folder: PurePosixPath) -> list[_Entry]:
        """What could be a migration. Raises MigrationsError where the commit has no such folder."""
        place = "" if folder == PurePosixPath() else f"{folder}/"
        listed = self._ask("ls-tree", "-r", "-l", "-z", "--full-tree", self.commit, *filter(None, [place]))
        lines = [line for line in listed.decode("utf-8", "surrogateescape").split("\0") if line]
        if not lines:
            raise MigrationsError(_MISSING)
        return [entry for line in lines if _may_hold_one(entry := _entry(line, place))]

    def contents(self, entries: Sequence[_Entry]) -> list[bytes]:
        """The blobs, in the order of the entries."""
        for entry in entries:
            if entry.mode == _SUBMODULE:
                raise MigrationsError(f"{shown(entry.name)} is a submodule: put the files themselves into the folder")
        asked = [f"{self.commit}:{entry.path}" if entry.mode == _LINK else entry.sha for entry in entries]
        answer = self._ask("cat-file", "--batch", "--follow-symlinks", given="".join(f"{one}\n" for one in asked))
        return list(_blobs(answer, entries))

    def refuse_changed(self, entries: Sequence[_Entry], contents: Sequence[bytes]) -> None:
        """Raises MigrationsError for the first file whose bytes a checkout would write otherwise."""
        found = self._ask("ls-tree", "-r", "-z", "--name-only", "--full-tree", self.commit).decode("utf-8", "replace")
        if not any(name.rpartition("/")[2] == ".gitattributes" for name in found.split("\0")):
            return
        places = [self._place(entry) for entry in entries]
        attributes = self._attributes(places)
        for entry, place, content in zip(entries, places, contents, strict=True):
            if told := _changing(attributes.get(place, {}), content):
                raise MigrationsError(
                    f"{shown(entry.name)} has {told} in .gitattributes, so a checkout differs from what is read"
                    " here: take that attribute away"
                )

    def _place(self, entry: _Entry) -> str:
        """Where the bytes lie: attributes of a link itself change nothing, those of its target do."""
        if entry.mode != _LINK:
            return entry.path
        target = self._ask("cat-file", "blob", entry.sha).decode("utf-8", "surrogateescape")
        return normpath(f"{PurePosixPath(entry.path).parent}/{target}")

    def _attributes(self, paths: Iterable[str]) -> dict[str, dict[str, str]]:
        """By path: the attributes that say something. In a bare repository git takes them from an index."""
        with tempfile.TemporaryDirectory(prefix="gonogo-index-") as folder:
            index = str(Path(folder) / "index")
            self._ask("read-tree", self.commit, index=index)
            given = "".join(f"{path}\0" for path in paths)
            said = self._ask("check-attr", "--cached", "-z", "--stdin", *_ATTRIBUTES, given=given, index=index)
        parts = said.decode("utf-8", "surrogateescape").split("\0")
        found: dict[str, dict[str, str]] = {}
        for path, name, value in zip(parts[::3], parts[1::3], parts[2::3], strict=False):
            if value not in _SAYS_NOTHING:
                found.setdefault(path, {})[name] = value
        return found

    def _ask(self, *arguments: str, given: str = "", index: str = "") -> bytes:
        text = given.encode("utf-8", "surrogateescape")
        done = git(self.repository, *arguments, seconds=self.seconds, given=text, index=index)
        if done.returncode:
            raise MigrationsError(_MISSING)
        return done.stdout


_MISSING = "the migrations folder is not in that commit: check [migrations] directory"


def _entry(line: str, place: str) -> _Entry:
    told, path = line.split("\t", 1)
    mode, _, sha, size = told.split()
    return _Entry(mode, sha, int(size) if size.isdigit() else 0, path, path.removeprefix(place))


def _may_hold_one(entry: _Entry) -> bool:
    """A link without a suffix may be a folder, and so is a submodule."""
    is_folder = entry.mode == _SUBMODULE or (entry.mode == _LINK and not PurePosixPath(entry.name).suffix)
    return is_folder or is_candidate(entry.name)


def _blobs(answer: bytes, entries: Iterable[_Entry]) -> Iterator[bytes]:
    """What `cat-file --batch` printed for each: `sha blob size`, or for a link `symlink size`, `dangling size`, …"""
    place = 0
    for entry in entries:
        end = answer.index(b"\n", place)
        *_, kind, length = answer[place:end].split(b" ")
        if kind != b"blob":
            where = "to a folder" if kind == b"tree" else "out of the repository, or nowhere"
            raise MigrationsError(f"{shown(entry.name)} is a link that leads {where}: put the file itself there")
        place = end + 1 + int(length) + 1
        yield answer[end + 1 : place - 1]


def changed_since(folder: Path, ref: str, seconds: float = 60) -> frozenset[str]:
    """The files below a folder of a working copy that are new, changed or renamed since it left `ref`, relative to it.

    Changed is also what is not committed yet. Raises MigrationsError: no working copy, no such ref, and a clone too
    shallow to know where it left. https://git-scm.com/docs/git-merge-base
    """

    def ask(*arguments: str, otherwise: str) -> str:
        done = git(folder, *arguments, seconds=seconds)
        if done.returncode:
            raise MigrationsError(otherwise)
        return done.stdout.decode("utf-8", "surrogateescape")

    try:
        known = ask("rev-parse", "--is-shallow-repository", otherwise=_NO_COPY.format(shown(str(folder))))
        more = _DEEPER if known.strip() == "true" else "see `git branch --all`"
        missing = f"--since: {shown(ref)} is not in this clone: {more}"
        start = ask("rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}", otherwise=missing)
        unknown = f"--since: this clone does not reach back to where it left {shown(ref)}: {more}"
        base = ask("merge-base", start.strip(), "HEAD", otherwise=unknown).strip()
        compared = ("diff", "--name-only", "-z", "--no-renames", "--no-ext-diff", "--diff-filter=d", "--relative", base)
        changed = ask(*compared, "--", ".", otherwise=unknown)
        new = ask("ls-files", "-z", "--others", "--exclude-standard", "--", ".", otherwise=unknown)
    except FileNotFoundError:
        raise MigrationsError("--since asks git, which is not installed here: install it") from None
    except subprocess.TimeoutExpired:
        raise MigrationsError(f"--since: git did not answer within {seconds:g} s") from None
    return frozenset(name for name in (changed + new).split("\0") if name)


_NO_COPY = (
    "--since: git knows nothing of {}: name a folder of a working copy with --migrations; where git speaks of dubious"
    " ownership, git config --global --add safe.directory '*'"
)
_DEEPER = (
    "it is shallow; fetch all of it: fetch-depth: 0 in actions/checkout, GIT_DEPTH: 0 in GitLab, git fetch --unshallow"
)


def _changing(attributes: dict[str, str], content: bytes) -> str:
    """The attribute because of which a checkout writes other bytes; empty where none does."""
    for name, value in attributes.items():
        is_idle = {"eol": value != "crlf" or b"\n" not in content, "ident": b"$Id" not in content}
        if not is_idle.get(name, False):
            return name if value == "set" else f"{name}={shown(value)}"
    return ""
