"""The blocks that gonogo draws, modals and App Home pages, and the rules over all blocks of a message or view.

Source: docs.slack.dev/reference/block-kit/blocks.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bot.demo.standin.blockkit.elements import ACTIONS, ELEMENTS, INPUTS
from bot.demo.standin.blockkit.rules import (
    IDENTIFIER,
    Flaw,
    Rule,
    Shape,
    anything,
    boolean,
    list_of,
    plain,
    string,
    text,
    typed,
)

_CONTEXT_TEXT = {
    "mrkdwn": Shape({"type": anything, "text": string(3000, least=1)}, {"verbatim": boolean}),
    "plain_text": Shape({"type": anything, "text": string(3000, least=1)}, {"emoji": boolean}),
}


def elements_of(block: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """The elements of a block that people act on, each with its pointer inside the block."""
    found = [("/accessory", block.get("accessory")), ("/element", block.get("element"))]
    if block.get("type") == "actions":
        found += [(f"/elements/{place}", each) for place, each in enumerate(block.get("elements") or [])]
    return [(where, each) for where, each in found if isinstance(each, dict)]


def _action_ids_differ(block: Any, pointer: str) -> Iterator[Flaw]:
    seen: set[str] = set()
    for where, element in elements_of(block):
        action_id = element.get("action_id")
        if action_id in seen:
            yield Flaw(f"`action_id` {action_id} already exists in this block", f"{pointer}{where}/action_id")
        seen |= {action_id} if isinstance(action_id, str) else set()


def _text_or_fields(block: Any, pointer: str) -> Iterator[Flaw]:
    if block.get("text") is None and block.get("fields") is None:
        yield Flaw("missing required field: text or fields", pointer)


def _block(required: dict[str, Rule], optional: dict[str, Rule], *whole: Rule) -> Shape:
    return Shape({"type": anything, **required}, {"block_id": IDENTIFIER, **optional}, whole)


_LITERAL = typed({"text": Shape({"type": anything, "text": string(least=1)})})
_PREFORMATTED = Shape({"type": anything, "elements": list_of(_LITERAL, 1, 1000)})
BLOCKS: dict[str, Shape] = {
    "section": _block(
        {},
        {
            "text": text(3000),
            "fields": list_of(text(2000), 1, 10),
            "accessory": typed(ELEMENTS, ACTIONS),
        },
        _text_or_fields,
    ),
    "actions": _block({"elements": list_of(typed(ELEMENTS, ACTIONS), 1, 25)}, {}, _action_ids_differ),
    "context": _block({"elements": list_of(typed(_CONTEXT_TEXT), 1, 10)}, {}),
    "header": _block({"text": plain(150)}, {}),
    "divider": _block({}, {}),
    "input": _block(
        {"label": plain(2000), "element": typed(ELEMENTS, INPUTS)},
        {"hint": plain(2000), "optional": boolean},
    ),
    "rich_text": _block({"elements": list_of(typed({"rich_text_preformatted": _PREFORMATTED}), 1, 100)}, {}),
}


def block_list(most: int) -> Rule:
    """All blocks of one message (50) or view (100)."""
    each = list_of(typed(BLOCKS), 0, most)

    def check(value: Any, pointer: str) -> Iterator[Flaw]:
        yield from each(value, pointer)
        if isinstance(value, list):
            yield from _block_ids_differ(value, pointer)

    return check


def _block_ids_differ(blocks: list[Any], pointer: str) -> Iterator[Flaw]:
    seen: set[str] = set()
    for place, block in enumerate(blocks):
        block_id = block.get("block_id") if isinstance(block, dict) else None
        if block_id in seen:
            yield Flaw(f"`block_id` {block_id} already exists", f"{pointer}/{place}/block_id")
        seen |= {block_id} if isinstance(block_id, str) and block_id else set()


_COMMON = {"callback_id": IDENTIFIER, "private_metadata": string(3000)}


def _submit_with_inputs(view: Any, pointer: str) -> Iterator[Flaw]:
    blocks = view.get("blocks") or []
    if view.get("submit") is None and any(isinstance(b, dict) and b.get("type") == "input" for b in blocks):
        yield Flaw("missing required field: submit, since there are input blocks", pointer)


VIEW = typed(
    {
        "modal": Shape(
            {"type": anything, "title": plain(24), "blocks": block_list(100)},
            {**_COMMON, "submit": plain(24), "close": plain(24)},
            (_submit_with_inputs,),
        ),
        "home": Shape({"type": anything, "blocks": block_list(100)}, _COMMON),
    }
)
