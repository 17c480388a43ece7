"""To read: every section of a deployment, and all that a decision is about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.core.decision import CheckResult, short
from bot.core.deployment import ENDED, Deployment
from bot.slack.messages import samples
from bot.slack.messages.blocks import (
    VIEW_BLOCKS,
    Block,
    Element,
    actions,
    bold,
    context,
    section,
    sections_within,
    size,
    user,
    within,
)
from bot.slack.messages.buttons import Target, adding, button, encode, form, more_about
from bot.slack.messages.thread.item_line import item_head, item_text, verdict_head
from bot.slack.messages.thread.section import section_acts, tally
from bot.slack.messages.words import titled
from bot.usecases.facts import ItemFacts, SectionFacts
from bot.usecases.form_facts import SubjectDetail
from bot.usecases.verb import Verb
from checks.result import Status, counted

BLOCK_TEXT = 2900
VIEW_CHARACTERS = 180_000


def view(deployment: Deployment, shown: Sequence[SectionFacts]) -> dict[str, Any]:
    """All sections, in the checklist's order. Each block's menu opens one item, as in the section's message."""
    blocks = _within_view(_blocks(deployment, shown))
    return form(Verb.SEE_EVERYTHING, Target(deployment.id), "Everything", blocks, close="Close")


def _within_view(blocks: Iterable[Block]) -> list[Block]:
    kept: list[Block] = []
    used = 0
    for block in blocks:
        used += size(block)
        if len(kept) == VIEW_BLOCKS - 1 or used > VIEW_CHARACTERS:
            return [*kept, context("and more · gonogo export, on the bot's machine, has every item")]
        kept.append(block)
    return kept


def _blocks(deployment: Deployment, shown: Sequence[SectionFacts]) -> Iterator[Block]:
    settled = sum(each.settled for each in shown)
    total = sum(len(each.items) for each in shown)
    yield section(f"{titled(deployment)}\n{settled} of {counted(total, 'item')} settled")
    for each in shown:
        yield from _section(each)


def _section(facts: SectionFacts) -> Iterator[Block]:
    head = f"{bold(facts.title)}   {user(facts.group)} · {facts.phase} · {facts.settled} of {len(facts.items)} settled"
    for number, items in enumerate(_groups(facts.items)):
        lines = [*([head] if number == 0 else []), *(item_head(item) for item in items)]
        menu = next(iter(more_about(items, "More about …", adding(facts))), None)
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


def section_view(facts: SectionFacts) -> dict[str, Any]:
    """One section, whole: each item with its evidence and its likely act, and the menu of what is rarer."""
    target = Target(facts.deployment.id, section=facts.id)
    return form(Verb.SEE_SECTION, target, "List", _within_view(_list(facts)), close="Close")


def _list(facts: SectionFacts) -> Iterator[Block]:
    yield section(f"{bold(facts.title)}   {user(facts.group)}\n{tally(facts)}")
    menu = more_about(facts.items, more=adding(facts))
    yield from actions([*section_acts(facts), *_work_acts(facts), *menu], _list_id(facts))
    for item in facts.items:
        target = Target(facts.deployment.id, item=item.id, section=facts.id)
        yield section(item_text(item), button(item.act, target) if item.act else None)


def _work_acts(facts: SectionFacts) -> list[Element]:
    """Whose the list is to be as a whole, while there is something to do."""
    if facts.deployment.state in ENDED or facts.settled == len(facts.items):
        return []
    target = Target(facts.deployment.id, section=facts.id)
    is_anothers = facts.assigned is not None and bool(facts.assigned.to.user_id) and not facts.assigned.old
    return [button(Verb.ASSIGN, target, "Give the list to …"), button(Verb.TAKE if is_anothers else Verb.CLAIM, target)]


def _list_id(facts: SectionFacts) -> str:
    return encode(Target(facts.deployment.id, section=facts.id, extra="list"))


_OTHER = replace(samples.SECTION, id="testing", title="Testing", group="Pre-Deployment")
EXAMPLES: Mapping[str, tuple[Deployment, Sequence[SectionFacts]]] = {
    "two sections": (samples.PREPARING, (samples.SECTION, _OTHER)),
    "nothing": (samples.READING, ()),
}


def subject_view(facts: SubjectDetail) -> dict[str, Any]:
    """A modal to read; it decides nothing, the buttons are beside the role."""
    return form(
        Verb.SEE_SUBJECT,
        Target(facts.deployment.id, subject=facts.subject),
        "What is decided",
        _subject_blocks(facts),
        close="Close",
    )


def _subject_blocks(facts: SubjectDetail) -> Iterator[Block]:
    read = f"{counted(facts.files, 'file')} · {short(facts.subject)}" if facts.subject else "no file is read yet"
    yield section(f"{titled(facts.deployment)}\n{read}")
    left = [item_head(item) for item in facts.open_items]
    wrong = [str(verdict_head(one, facts.titles)) for one in facts.results if not _is_fine(one)]
    fine = [str(verdict_head(one, facts.titles)) for one in facts.results if _is_fine(one)]
    yield from titled_lines("Checks that did not pass", wrong, 8, _ALL)
    yield from titled_lines(f"{counted(len(left), 'item')} open that go needs", left, 8, _ALL)
    yield from titled_lines("Checks that passed, or do not apply", fine, 8, _ALL)


_ALL = "the sections in the thread have all"


def _is_fine(result: CheckResult) -> bool:
    return result.status in {Status.PASSED, Status.NOT_APPLICABLE}


def titled_lines(title: str, lines: Sequence[str], most: int, where: str) -> Iterator[Block]:
    if lines:
        yield section(f"*{title}*")
        yield from sections_within(lines, most, where)


SUBJECT_EXAMPLES: Mapping[str, SubjectDetail] = {
    "three files": SubjectDetail(
        samples.PREPARING, samples.SUBJECT, 3, samples.RESULTS, samples.TITLES, (samples.RESTORE, samples.PLAN)
    ),
    "reading": SubjectDetail(samples.READING, "", 0, (), {}, ()),
}
