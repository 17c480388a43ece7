"""`/deploy help`: the commands, and that each is a button too."""

from __future__ import annotations

from dataclasses import dataclass

from bot.slack.messages.blocks import Rendered
from bot.slack.messages.mrkdwn import Safe, user
from bot.slack.messages.wording import worded


@dataclass(frozen=True)
class Help:
    """`command` is its configured name, `lines` are (how to type it, what it does), `also` the names of the rest.

    `wrong` is what was typed and not understood, `nearest` what was meant. In a line {command} is the configured name.
    """

    command: str
    lines: tuple[tuple[str, str], ...]
    also: tuple[str, ...]
    wrong: str = ""
    nearest: str = ""


def render(facts: Help) -> Rendered:
    """Told privately. The lines are words of ours: their backticks stay."""
    lines = [(typed, Safe(about.format(command=user(facts.command)))) for typed, about in facts.lines]
    return worded("help", {**vars(facts), "lines": lines})
