"""The page `/messages`, or `/messages?name=notice`: every message and form as Slack draws it, by name.

They are what the bot's own `gonogo preview` says.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterable

from bot.demo.bot_process import BotProcess, gonogo
from bot.demo.page.blocks import Surface, blocks
from bot.demo.page.nodes import Node, h
from bot.demo.standin.blockkit import kept_blocks
from bot.demo.standin.modals import state_of
from bot.demo.standin.model import JSON, User
from bot.demo.standin.workspace import Workspace

PATIENCE_SECONDS = 60.0
WAITING = "Drawing every message …"


def previewed(bot: BotProcess, name: str) -> list[JSON]:
    """What the command prints with the settings of the try-out, of the messages whose name begins so.

    Raises RuntimeError with what it says is wrong.
    """
    command = [gonogo(), "preview", "--json", "--config", str(bot.settings), "--", name]
    environ, folder = {**os.environ, **bot.variables}, bot.settings.parent
    done = subprocess.run(
        command, env=environ, cwd=folder, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False
    )
    if done.returncode:
        raise RuntimeError(done.stderr.strip())
    found: list[JSON] = json.loads(done.stdout)
    return found


def gallery(workspace: Workspace, viewer: User, messages: Iterable[JSON]) -> Node:
    """A heading for each message, below it each of its states."""
    kinds: dict[str, list[Node]] = {}
    for number, message in enumerate(messages):
        kind, _, state = message["name"].partition(", ")
        kinds.setdefault(kind, []).append(_state(workspace, viewer, number, state, message))
    links = [h("a", kind, href=f"#{_anchor(kind)}", class_="link") for kind in kinds]
    shown = [h("section", h("h2", kind, id=_anchor(kind)), states) for kind, states in kinds.items()]
    return _page(h("nav", links, aria_label="Messages"), shown)


def said(words: str) -> Node:
    """The page while there is nothing to show, and why."""
    return _page(h("p", words, role="status"))


def _page(*children: Node | list[Node]) -> Node:
    about = "Every message and form in each of its states, in the words that are in force. Its buttons do nothing here."
    return h("main", h("h1", "Every message"), h("p", about, class_="topic"), *children, class_="workspace gallery")


def _anchor(kind: str) -> str:
    return kind.replace(" ", "-")


def _state(workspace: Workspace, viewer: User, number: int, state: str, message: JSON) -> Node:
    place, kept = f"gallery-{number}", kept_blocks(message["blocks"])
    surface = Surface(workspace, viewer, {"view": place}, state_of(workspace, viewer.id, place, kept))
    title = [h("strong", surface.writer.plain(message["title"]))] if "title" in message else []
    return h("figure", h("figcaption", state), h("div", title, blocks(surface, kept), class_="body said"))
