"""`/deploy mine`: what waits for me, and my own open deployments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bot.slack.messages import home, samples
from bot.slack.messages.blocks import Block, Rendered, actions, rendered, section, size
from bot.slack.messages.mrkdwn import user
from bot.slack.messages.sign_off import decides, decision_buttons
from bot.slack.messages.status import status_lines
from bot.slack.messages.words import and_more, role_title, titled
from bot.usecases.facts import HomeFacts

SHOWN = 5
CHARACTERS = 9000


def render(facts: HomeFacts) -> Rendered:
    """App Home's facts in one private message; `facts.open` holds the person's own deployments only."""
    for most in range(SHOWN, 0, -1):
        blocks = list(_blocks(facts, most))
        if size(blocks) <= CHARACTERS:
            break
    return rendered(f"What needs you: {len(facts.needs_me)}", blocks)


def _blocks(facts: HomeFacts, most: int) -> Iterator[Block]:
    owed = [need for need in facts.needs_me if need[2] is not None]
    tasks = [need for need in facts.needs_me if need[2] is None]
    yield section("*What needs you*" if facts.needs_me else "Nothing needs you now.")
    for _, words, sign_off in owed[:most]:
        if sign_off is not None:
            yield section(f"*{user(role_title(sign_off.role))}* · {user(words)}\n{decides(sign_off)}")
            yield from actions(decision_buttons(sign_off))
    if tasks:
        lines = [f"{titled(deployment)} {user(words)}" for deployment, words, _ in tasks[: 2 * most]]
        yield section("\n".join(lines))
    hidden = max(0, len(owed) - most) + max(0, len(tasks) - 2 * most)
    if hidden:
        yield section(and_more(hidden, "App Home"))
    yield from _open(facts, most)


def _open(facts: HomeFacts, most: int) -> Iterator[Block]:
    for each in facts.open[:most]:
        yield section("\n".join(status_lines(each, facts.permalinks.get(each.deployment.id, ""))))
    if len(facts.open) > most:
        yield section(and_more(len(facts.open) - most, "App Home"))


EXAMPLES: Mapping[str, HomeFacts] = {"busy": home.EXAMPLES["busy"], "idle": HomeFacts(samples.DANA, (), (), ())}
