"""Texts, options, confirmation dialogs (docs.slack.dev/reference/block-kit/composition-objects)."""

from __future__ import annotations

from bot.demo.standin.blockkit.rules import Rule, Shape, anything, boolean, list_of, one_of, string, typed

IDENTIFIER = string(255)


def _plain_shape(most: int) -> Shape:
    return Shape({"type": one_of("plain_text"), "text": string(most, least=1)}, {"emoji": boolean})


def _mrkdwn_shape(most: int) -> Shape:
    return Shape({"type": one_of("mrkdwn"), "text": string(most, least=1)}, {"verbatim": boolean})


def plain(most: int) -> Rule:
    return typed({"plain_text": _plain_shape(most)})


def text(most: int) -> Rule:
    """plain_text or mrkdwn."""
    return typed({"plain_text": _plain_shape(most), "mrkdwn": _mrkdwn_shape(most)})


CONFIRM = Shape(
    {"title": plain(100), "text": text(300), "confirm": plain(30), "deny": plain(30)},
    {"style": one_of("primary", "danger")},
)

SELECT_OPTION = Shape({"text": plain(75), "value": string(150, least=1)}, {"description": plain(75)})
OVERFLOW_OPTION = Shape(SELECT_OPTION.required, {"description": plain(75), "url": string(3000)})
CHOICE_OPTION = Shape({"text": text(75), "value": string(150, least=1)}, {"description": text(75)})
OPTION_GROUP = Shape({"label": plain(75), "options": list_of(SELECT_OPTION, 1, 100)})

FILTER = Shape(
    {},
    {
        "include": list_of(one_of("im", "mpim", "private", "public"), 1, 4),
        "exclude_external_shared_channels": boolean,
        "exclude_bot_users": boolean,
    },
)
DISPATCH_CONFIG = Shape(
    {}, {"trigger_actions_on": list_of(one_of("on_enter_pressed", "on_character_entered"), 1, 2), "type": anything}
)
