"""The checklist as frozen facts: kinds, phases, requirements; sections of items, and what differs by kind."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

from bot.core.checklist.text import fold, nearest, nearest_of
from checks.result import Unusable


class Kind(StrEnum):
    """The kind of an environment."""

    DEVELOPMENT = "development"
    STAGING = "staging"
    PRODUCTION = "production"


class Phase(StrEnum):
    """Where in a deployment's life an item belongs. Troubleshoot and rollback are on demand, never counted."""

    PREPARE = "prepare"
    SIGN_OFF = "sign-off"
    DEPLOY = "deploy"
    VERIFY = "verify"
    CLOSE = "close"
    TROUBLESHOOT = "troubleshoot"
    ROLLBACK = "rollback"

    @property
    def on_demand(self) -> bool:
        return self in (Phase.TROUBLESHOOT, Phase.ROLLBACK)


class Requirement(StrEnum):
    """What needs the item settled: the go, the completion, or nothing."""

    GO = "go"
    COMPLETE = "complete"
    NO = "no"


class RoleKind(StrEnum):
    """What a role does. Approve and review gate the go, acknowledge never does."""

    APPROVE = "approve"
    REVIEW = "review"
    ACKNOWLEDGE = "acknowledge"

    @property
    def gates(self) -> bool:
        return self is not RoleKind.ACKNOWLEDGE


class DueUnit(StrEnum):
    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"

    @property
    def length(self) -> timedelta:
        return timedelta(**{f"{self.value}s": 1})


@dataclass(frozen=True)
class RoleAnnotation:
    """The sign-off an item stands for: a role's name (`dba`) and what it does."""

    name: str
    kind: RoleKind


@dataclass(frozen=True)
class Due:
    """When after completion an item is due: from `first` to `last` units; `first` 0 means at once."""

    first: int
    last: int
    unit: DueUnit

    def __str__(self) -> str:
        if self.first == 0:
            return f"{self.last}{self.unit[0]}"
        return f"{self.unit} {self.first}" + (f"-{self.last}" if self.last != self.first else "")


@dataclass(frozen=True)
class AddedLine:
    """A line that somebody added to one deployment: its section by id, and what needs it."""

    id: str
    section: str
    label: str
    required: Requirement
    who: str
    at: datetime


@dataclass(frozen=True)
class Item:
    """One line of the checklist. `line` counts from 1; `valid_days` makes it standing; `when` is another item's id.

    `phases` and `requirements` hold only the kinds in which the item applies: ask the methods. `added` is set where it
    stands in no file: somebody added it to this deployment alone.
    """

    id: str
    label: str
    line: int
    section_id: str
    phases: Mapping[Kind, Phase] = field(hash=False)
    requirements: Mapping[Kind, Requirement] = field(default_factory=dict, hash=False)
    checks: tuple[str, ...] = ()
    role: RoleAnnotation | None = None
    valid_days: int | None = None
    carry: bool = False
    due: Due | None = None
    by_completion: bool = False
    by_person: bool = False
    by_peer: bool = False
    when: str | None = None
    condition: str = ""
    links: tuple[str, ...] = ()
    added: AddedLine | None = None

    def phase(self, kind: Kind) -> Phase | None:
        """The phase in an environment of this kind; None where the item does not apply."""
        return self.phases.get(kind)

    def applies(self, kind: Kind) -> bool:
        return kind in self.phases

    def counts(self, kind: Kind) -> bool:
        """Whether it is one of the items a deployment of this kind works through: applies, and not on demand."""
        phase = self.phase(kind)
        return phase is not None and not phase.on_demand

    def required(self, kind: Kind) -> Requirement:
        if not self.applies(kind):
            return Requirement.NO
        return self.requirements.get(kind, Requirement.NO)


@dataclass(frozen=True)
class Section:
    """Items under one heading. `headings` leads to it, outermost first, without the checklist's title."""

    id: str
    headings: tuple[str, ...]
    line: int
    items: tuple[Item, ...]
    phases: Mapping[Kind, Phase] = field(hash=False)
    fallback_title: str = "Checklist"

    @property
    def group(self) -> str:
        """The outermost heading, e.g. "Pre-Deployment"."""
        return self.headings[0] if self.headings else self.fallback_title

    @property
    def title(self) -> str:
        """The innermost heading, e.g. "Testing"; the group's where there is only one."""
        return self.headings[-1] if self.headings else self.fallback_title

    @property
    def path(self) -> str:
        """All headings, e.g. "Pre-Deployment / Testing"."""
        return " / ".join(self.headings) or self.fallback_title

    def phase(self, kind: Kind) -> Phase | None:
        """The phase of the heading; an item's own annotation may say otherwise."""
        return self.phases.get(kind)


