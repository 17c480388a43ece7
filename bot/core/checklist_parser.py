"""A Markdown file read as a checklist, or everything that is wrong with it at once.

Decisions: nested items are items of their own, in order, in their section; a box that is ticked already counts as
open (a template is no record); CRLF parses, with a warning, and the revision is of the bytes as given; a byte-order
mark is an error, since Markdown would not see the first heading; an ordered list works as a bulleted one.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from bot.core.checklist.items import Checklist
from bot.core.checklist_build import build_sections, is_flat
from bot.core.checklist_outline import Outline, read_outline
from bot.core.checklist_problems import ChecklistError, in_order
from bot.core.checklist_rules import broken_rules
from bot.core.checklist_sections import FALLBACK_TITLE, group_sections, title_heading
from bot.core.checklist_source import read_source
from checks.result import ERROR, Finding


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
    """The checklist of a file's bytes. `known_checks` None: checks are not looked up.

    Raises ChecklistError with every error, each with file, line, sentence and mend.
    """
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
