"""Inputs of modals: the block_id is the field's name, by which a submitted form is read; the action_id is "value"."""

from __future__ import annotations

from collections.abc import Sequence

from bot.core.typed import LONGEST
from bot.slack.messages.blocks import CHOICE_OPTIONS, SELECT_OPTIONS, Block, Element, option, plain

VALUE = "value"


def _input(name: str, label: str, element: Element, hint: str, optional: bool) -> Block:
    block: Block = {"type": "input", "block_id": name, "label": plain(label, 150), "element": element}
    if hint:
        block["hint"] = plain(hint, 300)
    return block | ({"optional": True} if optional else {})


def line(name: str, label: str, initial: str = "", *, hint: str = "", optional: bool = False, most: int = 300) -> Block:
    """One line of text."""
    element: Element = {"type": "plain_text_input", "action_id": VALUE, "max_length": most}
    return _input(name, label, element | _initial(initial, most), hint, optional)


def lines(name: str, label: str, initial: str = "", *, hint: str = "", optional: bool = False, least: int = 0) -> Block:
    """Several lines; `least` is a number of characters that Slack itself insists on."""
    element: Element = {"type": "plain_text_input", "action_id": VALUE, "multiline": True, "max_length": LONGEST}
    floor = {"min_length": least} if least else {}
    return _input(name, label, element | floor | _initial(initial, LONGEST), hint, optional)


def choice(name: str, label: str, options: Sequence[tuple[str, str, str]], initial: str = "") -> Block:
    """Radio buttons from (value, words, description), at most ten."""
    made = [option(words, value, about) for value, words, about in options[:CHOICE_OPTIONS]]
    return _input(name, label, _one_of("radio_buttons", made, initial), "", False)


def pick(
    name: str,
    label: str,
    options: Sequence[tuple[str, str]],
    initial: str = "",
    hint: str = "",
    *,
    optional: bool = False,
) -> Block:
    """A menu from (value, words), at most 100."""
    made = [option(words, value) for value, words in options[:SELECT_OPTIONS]]
    return _input(name, label, _one_of("static_select", made, initial), hint, optional)


def boxes(name: str, label: str, options: Sequence[Element]) -> Block:
    """One group of at most ten checkboxes, none ticked: what is ticked is what the person says now."""
    element: Element = {"type": "checkboxes", "action_id": VALUE, "options": list(options[:CHOICE_OPTIONS])}
    return _input(name, label, element, "", True)


def date(name: str, label: str, initial: str, hint: str = "") -> Block:
    """A date such as 2026-11-22."""
    element: Element = {"type": "datepicker", "action_id": VALUE} | ({"initial_date": initial} if initial else {})
    return _input(name, label, element, hint, False)


def person(name: str, label: str, hint: str = "", *, optional: bool = False) -> Block:
    """One person of the workspace."""
    return _input(name, label, {"type": "users_select", "action_id": VALUE}, hint, optional)


def _one_of(sort: str, options: list[Element], initial: str) -> Element:
    chosen = [{"initial_option": each} for each in options if each["value"] == initial]
    return {"type": sort, "action_id": VALUE, "options": options} | (chosen[0] if chosen else {})


def _initial(text: str, most: int) -> Element:
    return {"initial_value": text[:most]} if text else {}
