"""Finding what to press by the words on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.demo.standin.blockkit.blocks import elements_of
from bot.demo.standin.model import JSON
from bot.demo.standin.reading import Reader


@dataclass(frozen=True)
class Control:
    block_id: str
    element: JSON
    names: tuple[str, ...]  # what it may be called: its words, its label, what it shows now
    beside: str  # what stands in the same block, or above it


def controls(blocks: list[JSON], reader: Reader) -> list[Control]:
    """Everything that can be acted on, in reading order."""
    found, above = [], ""
    for block in blocks:
        own = " ".join(reader.text(part) for part in [block.get("text"), *(block.get("fields") or [])] if part)
        above = own or above
        for _, element in elements_of(block):
            if element["type"] != "image":
                names = _names(block, element, reader)
                found.append(Control(block["block_id"], element, names, own or above))
    return found


def _names(block: JSON, element: JSON, reader: Reader) -> tuple[str, ...]:
    if element["type"] == "overflow":
        return ("⋯",)
    candidates = [reader.label(block["block_id"], element), reader.text(element.get("placeholder"))]
    if block["type"] == "input":
        candidates.insert(0, reader.text(block["label"]))
    elif block["type"] == "section" and element["type"] not in ("button", "overflow"):
        candidates.append(reader.text(block.get("text")))
    return tuple(dict.fromkeys(name for name in candidates if name))


def matching(found: list[Control], called: str, beside: str | None, kinds: frozenset[str] | None) -> list[Control]:
    """Controls of this exact name, else those whose name begins with or contains it; beside narrows."""
    fitting = [c for c in found if (kinds is None or c.element["type"] in kinds) and _is_beside(c, beside)]
    exact = [c for c in fitting if called in c.names]
    return exact or [c for c in fitting if any(called in name for name in c.names)]


def _is_beside(control: Control, beside: str | None) -> bool:
    return beside is None or " ".join(beside.split()) in " ".join(control.beside.split())


def option_called(element: JSON, words: str, reader: Reader) -> Any:
    """The value that choosing these words gives: an option, a user or channel id, a date, a time.

    AssertionError names what there is to choose.
    """
    kind = element["type"]
    if "users_select" in kind:
        return reader.workspace.user_named(words).id
    if "conversations_select" in kind or "channels_select" in kind:
        return reader.workspace.channel_named(words).id
    if kind.endswith("picker"):
        return int(words) if kind == "datetimepicker" else words
    grouped = [each for group in element.get("option_groups") or [] for each in group["options"]]
    options = list(element.get("options") or []) + grouped
    named = [(reader.text(option["text"]), option) for option in options]
    for name, option in named:
        if name == words:
            return option
    close = [option for name, option in named if words in name]
    if len(close) != 1:
        raise AssertionError(f"cannot choose {words!r}; there is: {', '.join(name for name, _ in named)}")
    return close[0]
