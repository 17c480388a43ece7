"""Holds a message or a view against Slack's limits, as the local workspace does."""

from __future__ import annotations

import json
import re
from typing import Any

from bot.demo.standin.blockkit import check_message_blocks, check_view
from bot.slack.messages.blocks import Rendered, size

TOKEN = re.compile(r"<[^>]*>?")
OURS = re.compile(r"<(?:!date\^\d+\^[^|<>]+\|[^<>]+|@[UW][A-Z0-9]+|#[CG][A-Z0-9]+|https?://[^\s|<>]+\|[^<>]+)>")


def accepted(drawn: Rendered | dict[str, Any]) -> None:
    """Raises SlackError, or fails, for what Slack would refuse."""
    if isinstance(drawn, Rendered):
        assert 0 < len(drawn.text) <= 4000
        check_message_blocks(drawn.blocks)
    else:
        check_view(drawn, drawn["type"])
    assert json.loads(json.dumps(plain_of(drawn))) == plain_of(drawn)


def plain_of(drawn: Rendered | dict[str, Any]) -> Any:
    return drawn.blocks if isinstance(drawn, Rendered) else drawn


def characters(drawn: Rendered) -> int:
    return size(drawn.blocks)


def texts(part: Any, kind: str) -> list[str]:
    """Every text of one kind (mrkdwn, plain_text) anywhere in a message or view."""
    if isinstance(part, Rendered):
        return texts(part.blocks, kind) + ([part.text] if kind == "mrkdwn" else [])
    if isinstance(part, list):
        return [text for each in part for text in texts(each, kind)]
    if not isinstance(part, dict):
        return []
    own = [part["text"]] if part.get("type") == kind and isinstance(part.get("text"), str) else []
    return own + [text for each in part.values() for text in texts(each, kind)]


def foreign_tokens(drawn: Rendered | dict[str, Any]) -> list[str]:
    """Everything between `<` and `>` that is not a date, a user or a channel by its id, or a link that we make."""
    found = [token for text in texts(drawn, "mrkdwn") for token in TOKEN.findall(text)]
    return [token for token in found if not OURS.fullmatch(token)]


def mentions(drawn: Rendered | dict[str, Any]) -> list[str]:
    return [found for text in texts(drawn, "mrkdwn") for found in re.findall(r"<@([UW][A-Z0-9]+)>", text)]


def shown(drawn: Rendered | dict[str, Any]) -> str:
    """All texts, one after the other."""
    return "\n".join(texts(drawn, "mrkdwn") + texts(drawn, "plain_text"))


def elements(part: Any) -> list[dict[str, Any]]:
    """Everything with an action_id."""
    if isinstance(part, Rendered):
        return elements(part.blocks)
    if isinstance(part, list):
        return [found for each in part for found in elements(each)]
    if not isinstance(part, dict):
        return []
    return ([part] if "action_id" in part else []) + [found for each in part.values() for found in elements(each)]
