"""Blocks within Slack's limits (docs.slack.dev/reference/block-kit; field notes 2.8), and safe text inside mrkdwn.

User text there is one line, escaped, unable to mention, link or turn the line around; only `&`, `<` and `>` are escaped
(docs.slack.dev/messaging/formatting-message-text).
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

ISOLATE, END_OF_ISOLATE = "\u2068", "\u2069"
_STEERING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_NOT_A_LETTER = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_TOKEN = re.compile(r"<([^<>|]*)(?:\|([^<>]*))?>")


class Safe(str):
    """mrkdwn that is ready: its markup is ours, and the user text in it is escaped."""

    __slots__ = ()


def one_line(text: str) -> str:
    """User text without line breaks, control characters and marks that steer the direction of what follows."""
    return " ".join(_NOT_A_LETTER.sub(" ", _STEERING.sub("", text)).split())


def cut(text: str, most: int) -> str:
    """At most `most` characters, ended by "…" at a word where one is near."""
    if len(text) <= most:
        return text
    head = text[: max(most - 1, 0)]
    at = head.rfind(" ")
    return (head[:at] if at > most * 2 // 3 else head).rstrip(" ·,") + "…"


def isolated(text: str) -> str:
    """Right-to-left text between isolating marks, so that the numbers beside it stay where they are."""
    if not text.isascii() and any(unicodedata.bidirectional(letter) in {"R", "AL"} for letter in text):
        return f"{ISOLATE}{text}{END_OF_ISOLATE}"
    return text


def escaped(text: str) -> str:
    """The three characters that Slack gives a meaning, and nothing else."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def user(text: str, most: int = 300) -> Safe:
    """Any text that a person, a file or a database wrote, as mrkdwn. What is Safe already stays as it is."""
    if isinstance(text, Safe):
        return text
    return Safe(escaped(isolated(cut(one_line(text), most))))


def plain_user(text: str, most: int = 75) -> str:
    """The same for plain_text, where nothing is escaped and nothing is markup."""
    return isolated(cut(one_line(text), most - 2))


def bold(text: str, most: int = 300) -> Safe:
    """User text in bold; its own asterisks would end it early, so they become look-alikes."""
    return Safe(f"*{user(text, most).replace('*', '∗')}*")


def mention(user_id: str) -> Safe:
    """Asks for a person's attention: only who is asked, only where DESIGN says. An odd id is shown, not mentioned."""
    return Safe(f"<@{user_id}>") if re.fullmatch(r"[UW][A-Z0-9]+", user_id) else user(user_id)


def room(channel: str) -> Safe:
    """A channel by its name, which Slack puts in; an odd id is shown as it is."""
    return Safe(f"<#{channel}>") if re.fullmatch(r"[CG][A-Z0-9]+", channel) else user(channel)


def link(url: str, words: str) -> Safe:
    """A link of ours (a permalink); an address that is no https address is left out."""
    if not re.fullmatch(r"https?://[^\s<>|]+", url):
        return user(words)
    return Safe(f"<{escaped(url)}|{user(words)}>")


def moment(at: datetime, shape: str = "{time}") -> Safe:
    """A Slack date token, shown in the reader's own zone; the fallback is UTC."""
    utc = at.astimezone(UTC)
    fallback = f"{utc:%H:%M} UTC" if shape == "{time}" else f"{utc:%m-%d %H:%M} UTC"
    return Safe(f"<!date^{int(at.timestamp())}^{shape}|{fallback}>")


def day_and_time(at: datetime) -> Safe:
    """Such as "today 16:00"."""
    return moment(at, "{date_short_pretty} {time}")


def day(at: datetime) -> Safe:
    return Safe(f"<!date^{int(at.timestamp())}^{{date_short_pretty}}|{at.astimezone(UTC):%Y-%m-%d}>")


def spoken(mrkdwn: str, most: int = 4000) -> str:
    """The same words for screen readers and notifications: tokens by what they show, no emphasis."""
    words = _TOKEN.sub(lambda found: found[2] or found[1].lstrip("!@#"), mrkdwn)
    return cut(re.sub(r"(?<!\w)[*`]+|[*`]+(?!\w)", "", words), most)


Block = dict[str, Any]
Element = dict[str, Any]
Room = TypeVar("Room")

VIEW_BLOCKS = 100
MESSAGE_CHARACTERS = 9000
SECTION_TEXT = 3000
CONTEXT_ELEMENTS = 10
ACTIONS_ELEMENTS = 25
OVERFLOW_OPTIONS = 5
SELECT_OPTIONS = 100
CHOICE_OPTIONS = 10
OPTION_TEXT = 75
OPTION_VALUE = 150
CODE_TEXT = 2900
MODAL_TITLE = 24


@dataclass(frozen=True)
class Rendered:
    """A message: blocks, and the same in words for screen readers and notifications (at most 4,000 characters).

    `is_news`: whether it is posted where it does not stand yet; else it only changes what does.
    """

    text: str
    blocks: list[Block]
    is_news: bool = True


def rendered(spoken_words: str, blocks: Iterable[Block]) -> Rendered:
    """`spoken_words` may be mrkdwn; tokens in it become what they show."""
    return Rendered(spoken(spoken_words), list(blocks))


def size(blocks: Sequence[Block] | Block) -> int:
    """Characters of JSON, as Slack counts a message's blocks."""
    return len(json.dumps(blocks, ensure_ascii=False, separators=(",", ":")))


def fitting(rooms: Iterable[Room], draw: Callable[[Room], Iterable[Block]]) -> list[Block]:
    """A message's blocks as drawn in the first room, each tighter than the one before, that keeps them small enough."""
    blocks: list[Block] = []
    for room in rooms:
        blocks = list(draw(room))
        if size(blocks) <= MESSAGE_CHARACTERS:
            break
    return blocks


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


def actions(elements: Iterable[Element | None], block_id: str = "") -> list[Block]:
    """One actions block, or none where there is nothing to press."""
    kept = [element for element in elements if element][:ACTIONS_ELEMENTS]
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
    shown = {"type": "static_select", "action_id": action_id, "placeholder": plain(placeholder, 150)}
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
