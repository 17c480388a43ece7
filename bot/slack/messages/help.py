"""`/deploy help`: the commands, and that each is a button too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.slack.messages.blocks import Rendered, rendered
from bot.slack.messages.wording import worded


@dataclass(frozen=True)
class Help:
    """`command` is its configured name, `wrong` what was typed and not understood, `nearest` what was meant."""

    command: str = "/deploy"
    wrong: str = ""
    nearest: str = ""


def render(facts: Help) -> Rendered:
    """Told privately."""
    wording = worded("help", {"command": facts.command, "wrong": facts.wrong, "nearest": facts.nearest})
    return rendered(wording.text, wording.blocks)


EXAMPLES: Mapping[str, Help] = {"help": Help(), "typo": Help("/migrate", "stat", "status")}
