"""The outline grouped into sections and items as facts: annotations first, and what they leave open inferred."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace

from bot.core.checklist.annotations import NOTHING, Annotation, read_annotation
from bot.core.checklist.inference import (
    Reading,
    bracketed_due,
    bracketed_kinds,
    condition_in,
    due_in,
    flat_phases,
    read_headings,
    role_in,
)
from bot.core.checklist.items import Due, Item, Kind, Phase, Requirement, RoleAnnotation, RoleKind, Section
from bot.core.checklist.outline import Entry, Heading, Outline
from bot.core.checklist.text import slug, slug_path
from bot.core.checklist.values import Choice
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


def build_sections(drafts: Sequence[DraftSection], title: str) -> Iterator[Section]:
    """Sections in the order of the file; an unknown heading goes on in the phase before it."""
    before = Phase.PREPARE
    flat = is_flat(drafts)
    ordered = iter(flat_phases([entry.label for draft in drafts for entry, _ in draft.entries])) if flat else iter(())
    for draft in drafts:
        reading = read_headings(draft.titles, before)
        own = [next(ordered) for _ in draft.entries] if flat else []
        section = _Builder(draft, reading, own, title).section()
        yield section
        counted = [phase for phase in section.phases.values() if not phase.on_demand]
        before = counted[0] if counted else before


def is_flat(drafts: Sequence[DraftSection]) -> bool:
    """Whether no heading and no annotation says anything about phases, so that only the order of items can."""
    return not any(
        draft.annotation.phase
        or read_headings(draft.titles, Phase.PREPARE).recognised
        or any(said.phase for _, said in draft.entries)
        for draft in drafts
    )


class _Builder:
    """One section: what its headings say, and from it each item."""

    def __init__(self, draft: DraftSection, reading: Reading, own: Sequence[Phase], title: str) -> None:
        self.draft, self.reading, self.own, self.title = draft, reading, own, title
        self.phases = self._section_phases()
        self.id = draft.own_id or slug_path(draft.titles) or slug(title)
        self.due = _due_of_headings(draft, self.phases)

    def section(self) -> Section:
        items = tuple(self._item(index, *entry) for index, entry in enumerate(self.draft.entries))
        return Section(self.id, self.draft.titles, self.draft.line, items, self.phases, self.title)

    def _section_phases(self) -> Mapping[Kind, Phase]:
        said = self.draft.annotation
        if said.phase is None:
            kinds = said.environments
            found = self.reading.phases
            return found if kinds is None else {kind: found.get(kind, self.reading.phase) for kind in sorted(kinds)}
        kinds = said.environments or bracketed_kinds(self.title_words) or frozenset(Kind)
        return _chosen(said.phase, kinds)

    @property
    def title_words(self) -> str:
        return " ".join(self.draft.titles)

    def _item(self, index: int, entry: Entry, said: Annotation) -> Item:
        effective = overlay(self.draft.annotation, said)
        role = self._role(entry.label, said)
        phases = self._item_phases(index, entry.label, said, role)
        return Item(
            id=said.id or self._default_id(entry.label),
            label=entry.label,
            line=entry.line,
            section_id=self.id,
            phases=phases,
            requirements=_requirements(effective.required, phases, role),
            checks=said.check,
            role=role,
            valid_days=effective.valid,
            carry=_carries(effective, role),
            due=self._item_due(entry.label, effective),
            by_completion=said.by == "completion",
            by_person=said.by == "person",
            by_peer=said.by == "peer",
            when=said.when,
            condition=condition_in(entry.label),
            links=entry.links,
        )

    def _default_id(self, label: str) -> str:
        if self.draft.own_id:
            return f"{self.draft.own_id}/{slug_path([label])}"
        return slug_path([*self.draft.titles, label])

    def _role(self, label: str, said: Annotation) -> RoleAnnotation | None:
        if said.role or "role" in said.declined:
            return said.role
        phases = set(self.phases.values())
        if phases & {Phase.VERIFY, Phase.CLOSE, Phase.TROUBLESHOOT, Phase.ROLLBACK}:
            return None
        return role_in(label, among_sign_offs=Phase.SIGN_OFF in phases)

    def _item_phases(
        self, index: int, label: str, said: Annotation, role: RoleAnnotation | None
    ) -> Mapping[Kind, Phase]:
        base = dict.fromkeys(self.phases, self.own[index]) if self.own else self.phases
        wanted = said.environments if said.environments is not None else bracketed_kinds(label) or frozenset(Kind)
        if said.phase is not None:
            chosen = _chosen(said.phase, frozenset(base) | _named(said.phase))
        elif role and self.draft.annotation.phase is None:
            chosen = {kind: _before_go(phase) for kind, phase in base.items()}
        else:
            chosen = base
        return {kind: phase for kind, phase in chosen.items() if kind in wanted}

    def _item_due(self, label: str, effective: Annotation) -> Due | None:
        if effective.due or "due" in effective.declined:
            return effective.due
        return bracketed_due(label) or self.due


def _chosen(choice: Choice[Phase], kinds: frozenset[Kind]) -> Mapping[Kind, Phase]:
    found = {kind: choice.get(kind, choice.get(None)) for kind in Kind if kind in kinds}
    return {kind: phase for kind, phase in found.items() if phase is not None}


def _named(choice: Choice[Phase]) -> frozenset[Kind]:
    return frozenset(kind for kind in choice if kind is not None)


def _before_go(phase: Phase) -> Phase:
    """A sign-off outside of a sign-off section still belongs before go, after what prepares it."""
    return Phase.SIGN_OFF if phase in (Phase.PREPARE, Phase.DEPLOY) else phase


def _requirements(
    choice: Choice[Requirement] | None, phases: Mapping[Kind, Phase], role: RoleAnnotation | None
) -> Mapping[Kind, Requirement]:
    if choice is not None:
        return {kind: choice.get(kind, choice.get(None, Requirement.NO)) for kind in phases}
    gates = role is not None and role.kind.gates and phases.get(Kind.PRODUCTION) is Phase.SIGN_OFF
    return {Kind.PRODUCTION: Requirement.GO} if gates else {}


def _carries(effective: Annotation, role: RoleAnnotation | None) -> bool:
    """Approvals and acknowledgements are never carried; a review carries by file unless that is taken back."""
    if role:
        return role.kind is RoleKind.REVIEW and "carry" not in effective.declined
    return effective.carry


def _due_of_headings(draft: DraftSection, phases: Mapping[Kind, Phase]) -> Due | None:
    if not {Phase.VERIFY, Phase.CLOSE} & set(phases.values()):
        return None
    return next(filter(None, map(due_in, reversed(draft.titles))), None)
