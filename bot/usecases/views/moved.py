"""Files that moved since they were pinned: what is different, as a unified diff of their contents."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from bot.core.deployment import PinnedFile
from bot.usecases.form_facts import FileChange, MovedFiles
from bot.usecases.ports import Reader

AROUND = 3


def moved_files(reader: Reader, deployment_id: str) -> MovedFiles:
    """The difference between the pinned files and those that the source has now; empty where nothing moved."""
    deployment = reader.deployments.get(deployment_id)
    moved = deployment.moved_fingerprint or ""
    changes = _changes(reader, reader.files.of(deployment_id), deployment.moved_files) if moved else ()
    return MovedFiles(deployment, moved, changes)


def _changes(reader: Reader, before: Sequence[PinnedFile], after: Sequence[PinnedFile]) -> tuple[FileChange, ...]:
    old, new = {file.name: file for file in before}, {file.name: file for file in after}
    names = [*old, *(name for name in new if name not in old)]
    different = [name for name in names if _sha(old.get(name)) != _sha(new.get(name))]
    return tuple(_change(reader, name, old.get(name), new.get(name)) for name in different)


def _sha(file: PinnedFile | None) -> str:
    return file.sha if file else ""


def _change(reader: Reader, name: str, old: PinnedFile | None, new: PinnedFile | None) -> FileChange:
    was, now = _lines(reader, old), _lines(reader, new)
    made = difflib.unified_diff(was, now, f"pinned/{name}", f"now/{name}", lineterm="", n=AROUND)
    word = "added" if old is None else "removed" if new is None else "changed"
    return FileChange(name, word, "\n".join(made))


def _lines(reader: Reader, file: PinnedFile | None) -> list[str]:
    return reader.files.content(file.sha).decode("utf-8", errors="replace").splitlines() if file else []
