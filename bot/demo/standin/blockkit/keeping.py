"""Blocks as Slack keeps them: ids filled in, texts escaped."""

from __future__ import annotations

import copy
import secrets
from typing import Any

from bot.demo.standin.blockkit.blocks import elements_of
from bot.demo.standin.model import JSON
from bot.demo.standin.mrkdwn import escape, normalise


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
