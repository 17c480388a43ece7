"""`/deploy blockers`: exactly what is missing for the next step, and who can mend it. Mentions nobody."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from bot.slack.messages import dashboard
from bot.slack.messages.blocks import Block, Rendered, context, rendered, section, sections
from bot.slack.messages.headline import blocker_lines, needs, spoken_status
from bot.slack.messages.words import listed, titled
from bot.usecases.facts import Blocker, DashboardFacts

SHOWN = 40
MESSAGE_CHARACTERS = 8000


def render(facts: DashboardFacts) -> Rendered:
    """All blockers that fit in one message."""
    return rendered(spoken_status(facts), _blocks(facts))


def _blocks(facts: DashboardFacts) -> Iterator[Block]:
    if not facts.step:
        yield section(f"{titled(facts.deployment)}\nIt has ended: nothing is waited for.")
        return
    yield section(f"{titled(facts.deployment)}\n*To {facts.step}:* {needs(facts)}")
    yield from sections(_fitting(blocker_lines(facts, SHOWN, mentioning=False)))
    if not facts.blockers and facts.step == "go":
        yield context("Press *Go …* on the dashboard.")


def _fitting(lines: list[str]) -> list[str]:
    """As many lines as one message holds."""
    used, most = 0, 0
    for line in lines:
        used += len(line) + 1
        most += used <= MESSAGE_CHARACTERS
    return listed(lines, most, "the sections in the thread have all")


_WAITING = dashboard.EXAMPLES["preparing"]
EXAMPLES: Mapping[str, DashboardFacts] = {
    "some": _WAITING,
    "none": dashboard.EXAMPLES["ready"],
    "many": replace(
        _WAITING,
        blockers=tuple(Blocker("item", f"i{number}", f"Item {number} is open; go needs it") for number in range(60)),
    ),
    "ended": dashboard.EXAMPLES["closed"],
}
