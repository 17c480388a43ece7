"""To read: every section of a deployment, and all that a decision is about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.core.deployment import Deployment, PinnedFile
from bot.slack.messages import samples
from bot.slack.messages.blocks import (
    CODE_TEXT,
    VIEW_BLOCKS,
    Block,
    actions,
    bold,
    code,
    context,
    section,
    sections_within,
    size,
    user,
    within,
)
from bot.slack.messages.buttons import Target, button, encode, form, more_about
from bot.slack.messages.thread.section import item_head, item_text, section_acts, tally, verdict_head
from bot.slack.messages.words import short, titled
from bot.usecases.facts import ItemFacts, SectionFacts
from bot.usecases.form_facts import SubjectDetail
from bot.usecases.verb import Verb
from checks.result import counted

BLOCK_TEXT = 2900
VIEW_CHARACTERS = 180_000
TEXT_CHARACTERS = 80_000


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


def section_view(facts: SectionFacts) -> dict[str, Any]:
    """One section, whole: each item with its evidence and its likely act, and the menu of what is rarer."""
    target = Target(facts.deployment.id, section=facts.id)
    return form(Verb.SEE_SECTION, target, "List", _within_view(_list(facts)), close="Close")


def _list(facts: SectionFacts) -> Iterator[Block]:
    yield section(f"{bold(facts.title)}   {user(facts.group)}\n{tally(facts)}")
    yield from actions([*section_acts(facts), *more_about(facts.items)], _list_id(facts))
    for item in facts.items:
        target = Target(facts.deployment.id, item=item.id, section=facts.id)
        yield section(item_text(item), button(item.act, target) if item.act else None)


def _list_id(facts: SectionFacts) -> str:
    return encode(Target(facts.deployment.id, section=facts.id, extra="list"))


_OTHER = replace(samples.SECTION, id="testing", title="Testing", group="Pre-Deployment")
EXAMPLES: Mapping[str, tuple[Deployment, Sequence[SectionFacts]]] = {
    "two sections": (samples.PREPARING, (samples.SECTION, _OTHER)),
    "nothing": (samples.READING, ()),
}


_File = tuple[PinnedFile, int, str]


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
    fingerprint = short(facts.deployment.fingerprint)
    files = f"{counted(len(facts.files), 'file')}, fingerprint {fingerprint}" if fingerprint else "no file is read yet"
    yield section(f"{titled(facts.deployment)}\n{files}")
    answers = [str(verdict_head(result, facts.titles)) for result in facts.results]
    yield from _titled_lines("Checks", answers, 12, "the sections in the thread have all")
    left = [item_head(item) for item in facts.open_items]
    yield from _titled_lines(f"{counted(len(left), 'item')} not settled", left, 8, "the sections in the thread")
    yield from _sql(facts.files)


def _titled_lines(title: str, lines: Sequence[str], most: int, where: str) -> Iterator[Block]:
    if lines:
        yield section(f"*{title}*")
        yield from sections_within(lines, most, where)


def _sql(files: Sequence[_File]) -> Iterator[Block]:
    """SQL of as many files as fit, down files last; the names of all others."""
    ordered = sorted(files, key=lambda each: each[0].is_down)
    shown = [(_file(file, length), _file(file, length), sql or " ") for file, length, sql in ordered]
    yield from texts(
        shown, (22, 24), "only in the file and the record", "gonogo export, on the bot's machine, has every file"
    )


def texts(files: Sequence[tuple[str, str, str]], room: tuple[int, int], cut_where: str, left: str) -> Iterator[Block]:
    """Files as (title, name, text): as many texts as fit, the others by name.

    `room` is for so many texts and blocks of names; `cut_where` and `left` say where the rest can be seen.
    """
    shown = _shown([text for _, _, text in files], room[0])
    for title, _, text in files[:shown]:
        hidden = len(text) - CODE_TEXT
        yield section(title + (f" · the last {counted(hidden, 'character')} {cut_where}" if hidden > 0 else ""))
        if text:
            yield code(text)
    names = [name for _, name, _ in files[shown:]]
    yield from _titled_lines(f"{counted(len(names), 'more file')}, by name", names, room[1], left)


def _shown(shown: Sequence[str], most: int) -> int:
    used = 0
    for number, text in enumerate(shown):
        used += size({"": text[:CODE_TEXT]})
        if number == most or used > TEXT_CHARACTERS:
            return number
    return len(shown)


def _file(file: PinnedFile, length: int) -> str:
    down = " · down" if file.is_down else ""
    return f"{bold(file.name, 150)}  {_bytes(length)} · {short(file.sha)}{down}"


def _bytes(length: int) -> str:
    if length < 10_000:
        return f"{length} bytes"
    return f"{length / 1000:.0f} kB" if length < 10_000_000 else f"{length / 1_000_000:.0f} MB"


_SQL = "CREATE INDEX orders_open_idx ON orders (created_at) WHERE state = 'open';\n"
SUBJECT_EXAMPLES: Mapping[str, SubjectDetail] = {
    "three files": SubjectDetail(
        samples.PREPARING,
        samples.SUBJECT,
        tuple((file, len(_SQL), _SQL) for file in samples.FILES),
        samples.RESULTS,
        samples.TITLES,
        (samples.RESTORE, samples.PLAN),
    ),
    "reading": SubjectDetail(samples.READING, "", (), (), {}, ()),
    "large": SubjectDetail(
        samples.PREPARING,
        samples.SUBJECT,
        tuple((samples.FILES[number % 3], 40 * len(_SQL), 40 * _SQL) for number in range(60)),
        (),
        {},
        (),
    ),
}
