"""The stack of modals of each user: at most three, the last on top."""

from __future__ import annotations

import copy
import secrets
from typing import Any

from bot.demo.standin.blockkit import check_view
from bot.demo.standin.blockkit.keeping import kept_blocks
from bot.demo.standin.errors import SlackError
from bot.demo.standin.model import JSON, View
from bot.demo.standin.workspace import Workspace

DEEPEST = 3


def new_view(workspace: Workspace, user: str, given: Any, kind: str) -> View:
    """A checked view, not yet on any stack."""
    body = _body(workspace, given, kind)
    with workspace.changing():
        view_id = workspace.new_id("V")
        view = View(view_id, user, body, _hash(workspace), root_view_id=view_id)
        workspace.views[view_id] = view
    return view


def open_modal(workspace: Workspace, user: str, given: Any) -> View:
    view = new_view(workspace, user, given, "modal")
    with workspace.changing():
        workspace.modals[user] = [view.id]
    return view


def push_modal(workspace: Workspace, user: str, given: Any) -> View:
    """SlackError push_limit_reached."""
    stack = workspace.modals[user]
    if len(stack) >= DEEPEST:
        raise SlackError("push_limit_reached")
    view = new_view(workspace, user, given, "modal")
    with workspace.changing():
        view.root_view_id, view.previous_view_id = stack[0], stack[-1]
        stack.append(view.id)
    return view


def replace_view(workspace: Workspace, view: View, given: Any, kind: str) -> None:
    """What was filled in stays where block_id and action_id stay."""
    body = _body(workspace, given, kind, but=view.id)
    with workspace.changing():
        view.body, view.hash, view.errors, view.warning = body, _hash(workspace), {}, None


def close_top(workspace: Workspace, user: str) -> None:
    with workspace.changing():
        stack = workspace.modals.get(user, [])
        if stack:
            stack.pop()


def close_all(workspace: Workspace, user: str) -> None:
    with workspace.changing():
        workspace.modals[user] = []


def top_modal(workspace: Workspace, user: str) -> View | None:
    stack = workspace.modals.get(user, [])
    return workspace.views[stack[-1]] if stack else None


def _body(workspace: Workspace, given: Any, kind: str, but: str = "") -> JSON:
    body = copy.deepcopy(check_view(given, kind))
    external = body.get("external_id")
    if external and any(v.body.get("external_id") == external and v.id != but for v in workspace.views.values()):
        raise SlackError("duplicate_external_id")
    return {**body, "blocks": kept_blocks(body["blocks"])}


def _hash(workspace: Workspace) -> str:
    return f"{int(workspace.clock())}.{secrets.token_hex(4)}"
