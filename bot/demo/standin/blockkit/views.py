"""Modals and App Home pages (docs.slack.dev/reference/views)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bot.demo.standin.blockkit.blocks import block_list, elements_of
from bot.demo.standin.blockkit.rules import Flaw, Shape, anything, boolean, string, typed
from bot.demo.standin.blockkit.texts import IDENTIFIER, plain

_COMMON = {"callback_id": IDENTIFIER, "private_metadata": string(3000), "external_id": IDENTIFIER}


def _submit_with_inputs(view: Any, pointer: str) -> Iterator[Flaw]:
    blocks = view.get("blocks") or []
    if view.get("submit") is None and any(isinstance(b, dict) and b.get("type") == "input" for b in blocks):
        yield Flaw("missing required field: submit, since there are input blocks", pointer)


def _one_focus(view: Any, pointer: str) -> Iterator[Flaw]:
    blocks = [block for block in view.get("blocks") or [] if isinstance(block, dict)]
    if sum(1 for block in blocks for _, element in elements_of(block) if element.get("focus_on_load")) > 1:
        yield Flaw("focus_on_load can be set on only one element", f"{pointer}/blocks")


VIEWS = {
    "modal": Shape(
        {"type": anything, "title": plain(24), "blocks": block_list(100)},
        {
            **_COMMON,
            "submit": plain(24),
            "close": plain(24),
            "clear_on_close": boolean,
            "notify_on_close": boolean,
            "submit_disabled": boolean,
        },
        (_submit_with_inputs, _one_focus),
    ),
    "home": Shape({"type": anything, "blocks": block_list(100)}, _COMMON, (_one_focus,)),
}
VIEW = typed(VIEWS)
