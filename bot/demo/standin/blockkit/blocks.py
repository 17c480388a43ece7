"""The blocks that gonogo draws and their elements, modals and App Home pages, and the rules over all blocks of a view.

An element is refused as unsupported where it may not stand.
Sources: docs.slack.dev/reference/block-kit/blocks and docs.slack.dev/reference/block-kit/block-elements.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from bot.demo.standin.blockkit.rules import (
    CHOICE_OPTION,
    CONFIRM,
    IDENTIFIER,
    OVERFLOW_OPTION,
    SELECT_OPTION,
    Flaw,
    Rule,
    Shape,
    anything,
    boolean,
    integer,
    list_of,
    matching,
    one_of,
    plain,
    string,
    text,
    typed,
)

_CONFIRM: Mapping[str, Rule] = {"confirm": CONFIRM}
_MENU: Mapping[str, Rule] = {**_CONFIRM, "placeholder": plain(150)}
_DATE = matching(r"\d{4}-\d\d-\d\d", "a date such as 2026-11-22")


def _initial_among_options(element: Any, pointer: str) -> Iterator[Flaw]:
    options = element.get("options") or []
    single = element.get("initial_option")
    if single is not None and single not in options:
        yield Flaw("initial_option must exactly match one of the options", f"{pointer}/initial_option")
    for place, option in enumerate(element.get("initial_options") or []):
        if option not in options:
            message = "initial_options must exactly match one of the options"
            yield Flaw(message, f"{pointer}/initial_options/{place}")


def _element(required: Mapping[str, Rule], optional: Mapping[str, Rule], *whole: Rule) -> Shape:
    return Shape({"type": anything, **required}, {"action_id": IDENTIFIER, **optional}, whole)


def _choice(initial: Mapping[str, Rule]) -> Shape:
    return _element({"options": list_of(CHOICE_OPTION, 1, 10)}, {**_CONFIRM, **initial}, _initial_among_options)


ELEMENTS: dict[str, Shape] = {
    "button": _element(
        {"text": plain(75)},
        {
            **_CONFIRM,
            "value": string(2000),
            "url": string(3000),
            "style": one_of("primary", "danger"),
            "accessibility_label": string(75),
        },
    ),
    "overflow": _element({"options": list_of(OVERFLOW_OPTION, 1, 5)}, _CONFIRM),
    "static_select": _element(
        {"options": list_of(SELECT_OPTION, 1, 100)}, {**_MENU, "initial_option": SELECT_OPTION}, _initial_among_options
    ),
    "radio_buttons": _choice({"initial_option": CHOICE_OPTION}),
    "checkboxes": _choice({"initial_options": list_of(CHOICE_OPTION, 1, 10)}),
    "users_select": _element({}, {**_MENU, "initial_user": string()}),
    "datepicker": _element({}, {**_MENU, "initial_date": _DATE}),
    "plain_text_input": _element(
        {},
        {
            "placeholder": plain(150),
            "initial_value": string(3000),
            "multiline": boolean,
            "min_length": integer(0, 3000),
            "max_length": integer(1, 3000),
        },
    ),
}

ACTIONS = frozenset(ELEMENTS) - {"plain_text_input"}
INPUTS = frozenset(ELEMENTS) - {"button", "overflow"}


def elements_of(block: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """The elements of a block that people act on, each with its pointer inside the block."""
    found = [("/accessory", block.get("accessory")), ("/element", block.get("element"))]
    if block.get("type") == "actions":
        found += [(f"/elements/{place}", each) for place, each in enumerate(block.get("elements") or [])]
    return [(where, each) for where, each in found if isinstance(each, dict)]


def _action_ids_differ(block: Any, pointer: str) -> Iterator[Flaw]:
    yield from _differ("action_id", elements_of(block), pointer, " in this block")


def _differ(name: str, parts: Iterable[tuple[str, Any]], pointer: str, place: str = "") -> Iterator[Flaw]:
    """No two of these (pointer, object) have the same text there."""
    seen: set[str] = set()
    for where, part in parts:
        found = part.get(name) if isinstance(part, dict) else None
        if found in seen:
            yield Flaw(f"`{name}` {found} already exists{place}", f"{pointer}{where}/{name}")
        seen |= {found} if isinstance(found, str) and found else set()


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
    "context": _block({"elements": list_of(text(3000), 1, 10)}, {}),
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
            yield from _differ("block_id", ((f"/{place}", block) for place, block in enumerate(value)), pointer)

    return check


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
