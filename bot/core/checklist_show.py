"""What gonogo understands of a checklist, as rows for a table: what was inferred as well as what was written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.core.checklist import Checklist, Item, Kind, Requirement, Section


@dataclass(frozen=True)
class ShowRow:
    """One item in words. `phases` and `required` hold the kinds in which they say something; "" means nothing."""

    section: str
    label: str
    id: str
    line: int
    phases: Mapping[Kind, str]
    required: Mapping[Kind, str]
    checks: tuple[str, ...]
    role: str
    valid: str
    due: str
    when: str
    condition: str
    carry: bool
    by_completion: bool


@dataclass(frozen=True)
class ShowSummary:
    """Counts under the table: items in all, by kind those worked through, those required for go and to complete."""

    items: int
    on_demand: int
    counted: Mapping[Kind, int]
    for_go: Mapping[Kind, int]
    to_complete: Mapping[Kind, int]


def show(checklist: Checklist) -> tuple[ShowRow, ...]:
    """A row for each item, in the order of the file."""
    return tuple(_row(section, item) for section in checklist.sections for item in section.items)


def summarise(checklist: Checklist) -> ShowSummary:
    on_demand = sum(any(phase.on_demand for phase in item.phases.values()) for item in checklist.items)
    return ShowSummary(
        len(checklist.items),
        on_demand,
        {kind: checklist.count(kind) for kind in Kind},
        {kind: _required(checklist, kind, Requirement.GO) for kind in Kind},
        {kind: _required(checklist, kind, Requirement.COMPLETE) for kind in Kind},
    )


def _required(checklist: Checklist, kind: Kind, requirement: Requirement) -> int:
    return sum(item.required(kind) is requirement for item in checklist.items)


def _row(section: Section, item: Item) -> ShowRow:
    return ShowRow(
        section=section.path,
        label=item.label,
        id=item.id,
        line=item.line,
        phases={kind: phase.value for kind, phase in item.phases.items()},
        required={kind: item.required(kind).value for kind in Kind if item.required(kind) is not Requirement.NO},
        checks=item.checks,
        role=f"{item.role.name} {item.role.kind}" if item.role else "",
        valid=f"{item.valid_days}d" if item.valid_days else "",
        due=str(item.due) if item.due else "",
        when=f"{item.when} done" if item.when else "",
        condition=item.condition,
        carry=item.carry,
        by_completion=item.by_completion,
    )
