"""Where blocks stand: in a message or in a view, seen by one person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.demo.page.mrkdwn import Writer
from bot.demo.page.nodes import Act
from bot.demo.standin.model import JSON, Posted, User, View
from bot.demo.standin.state import STATEFUL, state_of
from bot.demo.standin.workspace import Workspace


@dataclass(frozen=True)
class Surface:
    """`where` names the message or view in acts; `state` is what this person filled in so far."""

    workspace: Workspace
    viewer: User
    where: JSON
    state: JSON

    @property
    def writer(self) -> Writer:
        return Writer(self.workspace, self.viewer)

    @property
    def is_message(self) -> bool:
        return "ts" in self.where

    @property
    def name(self) -> str:
        """Unique on the page: for ids of elements."""
        return "-".join(str(part) for part in self.where.values()).replace(".", "-")

    def act(self, do: str, block_id: str, element: JSON, **more: Any) -> Act:
        return {"do": do, **self.where, "block": block_id, "action": element["action_id"], **more}

    def chosen(self, block_id: str, element: JSON) -> Any:
        """What an element holds now."""
        return self.state[block_id][element["action_id"]][STATEFUL[element["type"]][0]]


def message_surface(workspace: Workspace, viewer: User, message: Posted) -> Surface:
    state = state_of(workspace, viewer.id, f"{message.channel}/{message.ts}", message.blocks or [])
    return Surface(workspace, viewer, {"channel": message.channel, "ts": message.ts}, state)


def view_surface(workspace: Workspace, viewer: User, view: View) -> Surface:
    state = state_of(workspace, viewer.id, view.id, view.body["blocks"])
    return Surface(workspace, viewer, {"view": view.id}, state)