class SectionItems(NamedTuple):
    """A section and those of its items that were asked for, in order."""

    section: Section
    items: tuple[Item, ...]


class ItemNotFound(Unusable):
    """A reference that names no item or several."""


@dataclass(frozen=True)
class Checklist:
    """A parsed checklist. `revision` is the sha-256 (hex) of the bytes as given, `text` those bytes decoded."""

    title: str
    intro: str
    sections: tuple[Section, ...]
    revision: str
    text: str = field(repr=False)

    @cached_property
    def items(self) -> tuple[Item, ...]:
        """Every item, in the order of the file."""
        return tuple(item for section in self.sections for item in section.items)

    @cached_property
    def _by_id(self) -> Mapping[str, Item]:
        return {item.id: item for item in self.items}

    @cached_property
    def _sections_by_id(self) -> Mapping[str, Section]:
        return {section.id: section for section in self.sections}

    def item(self, item_id: str) -> Item:
        """The item of this id. Raises ItemNotFound."""
        if item_id not in self._by_id:
            near = nearest(item_id, self._by_id)
            raise ItemNotFound(f"This checklist has no item with the id {item_id!r}.", near.strip())
        return self._by_id[item_id]

    def section_of(self, item: Item) -> Section:
        return self._sections_by_id[item.section_id]

    def items_for(self, kind: Kind) -> tuple[SectionItems, ...]:
        """What a deployment of this kind works through: sections in order, items of counted phases only."""
        return self._select(lambda item: item.counts(kind))

    def on_demand_for(self, kind: Kind) -> tuple[SectionItems, ...]:
        """Troubleshooting and rollback: opened when needed, not counted until then."""
        return self._select(lambda item: item.applies(kind) and not item.counts(kind))

    def count(self, kind: Kind) -> int:
        """How many items a deployment of this kind works through."""
        return sum(item.counts(kind) for item in self.items)

    def find(self, reference: str) -> Item:
        """The item that an id, "Section / Label" or a label that is unique names. Raises ItemNotFound."""
        if reference in self._by_id:
            return self._by_id[reference]
        names = {item.id: self._names(item) for item in self.items}
        found = [item for item in self.items if fold(reference) in names[item.id]]
        if len(found) == 1:
            return found[0]
        raise self._ambiguous(reference, found) if found else self._unknown(reference)

    def with_added(self, lines: Iterable[AddedLine], kind: Kind) -> Checklist:
        """The same with these lines at the end of their sections, in their phase and due like them, without checks.

        The revision stays: it is of the file.
        """
        sections = {section.id: section for section in self.sections}
        for line in lines:
            section = sections[line.section]
            sections[line.section] = replace(section, items=(*section.items, _added(section, line, kind)))
        return replace(self, sections=tuple(sections.values()))

    def _select(self, wanted: Callable[[Item], bool]) -> tuple[SectionItems, ...]:
        chosen = ((section, tuple(filter(wanted, section.items))) for section in self.sections)
        return tuple(SectionItems(section, items) for section, items in chosen if items)

    def _names(self, item: Item) -> set[str]:
        section = self.section_of(item)
        places = (section.title, section.group, section.path)
        return {fold(item.label), *(fold(f"{place} / {item.label}") for place in places)}

    def _ambiguous(self, reference: str, found: list[Item]) -> ItemNotFound:
        places = "; ".join(f"{self.section_of(item).path} / {item.label} (id {item.id})" for item in found)
        return ItemNotFound(f"{reference!r} names {len(found)} items: {places}.", "Use the id.")

    def _unknown(self, reference: str) -> ItemNotFound:
        labels = {fold(item.label): f"{item.label} (id {item.id})" for item in self.items}
        ids = {item.id: f"{item.label} (id {item.id})" for item in self.items}
        near = nearest_of(fold(reference), labels | ids)
        return ItemNotFound(f"No item of this checklist is called {reference!r}.", near.strip())


def _added(section: Section, line: AddedLine, kind: Kind) -> Item:
    like = min((item for item in section.items if item.applies(kind)), key=lambda item: item.role is not None)
    phases, needed = {kind: like.phases[kind]}, {kind: line.required}
    return Item(line.id, line.label, like.line, section.id, phases, needed, due=like.due, added=line)
