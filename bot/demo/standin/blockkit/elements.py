"""Block elements and where they may stand (docs.slack.dev/reference/block-kit/block-elements)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bot.demo.standin.blockkit.rules import (
    CHOICE_OPTION,
    CONFIRM,
    DISPATCH_CONFIG,
    FILTER,
    IDENTIFIER,
    OPTION_GROUP,
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

_ACTION: Mapping[str, Rule] = {"action_id": IDENTIFIER}
_CONFIRM: Mapping[str, Rule] = {"confirm": CONFIRM}
_FOCUS: Mapping[str, Rule] = {"focus_on_load": boolean}
_CHOSEN: Mapping[str, Rule] = {**_CONFIRM, **_FOCUS}
_PLACEHOLDER: Mapping[str, Rule] = {"placeholder": plain(150)}
_TYPE: Mapping[str, Rule] = {"type": anything}
_DATE = matching(r"\d{4}-\d\d-\d\d", "a date such as 2026-11-22")
_TIME = matching(r"([01]\d|2[0-3]):[0-5]\d", "a time such as 16:00")
_IDS = list_of(string(), 1, 100)


def _all_options(element: dict[str, Any]) -> list[Any]:
    groups = element.get("option_groups") or []
    grouped = [option for group in groups if isinstance(group, dict) for option in group.get("options") or []]
    return list(element.get("options") or []) + grouped


def _initial_among_options(element: Any, pointer: str) -> Iterator[Flaw]:
    options = _all_options(element)
    single = element.get("initial_option")
    if single is not None and single not in options:
        yield Flaw("initial_option must exactly match one of the options", f"{pointer}/initial_option")
    for place, option in enumerate(element.get("initial_options") or []):
        if option not in options:
            message = "initial_options must exactly match one of the options"
            yield Flaw(message, f"{pointer}/initial_options/{place}")


def _options_or_groups(element: Any, pointer: str) -> Iterator[Flaw]:
    if ("options" in element) == ("option_groups" in element):
        yield Flaw("provide either options or option_groups", pointer)


def _element(required: Mapping[str, Rule], optional: Mapping[str, Rule], *whole: Rule) -> Shape:
    return Shape({**_TYPE, **required}, {**_ACTION, **optional}, whole)


def _select(initial: Mapping[str, Rule]) -> Shape:
    static = {"options": list_of(SELECT_OPTION, 1, 100), "option_groups": list_of(OPTION_GROUP, 1, 100)}
    return _element({}, {**_CHOSEN, **_PLACEHOLDER, **static, **initial}, _options_or_groups, _initial_among_options)


def _choice(initial: Mapping[str, Rule]) -> Shape:
    return _element({"options": list_of(CHOICE_OPTION, 1, 10)}, {**_CHOSEN, **initial}, _initial_among_options)


def _pick(**initial: Rule) -> Shape:
    return _element({}, {**_CHOSEN, **_PLACEHOLDER, **initial})


def _typing(**more: Rule) -> Shape:
    return _element({}, {**_FOCUS, **_PLACEHOLDER, "dispatch_action_config": DISPATCH_CONFIG, **more})


_MOST: Mapping[str, Rule] = {"max_selected_items": integer(1, 100)}
_RESPONDS: Mapping[str, Rule] = {"response_url_enabled": boolean}
_CONVERSATION: Mapping[str, Rule] = {"default_to_current_conversation": boolean, "filter": FILTER}
_BUTTON = _element(
    {"text": plain(75)},
    {
        **_CONFIRM,
        "value": string(2000),
        "url": string(3000),
        "style": one_of("primary", "danger"),
        "accessibility_label": string(75),
    },
)


def has_picture(image: Any, pointer: str) -> Iterator[Flaw]:
    if (image.get("image_url") is None) == (image.get("slack_file") is None):
        yield Flaw("provide either image_url or slack_file", pointer)


_IMAGE = Shape(
    {**_TYPE, "alt_text": string(2000)},
    {"image_url": string(3000), "slack_file": anything},
    (has_picture,),
)

ELEMENTS: dict[str, Shape] = {
    "button": _BUTTON,
    "overflow": _element({"options": list_of(OVERFLOW_OPTION, 1, 5)}, _CONFIRM),
    "static_select": _select({"initial_option": SELECT_OPTION}),
    "multi_static_select": _select({"initial_options": list_of(SELECT_OPTION, 1, 100), **_MOST}),
    "radio_buttons": _choice({"initial_option": CHOICE_OPTION}),
    "checkboxes": _choice({"initial_options": list_of(CHOICE_OPTION, 1, 10)}),
    "users_select": _pick(initial_user=string()),
    "multi_users_select": _pick(initial_users=_IDS, **_MOST),
    "channels_select": _pick(initial_channel=string(), **_RESPONDS),
    "multi_channels_select": _pick(initial_channels=_IDS, **_MOST),
    "conversations_select": _pick(initial_conversation=string(), **_RESPONDS, **_CONVERSATION),
    "multi_conversations_select": _pick(initial_conversations=_IDS, **_CONVERSATION, **_MOST),
    "datepicker": _pick(initial_date=_DATE),
    "timepicker": _pick(initial_time=_TIME, timezone=string()),
    "datetimepicker": _element({}, {**_CHOSEN, "initial_date_time": integer(10**9, 10**10 - 1)}),
    "plain_text_input": _typing(
        initial_value=string(3000), multiline=boolean, min_length=integer(0, 3000), max_length=integer(1, 3000)
    ),
    "number_input": _typing(is_decimal_allowed=boolean, initial_value=string(), min_value=string(), max_value=string()),
    "email_text_input": _typing(initial_value=string()),
    "url_text_input": _typing(initial_value=string()),
    "image": _IMAGE,
}

_PICKERS = frozenset(name for name in ELEMENTS if name.endswith(("_select", "picker")))
_CHOICES = frozenset({"radio_buttons", "checkboxes"})
ACCESSORIES = _PICKERS | _CHOICES | {"button", "overflow", "image"}
ACTIONS = _PICKERS | _CHOICES | {"button", "overflow"}
INPUTS = _PICKERS | _CHOICES | {"plain_text_input", "number_input", "email_text_input", "url_text_input"}
