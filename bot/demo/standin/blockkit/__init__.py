"""Refuses what Slack refuses: blocks of messages, and views; and keeps blocks as Slack does."""

from __future__ import annotations

import copy
import json
import secrets
from typing import Any

from bot.demo.standin.blockkit.blocks import VIEW, block_list, elements_of
from bot.demo.standin.model import JSON, SlackError
from bot.demo.standin.mrkdwn import escape, normalise

MESSAGE_BLOCKS = 50
MESSAGE_CHARACTERS = 12_000  # of JSON for all blocks; undocumented, bolt-js #2509 and #2867
VIEW_BYTES = 250_000
_MESSAGE = block_list(MESSAGE_BLOCKS)
_RULES = {"blocks": _MESSAGE, "view": VIEW}


def flaws_of(payload: Any, name: str) -> list[JSON]:
    """What `blocks.validate` says of `blocks` or a `view`; it does not count the characters of a message."""
    return [
        {"pointer": one.pointer, "code": "failed_constraint", "message": one.message}
        for one in _RULES[name](payload, "")
    ]


def check_message_blocks(blocks: Any) -> None:
    """SlackError invalid_blocks_format, invalid_blocks (with messages) or msg_blocks_too_long."""
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        raise SlackError("invalid_blocks_format")
    flaws = [str(flaw) for flaw in _MESSAGE(blocks, "/blocks")]
    if flaws:
        raise SlackError("invalid_blocks", errors=flaws, response_metadata={"messages": flaws})
    if len(json.dumps(blocks, ensure_ascii=False, separators=(",", ":"))) > MESSAGE_CHARACTERS:
        raise SlackError("msg_blocks_too_long")


def check_view(view: Any, kind: str) -> JSON:
    """The view of the kind that the method takes. SlackError invalid_arguments (with messages) or view_too_large."""
    flaws = [str(flaw) for flaw in VIEW(view, "/view")]
    if not flaws and view["type"] != kind:
        flaws = [f"[ERROR] must be a view of type {kind} [json-pointer:/view/type]"]
    if flaws:
        raise SlackError("invalid_arguments", response_metadata={"messages": flaws})
    if len(json.dumps(view, ensure_ascii=False).encode()) > VIEW_BYTES:
        raise SlackError("view_too_large")
    checked: JSON = view
    return checked


def kept_blocks(blocks: list[JSON]) -> list[JSON]:
    """A copy with a block_id and action_ids everywhere and with texts as they read back."""
    kept = [_normalised(block) for block in copy.deepcopy(blocks)]
    for block in kept:
        block["block_id"] = block.get("block_id") or secrets.token_urlsafe(4)
        for _, element in elements_of(block):
            element["action_id"] = element.get("action_id") or secrets.token_urlsafe(4)
    return kept


def _normalised(part: Any) -> Any:
    if isinstance(part, list):
        return [_normalised(each) for each in part]
    if not isinstance(part, dict):
        return part
    if part.get("type") in ("plain_text", "mrkdwn") and isinstance(part.get("text"), str):
        keep = normalise if part["type"] == "mrkdwn" else escape
        return {**part, "text": keep(part["text"]), **({"emoji": True} if part["type"] == "plain_text" else {})}
    return {name: each if name in ("value", "url") else _normalised(each) for name, each in part.items()}
