"""Every section with every item's state, and the way to each: a modal of at most 100 blocks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.core.deployment import Deployment
from bot.slack.ids import Target, encode
from bot.slack.messages import samples
from bot.slack.messages.blocks import VIEW_BLOCKS, Block, context, modal, section, sections_within, size, within
from bot.slack.messages.buttons import more_about
from bot.slack.messages.item_line import item_head
from bot.slack.messages.mrkdwn import bold, user
from bot.slack.messages.words import titled
from bot.usecases.facts import ItemFacts, SectionFacts
from bot.usecases.verb import Verb
from checks.result import counted

BLOCK_TEXT = 2900
VIEW_CHARACTERS = 180_000


@dataclass(frozen=True)
class Everything:
    """All sections of a deployment, in the checklist's order, and every warning of its dashboard."""

    deployment: Deployment
    sections: tuple[SectionFacts, ...]
    warnings: tuple[str, ...] = ()


def view(facts: Everything) -> dict[str, Any]:
    """Each block's menu opens one item, as in the section's message."""
    metadata = encode(Target(facts.deployment.id))
    return modal("Everything", _fitting(facts), callback_id=Verb.SEE_EVERYTHING, metadata=metadata)


def _fitting(facts: Everything) -> list[Block]:
    blocks = list(_blocks(facts))
    kept: list[Block] = []
    used = 0
    for block in blocks:
        used += size(block)
        if len(kept) == VIEW_BLOCKS - 1 or used > VIEW_CHARACTERS:
            return [*kept, context("and more · gonogo export, on the bot's machine, has every item")]
        kept.append(block)
    return kept


def _blocks(facts: Everything) -> Iterator[Block]:
    settled = sum(each.settled for each in facts.sections)
    total = sum(len(each.items) for each in facts.sections)
    yield section(f"{titled(facts.deployment)}\n{settled} of {counted(total, 'item')} settled")
    yield from sections_within([f"⚠ {user(warning)}" for warning in facts.warnings], 8, "Go … shows them too")
    for each in facts.sections:
        yield from _section(each)


def _section(facts: SectionFacts) -> Iterator[Block]:
    head = f"{bold(facts.title)}   {user(facts.group)} · {facts.phase} · {facts.settled} of {len(facts.items)} settled"
    for number, items in enumerate(_groups(facts.items)):
        lines = [*([head] if number == 0 else []), *(item_head(item) for item in items)]
        menu = next(iter(more_about(items, "More about …")), None)
        block_id = encode(Target(facts.deployment.id, section=facts.id, extra=f"all.{number}"))
        yield section(within("\n".join(lines), 3000), menu, block_id)


def _groups(items: Sequence[ItemFacts]) -> Iterator[Sequence[ItemFacts]]:
    """Items whose lines fit in one block."""
    start, used = 0, 0
    for number, item in enumerate(items):
        line = len(item_head(item)) + 1
        if number > start and (used + line > BLOCK_TEXT - 400 or number - start >= 100):
            yield items[start:number]
            start, used = number, 0
        used += line
    if items:
        yield items[start:]


_OTHER = replace(samples.SECTION, id="testing", title="Testing", group="Pre-Deployment")
EXAMPLES: Mapping[str, Everything] = {
    "two sections": Everything(samples.PREPARING, (samples.SECTION, _OTHER)),
    "nothing": Everything(samples.READING, ()),
}
