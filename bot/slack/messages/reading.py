"""A message or a form as a person reads it, in lines of plain text: what `gonogo preview` prints."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from bot.slack.messages.blocks import Block, Element, Rendered, spoken

_RULE = "─" * 24


def lines_of(drawn: Rendered | Mapping[str, Any]) -> Iterator[str]:
    """Every block; of a form its title first and what it is sent with last."""
    blocks = drawn.blocks if isinstance(drawn, Rendered) else drawn["blocks"]
    title, submit = (None, None) if isinstance(drawn, Rendered) else (drawn.get("title"), drawn.get("submit"))
    if title:
        yield _said(title)
    for block in blocks:
        yield from _BLOCKS[block["type"]](block)
    if submit:
        yield f"[{_said(submit)}]"


def _said(text: Block) -> str:
    return spoken(text["text"]) if text["type"] == "mrkdwn" else str(text["text"])


def _section(block: Block) -> Iterator[str]:
    texts = [block["text"]] if "text" in block else []
    first, *rest = [line for text in [*texts, *block.get("fields", [])] for line in _said(text).split("\n")]
    yield f"{first}  {_control(block['accessory'])}" if "accessory" in block else first
    yield from rest


def _control(element: Element) -> str:
    """A button by its words, a choice by what it offers, a field by what stands in it."""
    kind = element["type"]
    options = [_said(each["text"]) for each in element.get("options", [])]
    if kind in {"radio_buttons", "checkboxes"}:
        return "  ".join(f"( ) {each}" for each in options)
    if kind == "overflow":
        return f"[⋯ {', '.join(options)}]"
    begun = element.get("initial_option", {}).get("text") or element.get("text") or element.get("placeholder")
    words = element.get("initial_value") or element.get("initial_date") or (_said(begun) if begun else "")
    return f"[{words} ▾]" if kind.endswith("select") else f"[{words}]"


def _input(block: Block) -> Iterator[str]:
    optional = " (optional)" if block.get("optional") else ""
    yield f"{_said(block['label'])}{optional}: {_control(block['element'])}"
    if "hint" in block:
        yield f"    {_said(block['hint'])}"


def _code(block: Block) -> Iterator[str]:
    text = "".join(each["text"] for part in block["elements"] for each in part["elements"])
    yield from (f"    {line}" for line in text.rstrip("\n").split("\n"))


_BLOCKS: Mapping[str, Callable[[Block], Iterator[str]]] = {
    "section": _section,
    "header": lambda block: iter([_said(block["text"])]),
    "context": lambda block: iter("  ".join(map(_said, block["elements"])).split("\n")),
    "actions": lambda block: iter([" ".join(map(_control, block["elements"]))]),
    "divider": lambda _: iter([_RULE]),
    "input": _input,
    "rich_text": _code,
}
