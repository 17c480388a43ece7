"""The outline grouped: which items stand under which headings, and what annotations come down to them."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace

from bot.core.checklist_annotations import NOTHING, Annotation, read_annotation
from bot.core.checklist_outline import Entry, Heading, Outline
from checks.result import Finding

FALLBACK_TITLE = "Checklist"


@dataclass
class DraftSection:
    """Items under one heading, before anything is inferred. `annotation` holds what all headings above say."""

    headings: tuple[Heading, ...]
    annotation: Annotation
    own_id: str | None
    entries: list[tuple[Entry, Annotation]] = field(default_factory=list)

    @property
    def titles(self) -> tuple[str, ...]:
        return tuple(heading.title for heading in self.headings)

    @property
    def line(self) -> int:
        return self.headings[-1].line if self.headings else self.entries[0][0].line


def title_heading(outline: Outline) -> Heading | None:
    """The checklist's title: a first-level heading that is the only one, or that leads straight to the next."""
    tops = [index for index, node in enumerate(outline.nodes) if isinstance(node, Heading) and node.level == 1]
    if not tops:
        return None
    until = tops[1] if len(tops) > 1 else 0
    between = outline.nodes[tops[0] : until]
    first = outline.nodes[tops[0]]
    is_title = not any(isinstance(node, Entry) for node in between)
    return first if is_title and isinstance(first, Heading) else None


def group_sections(outline: Outline, file: str) -> tuple[tuple[DraftSection, ...], list[Finding]]:
    """Sections that have items, in order, and what is wrong with the annotations of headings and items."""
    grouping = _Grouping(title_heading(outline), file)
    for node in outline.nodes:
        if isinstance(node, Heading):
            grouping.enter(node)
        else:
            grouping.add(node)
    return tuple(section for section in grouping.sections if section.entries), grouping.problems


class _Grouping:
    """Walks the outline with the headings that are open at each point."""

    def __init__(self, title: Heading | None, file: str) -> None:
        self.title, self.file = title, file
        self.open: list[tuple[Heading, Annotation]] = []
        self.sections = [DraftSection((), NOTHING, None)]
        self.problems: list[Finding] = []

    def enter(self, heading: Heading) -> None:
        own = self._read(heading, on_item=False)
        self.open = [(above, said) for above, said in self.open if above.level < heading.level]
        self.open.append((heading, own))
        annotation = NOTHING
        for _, said in self.open:
            annotation = overlay(annotation, said)
        headings = tuple(above for above, _ in self.open if above is not self.title)
        self.sections.append(DraftSection(headings, annotation, own.id))

    def add(self, entry: Entry) -> None:
        self.sections[-1].entries.append((entry, self._read(entry, on_item=True)))

    def _read(self, node: Heading | Entry, on_item: bool) -> Annotation:
        # A comment ends its line, and that is the last one of a label that runs over several.
        annotation, problems = read_annotation(
            node.comment, on_item, self.file, node.end_line if on_item else node.line
        )
        self.problems.extend(problems)
        return annotation


def overlay(outer: Annotation, inner: Annotation) -> Annotation:
    """What holds for something inside: its own words, and where it says nothing those of what surrounds it."""
    keys = {each.name for each in fields(Annotation)} - {"id", "declined"}
    said = {key: getattr(inner, key) for key in keys if getattr(inner, key) != getattr(NOTHING, key)}
    taken_back = {key: getattr(NOTHING, key) for key in inner.declined}
    declined = (outer.declined - said.keys()) | inner.declined
    return replace(outer, **said, **taken_back, id=inner.id, declined=declined)
