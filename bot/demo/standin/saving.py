"""The workspace as a JSON file, so that a local workspace survives a restart."""

from __future__ import annotations

import base64
import json
import threading
from dataclasses import asdict
from pathlib import Path

from bot.demo.standin.model import JSON, Channel, Posted, StoredFile, Team, User, UserGroup, View
from bot.demo.standin.workspace import Workspace

FORMAT = 1


def as_document(workspace: Workspace) -> JSON:
    """Everything of the workspace but the app, which comes from the manifest."""
    with workspace.lock:
        return {
            "format": FORMAT,
            "team": asdict(workspace.team),
            "users": [asdict(user) for user in workspace.users.values()],
            "groups": [asdict(group) for group in workspace.groups.values()],
            "channels": [asdict(channel) for channel in workspace.channels.values()],
            "messages": [asdict(m) for room in workspace.messages.values() for m in room.values()],
            "views": [asdict(view) for view in workspace.views.values()],
            "modals": {user: list(stack) for user, stack in workspace.modals.items()},
            "homes": dict(workspace.homes),
            "files": [_file_document(file) for file in workspace.files.values()],
            "states": json.loads(json.dumps(workspace.states)),
            "counters": [workspace._last_ts, workspace._counter],
        }


def _file_document(file: StoredFile) -> JSON:
    content = None if file.content is None else base64.b64encode(file.content).decode("ascii")
    return {**asdict(file), "content": content}


def _file_of(document: JSON) -> StoredFile:
    content = document["content"]
    return StoredFile(**{**document, "content": None if content is None else base64.b64decode(content)})


def restore(workspace: Workspace, document: JSON) -> None:
    """Puts a saved document into a fresh workspace. ValueError when it is of another format."""
    if document.get("format") != FORMAT:
        raise ValueError(f"the saved workspace has format {document.get('format')!r}, not {FORMAT}; delete the file")
    with workspace.changing():
        workspace.team = Team(**document["team"])
        workspace.users.update({user["id"]: User(**user) for user in document["users"]})
        workspace.groups = {group["id"]: UserGroup(**group) for group in document["groups"]}
        workspace.channels = {channel["id"]: Channel(**channel) for channel in document["channels"]}
        workspace.messages = {channel: {} for channel in workspace.channels}
        for message in document["messages"]:
            workspace.messages[message["channel"]][message["ts"]] = Posted(**message)
        workspace.views = {view["id"]: View(**view) for view in document["views"]}
        workspace.modals, workspace.homes = document["modals"], document["homes"]
        workspace.files = {file["id"]: _file_of(file) for file in document["files"]}
        workspace.states = document["states"]
        workspace._last_ts, workspace._counter = document["counters"]


def save(workspace: Workspace, path: Path) -> None:
    """Writes the file whole or not at all."""
    unfinished = path.with_suffix(path.suffix + ".part")
    unfinished.write_text(json.dumps(as_document(workspace), ensure_ascii=False), encoding="utf-8")
    unfinished.replace(path)


def load(workspace: Workspace, path: Path) -> bool:
    """Restores from the file; False when there is none."""
    if not path.exists():
        return False
    restore(workspace, json.loads(path.read_text(encoding="utf-8")))
    return True


class Keeper:
    """Saves at most every `seconds` while the workspace changes, and once more at `stop()`."""

    def __init__(self, workspace: Workspace, path: Path, seconds: float = 1.0) -> None:
        self._workspace, self._path, self._seconds = workspace, path, seconds
        self._saved = -1
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="standin-keeper", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._stopping.wait(self._seconds):
            self._save_if_changed()

    def _save_if_changed(self) -> None:
        version = self._workspace.version
        if version != self._saved:
            save(self._workspace, self._path)
            self._saved = version

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()
        self._save_if_changed()
