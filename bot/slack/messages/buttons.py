"""Buttons and menu entries: the verb as action_id, its target as value; what it is called says the verb.

A decision button carries the digest of what is decided (`Target.subject`); "…" at the end says that a form follows.
The format of a target is for ever: old messages keep old buttons. Unknown keys are ignored, missing ones are empty.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.slack.messages.blocks import (
    OPTION_VALUE,
    OVERFLOW_OPTIONS,
    SELECT_OPTIONS,
    Block,
    Element,
    modal,
    option,
    plain,
    plain_user,
    select,
)
from bot.usecases.facts import ItemFacts, SectionFacts
from bot.usecases.verb import Verb

MENU = "menu"
"""The action_id of "More …": the chosen option's value is an encoded target whose `extra` is the verb."""
ONLY_A_LINK = "open_link"
_KEYS = {
    "deployment": "d",
    "item": "i",
    "section": "c",
    "role": "r",
    "subject": "s",
    "notice": "n",
    "extra": "x",
    "environment": "e",
}
_NAMES = {key: name for name, key in _KEYS.items()}


@dataclass(frozen=True)
class Target:
    """What a click is about. `subject` is the digest of what a decision decides."""

    deployment: str = ""
    item: str = ""
    section: str = ""
    role: str = ""
    subject: str = ""
    notice: str = ""
    extra: str = ""
    environment: str = ""


def encode(target: Target) -> str:
    """`d=…|i=…`: only what is set. Raises ValueError when a part holds a separator."""
    parts = [f"{_KEYS[name]}={text}" for name, text in vars(target).items() if text]
    encoded = "|".join(parts)
    if encoded.count("|") >= max(len(parts), 1):
        raise ValueError("a target's parts hold no '|'")
    return encoded


def decode(value: str) -> Target:
    """The target that `encode` wrote; anything else gives an empty one, never an error."""
    pairs = (part.split("=", 1) for part in value.split("|") if "=" in part)
    return Target(**{_NAMES[key]: text for key, text in pairs if key in _NAMES})


def button(verb: Verb, target: Target, words: str = "", style: str = "") -> Element:
    """A button that a listener finds by its verb (`action_id`). `style`: primary, danger, or none."""
    label = plain_user(words or verb.words)
    made: Element = {
        "type": "button",
        "action_id": str(verb),
        "text": plain(label, 75),
        "value": encode(target),
    }
    if verb.confirm:
        words = verb.words.removesuffix(" …")
        made["confirm"] = {
            "title": plain(f"{words}?", 100),
            "text": plain(verb.confirm, 300),
            "confirm": plain(words, 30),
            "deny": plain("Leave it", 30),
        }
    return made | ({"style": style} if style else {})


def thread_button(permalink: str) -> Element | None:
    """The way to a thread, where its address is known; Slack still sends its click, which wants an empty answer."""
    if not permalink.startswith("https://"):
        return None
    return {"type": "button", "action_id": ONLY_A_LINK, "text": plain("Open the thread", 75), "url": permalink[:3000]}


def menu(verbs: Sequence[Verb], target_of: Mapping[Verb, Target]) -> list[Element]:
    """ "More …" as an overflow, or as a select where there are more than five entries; none for no verbs."""
    if not verbs:
        return []
    entries = [option(verb.words, encode(replace(target_of[verb], extra=str(verb)))) for verb in verbs]
    if len(entries) > OVERFLOW_OPTIONS:
        return [select(MENU, "More …", entries)]
    return [{"type": "overflow", "action_id": MENU, "options": entries}]


def more_about(
    items: Sequence[ItemFacts], placeholder: str = "More about an item …", more: Iterable[Element] = ()
) -> list[Element]:
    """The menu that opens one item. An option has room for the item's id only: the block_id carries the deployment.

    An item whose id is too long for an option is left out; its own button still works. `more` are options behind them.
    """
    options = [option(item.label, item.id) for item in items if len(item.id) <= OPTION_VALUE]
    shown = [*options[: SELECT_OPTIONS - 1], *more]
    return [select(str(Verb.MORE_ABOUT), placeholder, shown)] if shown else []


ADDS = f"+{Verb.ADD_LINE}"
"""The option of such a menu that adds a line: no item's id has a plus."""


def adding(facts: SectionFacts) -> list[Element]:
    """That option, where a line can be added."""
    return [option(Verb.ADD_LINE.words, ADDS)] if facts.may_add else []


def form(
    verb: Verb | str, target: Target, title: str, blocks: Iterable[Block], submit: str = "", close: str = "Leave it"
) -> dict[str, Any]:
    """A modal whose submit is a click on the verb about this target; without `submit` it only shows."""
    return modal(title, blocks, callback_id=verb, metadata=encode(target), submit=submit, close=close)
