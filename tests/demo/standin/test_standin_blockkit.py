"""Each of Slack's limits: at the limit it passes, over it Slack refuses, and says where."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from standin_bot import JSON, button, modal, mrkdwn, option, plain, section, text_field

from bot.demo.standin.blockkit import check_message_blocks, check_view
from bot.demo.standin.model import SlackError


def refused(blocks: Any) -> list[str]:
    """What is wrong with the blocks of a message; [] when Slack takes them."""
    try:
        check_message_blocks(blocks)
    except SlackError as refusal:
        return [refusal.error, *refusal.extra.get("response_metadata", {}).get("messages", [])]
    return []


def actions(*elements: JSON) -> list[JSON]:
    return [{"type": "actions", "elements": list(elements)}]


def select(**more: Any) -> JSON:
    return {"type": "static_select", "action_id": "s", "placeholder": plain("Choose"), **more}


def confirm(**more: str) -> JSON:
    words = {"title": "Sure?", "text": "It goes live.", "confirm": "Go", "deny": "No", **more}
    return {name: plain(text) for name, text in words.items()}


def buttons(count: int) -> list[JSON]:
    return [button("Go", f"go-{place}") for place in range(count)]


def options(count: int) -> list[JSON]:
    return [option(f"Option {place}") for place in range(count)]


def overflow(count: int) -> JSON:
    return {"type": "overflow", "action_id": "more", "options": options(count)}


LIMITS: dict[str, tuple[int, Callable[[int], list[JSON]], str]] = {
    "blocks": (50, lambda n: [{"type": "divider"}] * n, "/blocks"),
    "section text": (3000, lambda n: [section("x" * n)], "/blocks/0/text/text"),
    "section fields": (10, lambda n: [{"type": "section", "fields": [mrkdwn("x")] * n}], "/blocks/0/fields"),
    "field text": (2000, lambda n: [{"type": "section", "fields": [mrkdwn("x" * n)]}], "/blocks/0/fields/0/text"),
    "header": (150, lambda n: [{"type": "header", "text": plain("x" * n)}], "/blocks/0/text/text"),
    "context": (10, lambda n: [{"type": "context", "elements": [mrkdwn("x")] * n}], "/blocks/0/elements"),
    "actions": (25, lambda n: actions(*buttons(n)), "/blocks/0/elements"),
    "button text": (75, lambda n: actions(button("x" * n, "a")), "/blocks/0/elements/0/text/text"),
    "button value": (2000, lambda n: actions(button("x", "a", "x" * n)), "/blocks/0/elements/0/value"),
    "button url": (3000, lambda n: actions(button("x", "a", url="x" * n)), "/blocks/0/elements/0/url"),
    "action_id": (255, lambda n: actions(button("x", "x" * n)), "/blocks/0/elements/0/action_id"),
    "block_id": (255, lambda n: [section("x", block_id="x" * n)], "/blocks/0/block_id"),
    "select options": (100, lambda n: actions(select(options=options(n))), "/blocks/0/elements/0/options"),
    "overflow options": (5, lambda n: [section("x", overflow(n))], "/blocks/0/accessory/options"),
    "option text": (
        75,
        lambda n: actions(select(options=[option("x" * n, "v")])),
        "/blocks/0/elements/0/options/0/text/text",
    ),
    "option value": (
        150,
        lambda n: actions(select(options=[option("x", "x" * n)])),
        "/blocks/0/elements/0/options/0/value",
    ),
    "option description": (
        75,
        lambda n: actions(select(options=[{**option("x"), "description": plain("x" * n)}])),
        "/blocks/0/elements/0/options/0/description/text",
    ),
    "placeholder": (
        150,
        lambda n: actions(select(options=options(1), placeholder=plain("x" * n))),
        "/blocks/0/elements/0/placeholder/text",
    ),
    "checkbox options": (
        10,
        lambda n: actions({"type": "checkboxes", "action_id": "c", "options": options(n)}),
        "/blocks/0/elements/0/options",
    ),
    "radio options": (
        10,
        lambda n: actions({"type": "radio_buttons", "action_id": "c", "options": options(n)}),
        "/blocks/0/elements/0/options",
    ),
    "confirm title": (
        100,
        lambda n: actions(button("x", "a", confirm=confirm(title="x" * n))),
        "/blocks/0/elements/0/confirm/title/text",
    ),
    "confirm text": (
        300,
        lambda n: actions(button("x", "a", confirm=confirm(text="x" * n))),
        "/blocks/0/elements/0/confirm/text/text",
    ),
    "confirm button": (
        30,
        lambda n: actions(button("x", "a", confirm=confirm(confirm="x" * n))),
        "/blocks/0/elements/0/confirm/confirm/text",
    ),
    "input label": (2000, lambda n: [text_field("x" * n, "b")], "/blocks/0/label/text"),
}


@pytest.mark.parametrize("name", LIMITS)
def test_a_limit_is_where_slack_has_it(name: str) -> None:
    limit, make, pointer = LIMITS[name]
    assert refused(make(limit)) == []
    error, message, *_ = refused(make(limit + 1))
    assert error == "invalid_blocks"
    assert f"[json-pointer:{pointer}]" in message
    assert str(limit) in message or str(limit + 1) in message


VIEW_LIMITS: dict[str, tuple[int, Callable[[int], JSON], str]] = {
    "title": (24, lambda n: modal("x" * n, section("x")), "/view/title/text"),
    "submit": (24, lambda n: modal("x", section("x"), submit=plain("x" * n)), "/view/submit/text"),
    "close": (24, lambda n: modal("x", section("x"), close=plain("x" * n)), "/view/close/text"),
    "private_metadata": (3000, lambda n: modal("x", section("x"), private_metadata="x" * n), "/view/private_metadata"),
    "callback_id": (255, lambda n: modal("x", section("x"), callback_id="x" * n), "/view/callback_id"),
    "blocks": (100, lambda n: modal("x", *[{"type": "divider"}] * n), "/view/blocks"),
}


@pytest.mark.parametrize("name", VIEW_LIMITS)
def test_a_limit_of_views_is_where_slack_has_it(name: str) -> None:
    limit, make, pointer = VIEW_LIMITS[name]
    assert check_view(make(limit), "modal") == make(limit)
    with pytest.raises(SlackError, match="invalid_arguments") as refusal:
        check_view(make(limit + 1), "modal")
    assert f"[json-pointer:{pointer}]" in refusal.value.extra["response_metadata"]["messages"][0]


LINKS: JSON = {"type": "rich_text_preformatted", "elements": [{"type": "link", "url": "https://x.test"}]}
REFUSED: dict[str, tuple[list[Any], str]] = {
    "empty text": ([section("")], "must be more than 0 characters"),
    "header in mrkdwn": ([{"type": "header", "text": mrkdwn("x")}], "unsupported type: mrkdwn"),
    "button in mrkdwn": (actions({**button("x", "a"), "text": mrkdwn("x")}), "unsupported type: mrkdwn"),
    "emoji in mrkdwn": ([{"type": "section", "text": {**mrkdwn("x"), "emoji": True}}], "additional property: emoji"),
    "unknown block": ([{"type": "sectoin", "text": mrkdwn("x")}], "unsupported type: sectoin"),
    "unknown element": (actions({"type": "buton", "action_id": "a"}), "unsupported type: buton"),
    "external select": (actions({"type": "external_select", "action_id": "a"}), "unsupported type: external_select"),
    "text input among buttons": (actions({"type": "plain_text_input", "action_id": "a"}), "unsupported type"),
    "button as input": ([{**text_field("x", "b"), "element": button("x", "a")}], "unsupported type: button"),
    "section without anything": ([{"type": "section"}], "missing required field: text or fields"),
    "no elements": ([{"type": "actions", "elements": []}], "no fewer than 1 items allowed"),
    "style": (actions(button("x", "a", style="warning")), "valid enum value"),
    "block_id twice": ([section("x", block_id="b"), section("y", block_id="b")], "block_id` b already exists"),
    "action_id twice": (actions(button("x", "a"), button("y", "a")), "action_id` a already exists"),
    "select without options": (actions(select()), "missing required field: options"),
    "initial_options empty": (
        actions({"type": "checkboxes", "action_id": "c", "options": options(2), "initial_options": []}),
        "no fewer than 1 items allowed",
    ),
    "initial_options other": (
        actions({"type": "checkboxes", "action_id": "c", "options": options(2), "initial_options": [option("x")]}),
        "initial_options must exactly match",
    ),
    "initial_option other": (
        actions(select(options=options(2), initial_option=option("Option 0", "other"))),
        "initial_option must exactly match",
    ),
    "date": (actions({"type": "datepicker", "action_id": "d", "initial_date": "tomorrow"}), "must be a date"),
    "link among literal text": ([{"type": "rich_text", "elements": [LINKS]}], "unsupported type: link"),
    "number as value": (actions(button("x", "a", value=7)), "must provide a string"),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_slack_refuses_is_refused(name: str) -> None:
    blocks, words = REFUSED[name]
    error, *messages = refused(blocks)
    assert error == "invalid_blocks"
    assert words in messages[0]


def test_what_slack_takes_is_taken() -> None:
    pickers = [
        {"type": "users_select", "action_id": "1", "placeholder": plain("Who")},
        {"type": "datepicker", "action_id": "2", "initial_date": "2026-11-22"},
        {"type": "radio_buttons", "action_id": "5", "options": options(2), "initial_option": option("Option 1")},
        select(options=options(2), initial_option=option("Option 1")),
    ]
    rich = {
        "type": "rich_text",
        "elements": [{"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "x"}]}],
    }
    fields = [text_field("Why", "why", element={"multiline": True, "max_length": 200}, optional=True, hint=plain("x"))]
    assert refused([*actions(*pickers), rich, *fields, {"type": "divider"}]) == []


def test_the_same_action_id_may_stand_in_two_blocks() -> None:
    assert refused([section("x", button("Done", "done")), section("y", button("Done", "done"))]) == []


def test_all_blocks_together_are_limited() -> None:
    assert refused([section("x" * 2900) for _ in range(4)]) == []
    assert refused([section("x" * 2950) for _ in range(5)])[0] == "msg_blocks_too_long"


@pytest.mark.parametrize("blocks", [{"type": "section"}, "x", [1], ["section"]])
def test_blocks_that_are_no_list_of_objects_have_no_format(blocks: Any) -> None:
    assert refused(blocks) == ["invalid_blocks_format"]


def test_a_form_with_fields_needs_a_submit_button() -> None:
    view = modal("x", text_field("Why", "why"))
    del view["submit"]
    with pytest.raises(SlackError) as refusal:
        check_view(view, "modal")
    assert "missing required field: submit" in refusal.value.extra["response_metadata"]["messages"][0]


def test_app_home_is_no_modal() -> None:
    home = {"type": "home", "blocks": [section("x")]}
    assert check_view(home, "home") == home
    with pytest.raises(SlackError, match="invalid_arguments"):
        check_view(home, "modal")
