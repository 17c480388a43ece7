"""Tick many items of a section at once: boxes start empty, and what is ticked is done. Nothing is ever unticked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from bot.core.checklist import Requirement
from bot.core.item import ItemWord
from bot.slack.ids import Target, encode
from bot.slack.messages import samples
from bot.slack.messages.blocks import CHOICE_OPTIONS, Block, context, modal, option, section
from bot.slack.messages.inputs import boxes
from bot.slack.messages.mrkdwn import bold
from bot.usecases.facts import ItemFacts, SectionFacts
from bot.usecases.verb import Verb
from checks.result import counted

GROUPS = 30
_NEEDED = {Requirement.GO: "needed for go", Requirement.COMPLETE: "needed to complete"}


def view(facts: SectionFacts) -> dict[str, Any]:
    """A modal with groups of ten boxes; what is ticked are the ids of items."""
    items = [item for item in facts.items if _tickable(item)]
    return modal(
        "Tick many",
        _blocks(facts, items),
        callback_id=Verb.TICK_MANY,
        metadata=encode(Target(facts.deployment.id, section=facts.id)),
        submit="These are done" if items else "",
        close="Leave it",
    )


def _tickable(item: ItemFacts) -> bool:
    """Open ones; waiting ones where a plain yes is enough. A failed item needs a reason, so it has a form."""
    return item.word is ItemWord.OPEN or (item.word is ItemWord.WAITING and item.act is Verb.TICK)


def _blocks(facts: SectionFacts, items: list[ItemFacts]) -> Iterator[Block]:
    if not items:
        yield section(f"{bold(facts.title)}\nNothing is left to tick here.")
        return
    yield section(f"{bold(facts.title)}\nTick what you know is done: your name and the time stand beside each.")
    for start in range(0, min(len(items), GROUPS * CHOICE_OPTIONS), CHOICE_OPTIONS):
        group = items[start : start + CHOICE_OPTIONS]
        label = "Items" if len(items) <= CHOICE_OPTIONS else f"Items {start + 1}–{start + len(group)}"
        yield boxes(f"items-{start // CHOICE_OPTIONS}", label, [_box(item) for item in group])
    if len(items) > GROUPS * CHOICE_OPTIONS:
        yield context(f"and {counted(len(items) - GROUPS * CHOICE_OPTIONS, 'item')} more, shown once these are done")


def _box(item: ItemFacts) -> dict[str, Any]:
    return option(item.label, item.id, _NEEDED.get(item.required, ""))


EXAMPLES: Mapping[str, SectionFacts] = {
    "some": samples.SECTION,
    "none": replace(samples.SECTION, items=(samples.BACKUP,)),
    "many": replace(samples.SECTION, items=tuple(replace(samples.PLAN, id=f"plan-{number}") for number in range(25))),
}
