"""A Markdown file read as a checklist, or everything that is wrong with it at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from bot.core.checklist.items import Checklist, Item, Section
from bot.core.checklist.outline import Heading, Outline, read_outline
from bot.core.checklist.sections import (
    FALLBACK_TITLE,
    build_sections,
    group_sections,
    is_flat,
    title_heading,
)
from bot.core.checklist.text import ChecklistError, in_order, nearest, problem, read_source
from checks.result import ERROR, Finding

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


# Decisions: nested items are items of their own, in order, in their section; a box that is ticked already counts as
# open (a template is no record); CRLF parses, with a warning, and the revision is of the bytes as given; a byte-order
# mark is an error, since Markdown would not see the first heading; an ordered list works as a bulleted one.


@dataclass(frozen=True)
class Reading:
    """A checklist as far as it could be read, with every problem; usable only when none is an error."""

    file: str
    checklist: Checklist
    outline: Outline
    problems: tuple[Finding, ...]
    flat: bool

    @property
    def errors(self) -> tuple[Finding, ...]:
        return tuple(problem for problem in self.problems if problem.severity == ERROR)


def parse(given: bytes | str, file: str = "checklist.md", known_checks: Collection[str] | None = None) -> Checklist:
    """The checklist of a file's bytes, read once: neither a click nor a start reads 168 lines anew.

    `known_checks` None: checks are not looked up.

    Raises ChecklistError with every error, each with file, line, sentence and mend.
    """
    return _parsed(given, file, None if known_checks is None else frozenset(known_checks))


@lru_cache(maxsize=64)
def _parsed(given: bytes | str, file: str, known_checks: frozenset[str] | None) -> Checklist:
    reading = read(given, file, known_checks)
    if reading.errors:
        raise ChecklistError(reading.errors)
    return reading.checklist


def read(given: bytes | str, file: str, known_checks: Collection[str] | None = None) -> Reading:
    """As `parse`, with warnings, and without raising where the text can be read at all."""
    source = read_source(given, file)
    outline = read_outline(source.text, source.lines, file)
    drafts, misread = group_sections(outline, file)
    heading = title_heading(outline)
    title = (heading.title if heading else "") or FALLBACK_TITLE
    sections = tuple(build_sections(drafts, title))
    broken = broken_rules(outline, sections, known_checks, file)
    problems = in_order([*source.problems, *outline.problems, *misread, *broken])
    checklist = Checklist(title, outline.intro, sections, source.revision, source.text)
    return Reading(file, checklist, outline, problems, is_flat(drafts))
