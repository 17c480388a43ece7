"""Small functions for blocks within Slack's limits (docs.slack.dev/reference/block-kit; field notes 2.8)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from bot.slack.messages.mrkdwn import cut, plain_user, spoken

Block = dict[str, Any]
Element = dict[str, Any]

VIEW_BLOCKS = 100
SECTION_TEXT = 3000
CONTEXT_ELEMENTS = 10
ACTIONS_ELEMENTS = 25
OVERFLOW_OPTIONS = 5
SELECT_OPTIONS = 100
CHOICE_OPTIONS = 10
OPTION_TEXT = 75
OPTION_VALUE = 150
CODE_TEXT = 2900
PLACEHOLDER = 150
MODAL_TITLE = 24


@dataclass(frozen=True)
class Rendered:
    """A message: blocks, and the same in words for screen readers and notifications (at most 4,000 characters)."""

    text: str
    blocks: list[Block]


def rendered(spoken_words: str, blocks: Iterable[Block]) -> Rendered:
    """`spoken_words` may be mrkdwn; tokens in it become what they show."""
    return Rendered(spoken(spoken_words), list(blocks))


def size(blocks: Sequence[Block] | Block) -> int:
    """Characters of JSON, as Slack counts a message's blocks."""
    return len(json.dumps(blocks, ensure_ascii=False, separators=(",", ":")))


def markdown(text: str, most: int = SECTION_TEXT) -> Block:
    """A mrkdwn text object. `verbatim`: addresses and #names in user text stay words, only our tokens work."""
    return {"type": "mrkdwn", "text": within(text, most) or " ", "verbatim": True}


def plain(text: str, most: int) -> Block:
    """A plain_text object; date tokens would be shown raw, so none may come here."""
    return {"type": "plain_text", "text": cut(text, most) or " "}


def within(text: str, most: int) -> str:
    """Whole lines up to `most` characters; a line that alone is longer is cut without breaking a token."""
    if len(text) <= most:
        return text
    kept = text[: most - 1]
    lines = kept.rfind("\n")
    kept = kept[:lines] if lines > most // 2 else kept
    kept = kept[: kept.rfind("<")] if kept.rfind("<") > kept.rfind(">") else kept
    entity = kept.rfind("&")
    kept = kept[:entity] if entity > len(kept) - 5 and ";" not in kept[entity:] else kept
    return kept.rstrip() + "…"


def section(text: str, accessory: Element | None = None, block_id: str = "") -> Block:
    block: Block = {"type": "section", "text": markdown(text)}
    if accessory is not None:
        block["accessory"] = accessory
    return block | ({"block_id": block_id} if block_id else {})


def sections(lines: Iterable[str], most: int = SECTION_TEXT) -> list[Block]:
    """Lines in as few section blocks as hold them; no line is cut unless it alone is too long."""
    blocks: list[Block] = []
    held: list[str] = []
    for line in lines:
        if held and sum(len(each) + 1 for each in held) + len(line) > most:
            blocks.append(section("\n".join(held)))
            held = []
        held.append(line)
    return [*blocks, section("\n".join(held))] if held else blocks


def sections_within(lines: Sequence[str], most: int, where: str) -> list[Block]:
    """Lines in at most `most` blocks; what does not fit ends in "and N more" and where it can be seen."""
    kept = list(lines)
    blocks = sections(kept)
    while len(blocks) > most:
        kept = kept[: min(len(kept) - 1, len(kept) * most // len(blocks))]
        blocks = sections([*kept, f"and {len(lines) - len(kept)} more · {where}"])
    return blocks


def context(*texts: str) -> Block:
    """Small grey text."""
    return {"type": "context", "elements": [markdown(text) for text in texts[:CONTEXT_ELEMENTS]]}


def header(text: str) -> Block:
    return {"type": "header", "text": plain(plain_user(text, 150), 150)}


def divider() -> Block:
    return {"type": "divider"}


def actions(elements: Iterable[Element], block_id: str = "") -> list[Block]:
    """One actions block, or none where there is nothing to press."""
    kept = list(elements)[:ACTIONS_ELEMENTS]
    if not kept:
        return []
    return [{"type": "actions", "elements": kept} | ({"block_id": block_id} if block_id else {})]


def code(text: str, most: int = CODE_TEXT) -> Block:
    """Text to copy: rich text is literal, so it needs no escaping and can mention nobody."""
    shown = text if len(text) <= most else text[: most - 1] + "…"
    preformatted = {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": shown or " "}]}
    return {"type": "rich_text", "elements": [preformatted]}


def option(text: str, value: str, description: str = "") -> Element:
    """An option of a select, overflow, checkbox group or radio group. Raises ValueError when `value` is too long."""
    if not 0 < len(value) <= OPTION_VALUE:
        raise ValueError(f"an option's value has 1 to {OPTION_VALUE} characters, this one {len(value)}")
    made: Element = {"text": plain(plain_user(text, OPTION_TEXT), OPTION_TEXT), "value": value}
    return made | ({"description": plain(plain_user(description), OPTION_TEXT)} if description else {})


def select(action_id: str, placeholder: str, options: Sequence[Element]) -> Element:
    """A menu of at most 100 options."""
    shown = {"type": "static_select", "action_id": action_id, "placeholder": plain(placeholder, PLACEHOLDER)}
    return shown | {"options": list(options[:SELECT_OPTIONS])}


def modal(
    title: str,
    blocks: Iterable[Block],
    *,
    callback_id: str,
    metadata: str = "",
    submit: str = "",
    close: str = "Close",
) -> dict[str, Any]:
    """A modal's view; at most 100 blocks."""
    view: dict[str, Any] = {"type": "modal", "title": plain(title, MODAL_TITLE), "close": plain(close, MODAL_TITLE)}
    view |= {"callback_id": callback_id, "private_metadata": metadata, "blocks": limited(list(blocks), VIEW_BLOCKS)}
    return view | ({"submit": plain(submit, MODAL_TITLE)} if submit else {})


def limited(blocks: list[Block], most: int) -> list[Block]:
    """The first blocks, with a line that says how many more there are."""
    if len(blocks) <= most:
        return blocks
    return [*blocks[: most - 1], context(f"and {len(blocks) - most + 1} more")]
