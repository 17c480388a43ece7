"""The block elements that gonogo draws, and where they may stand; others are refused as unsupported.

Source: docs.slack.dev/reference/block-kit/block-elements.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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
