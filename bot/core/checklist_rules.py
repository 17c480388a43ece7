"""What has to hold for a whole checklist: limits, ids that are unique, references that exist."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from bot.core.checklist.items import Item, Section
from bot.core.checklist_outline import Heading, Outline
from bot.core.checklist_problems import problem
from bot.core.checklist_text import nearest
from checks.result import Finding

MAX_ITEMS = 100
# Slack's header block takes 150 characters; a label shares its block with a symbol and a line of evidence.
MAX_LABEL = 150
MAX_HEADING = 150
_SECTION_TWICE = (
    "The section id {!r} is that of the heading in line {} too.",
    "Reword one of the headings, or end it with `<!-- id: … -->`.",
)
_ITEM_TWICE = (
    "The id {!r} of this item is that of line {} too.",
    "End one of the two lines with another `<!-- id: … -->`.",
)


def broken_rules(
    outline: Outline, sections: Sequence[Section], known_checks: Collection[str] | None, file: str
) -> Iterator[Finding]:
    """Every fault that a person has to mend before the checklist can be used."""
    items = [item for section in sections for item in section.items]
    if not items:
        yield problem(file, 1, "There is no item in this file.", "Write each item as a line `- [ ] text`.")
    for heading in outline.nodes:
        if isinstance(heading, Heading):
            yield from _text_faults("heading", heading.title, MAX_HEADING, heading.line, file)
    for item in items:
        yield from _text_faults("item", item.label, MAX_LABEL, item.line, file)
    yield from _crowded(sections, file)
    yield from _doubled(sections, file, *_SECTION_TWICE)
    yield from _doubled(items, file, *_ITEM_TWICE)
    yield from _bad_conditions(items, file)
    yield from _unknown_checks(items, known_checks, file)


def _text_faults(what: str, text: str, limit: int, line: int, file: str) -> Iterator[Finding]:
    if not text:
        yield problem(file, line, f"This {what} has no text.", "Write what it is about, or remove the line.")
    if len(text) > limit:
        sentence = f"This {what} has {len(text)} characters; at most {limit} fit into Slack with what stands beside it."
        yield problem(file, line, sentence, "Shorten it; details can go into the paragraph below or behind a link.")


def _crowded(sections: Sequence[Section], file: str) -> Iterator[Finding]:
    for section in sections:
        if len(section.items) > MAX_ITEMS:
            sentence = f"Section {section.path!r} has {len(section.items)} items; a section has at most {MAX_ITEMS}."
            yield problem(file, section.line, sentence, "Split it with a heading (`### …`) where the subject changes.")


def _doubled(parts: Iterable[Section | Item], file: str, sentence: str, mend: str) -> Iterator[Finding]:
    """`sentence` has places for the id and for the line that has it first."""
    first: dict[str, int] = {}
    for part in parts:
        line = first.setdefault(part.id, part.line)
        if line != part.line:
            yield problem(file, part.line, sentence.format(part.id, line), mend)


def _bad_conditions(items: Sequence[Item], file: str) -> Iterator[Finding]:
    by_id = {item.id: item for item in items}
    for item in items:
        if item.when is None:
            continue
        if item.when not in by_id:
            sentence = (
                f"`when` names {item.when!r}, which no item of this file has as its id.{nearest(item.when, by_id)}"
            )
            yield problem(file, item.line, sentence, "Write the id of an item of this file.")
        elif _waits_for_itself(item, by_id):
            sentence = "This item applies only when it is itself done, so it never would."
            yield problem(file, item.line, sentence, "Let `when` name an item that does not wait for this one.")


def _waits_for_itself(item: Item, by_id: dict[str, Item]) -> bool:
    seen: set[str] = set()
    following = item.when
    while following in by_id and following not in seen:
        if following == item.id:
            return True
        seen.add(following)
        following = by_id[following].when
    return False


def _unknown_checks(items: Sequence[Item], known: Collection[str] | None, file: str) -> Iterator[Finding]:
    for item in items if known is not None else ():
        for check in item.checks:
            if check not in (known or ()):
                sentence = f"There is no check {check!r}.{nearest(check, known or ())}"
                yield problem(
                    file, item.line, sentence, "`gonogo checks` lists them; a probe of gonogo.toml is one too."
                )
