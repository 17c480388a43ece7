"""An hour after completion, to the owner: what deviates, and what only a person can say, each with its button."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta

from bot.core.deployment import ENDED, Outcome, State
from bot.slack.messages import samples
from bot.slack.messages.blocks import Block, Rendered, actions, context, fitting, rendered, section
from bot.slack.messages.buttons import Target, button, thread_button
from bot.slack.messages.thread.item_line import item_text
from bot.slack.messages.words import and_more, plain_titled, titled
from bot.usecases.standing_facts import HourFacts
from checks.result import counted

_ROOMS = ((15, 200), (8, 140), (4, 80))


def render(facts: HourFacts) -> Rendered:
    """As each line stands today; once the deployment has ended nothing is pressed any more."""
    spoken = f"{_head(facts)}: {plain_titled(facts.deployment)}"
    return rendered(spoken, fitting(_ROOMS, lambda room: _blocks(facts, *room)))


def _head(facts: HourFacts) -> str:
    if facts.is_over:
        return "What the hour after completion asked is asked no more: it was rolled back"
    left = sum(not item.settled for item in facts.items)
    if facts.deployment.state in ENDED:
        return f"It has ended, {counted(left, 'line')} not done"
    return f"An hour after completion: {counted(left, 'line')} for you" if left else "All of the hour is answered"


def _blocks(facts: HourFacts, lines: int, length: int) -> Iterator[Block]:
    yield section(f"*{_head(facts)}*\n{titled(facts.deployment)}")
    ended = facts.deployment.state in ENDED
    for item in facts.items[:lines]:
        act = None if ended or item.act is None else button(item.act, Target(facts.deployment.id, item=item.id))
        yield section(item_text(item, length), act)
    if (hidden := len(facts.items) - lines) > 0:
        yield context(and_more(hidden, "the thread has all"))
    yield from actions([thread_button(facts.permalink)])


_DONE = replace(samples.DEPLOYING, state=State.VERIFYING, result=Outcome.SUCCESS, completed_at=samples.NOON)
_SOME = HourFacts(
    _DONE, (samples.PLAN, samples.LOCKS, samples.BACKUP), permalink="https://shop.slack.com/archives/C0DEPLOYS/p1"
)
EXAMPLES: Mapping[str, HourFacts] = {
    "some": _SOME,
    "answered": replace(_SOME, items=(samples.BACKUP,)),
    "rolled back meanwhile": replace(_SOME, items=(), is_over=True),
    "closed meanwhile": replace(
        _SOME, deployment=replace(_DONE, state=State.CLOSED, closed_at=samples.NOON + timedelta(hours=1))
    ),
}
