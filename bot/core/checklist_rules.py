"""What has to hold for a whole checklist: limits, ids that are unique, references that exist."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from bot.core.checklist import Item, Section
from bot.core.checklist_outline import Heading, Outline
from bot.core.checklist_problems import problem
from bot.core.checklist_text import nearest
from checks.result import Finding

MAX_ITEMS = 100
# Slack's header block takes 150 characters; a label shares its block with a symbol and a line of evidence.
MAX_LABEL = 150
MAX_HEADING = 150


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
    yield from _doubled_sections(sections, file)
    yield from _doubled_items(items, file)
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


def _doubled_sections(sections: Sequence[Section], file: str) -> Iterator[Finding]:
    first: dict[str, int] = {}
    for section in sections:
        line = first.setdefault(section.id, section.line)
        if line != section.line:
            sentence = f"The section id {section.id!r} is that of the heading in line {line} too."
            yield problem(file, section.line, sentence, "Reword one of the headings, or end it with `<!-- id: … -->`.")


def _doubled_items(items: Sequence[Item], file: str) -> Iterator[Finding]:
    first: dict[str, int] = {}
    for item in items:
        line = first.setdefault(item.id, item.line)
        if line != item.line:
            sentence = f"The id {item.id!r} of this item is that of line {line} too."
            yield problem(file, item.line, sentence, "End one of the two lines with another `<!-- id: … -->`.")


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
