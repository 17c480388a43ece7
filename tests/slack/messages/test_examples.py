"""Every message in every state of its examples is one that Slack takes."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from bot.slack.messages.blocks import Rendered
from bot.slack.messages.buttons import decode
from bot.slack.messages.catalogue import examples
from bot.usecases.verb import Verb
from tests.slack.messages.slack_limits import accepted, elements, foreign_tokens, texts

ALL = list(examples())
DECIDING = {Verb.SIGN, Verb.SECOND, Verb.REJECT, Verb.GO, Verb.BREAK_GLASS}


@pytest.mark.parametrize("draw", [draw for _, draw in ALL], ids=[name for name, _ in ALL])
class TestExample:
    def test_slack_takes_it(self, draw: Callable[[], Rendered | dict[str, Any]]) -> None:
        accepted(draw())

    def test_no_token_but_ours(self, draw: Callable[[], Rendered | dict[str, Any]]) -> None:
        assert foreign_tokens(draw()) == []

    def test_plain_text_shows_no_raw_token_and_no_entity(self, draw: Callable[[], Rendered | dict[str, Any]]) -> None:
        plain = [text for text in texts(draw(), "plain_text") if "<!date" in text or "&amp;" in text or "&lt;" in text]
        assert plain == []

    def test_every_deciding_button_says_what_it_decides(self, draw: Callable[[], Rendered | dict[str, Any]]) -> None:
        deciding = [each for each in elements(draw()) if each["action_id"] in DECIDING]
        assert [each for each in deciding if len(decode(each["value"]).subject) not in {1, 64}] == []

    def test_no_template_left_a_hole(self, draw: Callable[[], Rendered | dict[str, Any]]) -> None:
        said = "\n".join(texts(draw(), "mrkdwn"))
        assert not re.search(r"\bNone\b|\{\{|  ,|\(\)| \.$", said)


def test_every_mrkdwn_is_verbatim() -> None:
    """Otherwise Slack would make links of addresses and channels of #names that a user typed."""

    def loose(part: Any) -> list[Any]:
        if isinstance(part, list):
            return [found for each in part for found in loose(each)]
        if not isinstance(part, dict):
            return []
        own = [part] if part.get("type") == "mrkdwn" and part.get("verbatim") is not True else []
        return own + [found for each in part.values() for found in loose(each)]

    for name, draw in ALL:
        drawn = draw()
        assert loose(drawn.blocks if isinstance(drawn, Rendered) else drawn) == [], name
