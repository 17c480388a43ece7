"""docs/items.md: every line of the checklist that ships, and who or what decides it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.core.checklist.items import Item, Kind, Section
from bot.usecases.situation.own_checks import is_own
from docs.generator.checks_page import default_checklist
from docs.generator.markdown import anchor, data, page, table


@dataclass(frozen=True)
class Line:
    """One item with what is known beside the checklist; `probe` and `person` are empty where there is nothing."""

    number: int
    item: Item
    probe: str
    ask: str
    person: str

    @property
    def sort(self) -> str:
        """The first that holds: sign-off, check, probe, bot, person, nobody."""
        if self.item.role:
            return "sign-off"
        if any(not is_own(check) for check in self.item.checks):
            return "check"
        if self.probe:
            return "probe"
        if self.item.checks or self.item.by_completion:
            return "bot"
        return "person" if self.person else "nobody"


def lines() -> list[Line]:
    """All of them, in the checklist's order, counted from 1."""
    words: Mapping[str, Any] = data("items.toml")
    found = ((item, words.get(item.id, {})) for item in default_checklist().items)
    return [
        Line(number, item, about.get("probe", ""), about.get("ask", ""), about.get("person", ""))
        for number, (item, about) in enumerate(found, 1)
    ]


def items_page() -> str:
    """The page."""
    every = lines()
    sections = [_section(section, every) for section in default_checklist().sections]
    return page("# Every item", _INTRO, _counts(every), *sections)


_INTRO = """The 168 lines of the checklist that ships with gonogo: the check that decides each, or the reason why a
person does. *Check* is built in; see [the catalogue](checks.md). *Probe* is a check of your own, a table in
[the settings](settings.md#probesname): without it the line is a plain *Done*. Where a check and a person stand
together the check gives evidence and the person says yes.

A person may always settle a line; over a failed check only with a reason."""


def _counts(every: list[Line]) -> str:
    words = {
        "check": "a check that is built in",
        "probe": "a probe of yours, once it is configured",
        "bot": "the bot, from the deployment itself",
        "sign-off": "a sign-off, by name",
        "person": "a person alone",
        "nobody": "no check in this version: a person says *Done*",
    }
    rows = [[says, str(sum(line.sort == sort for line in every))] for sort, says in words.items()]
    kinds = " · ".join(f"{default_checklist().count(kind)} count in {kind}" for kind in Kind)
    return (
        table(["decided by", "lines"], [*rows, ["together", str(len(every))]]) + f"\n\n{kinds}; the rest is on demand."
    )


def _section(section: Section, every: list[Line]) -> str:
    rows = [_row(line) for line in every if line.item.section_id == section.id]
    return f"## {section.path}\n\n{table(['#', 'line', 'id', 'decided by', 'why a person'], rows)}"


def _row(line: Line) -> list[str]:
    return [str(line.number), line.item.label, f"`{line.item.id}`", _decided_by(line), line.person]


def _decided_by(line: Line) -> str:
    parts = [f"check [`{check}`](checks.md#{anchor(check)})" for check in line.item.checks]
    if line.item.role:
        parts.append(f"sign-off: {line.item.role.kind} by `{line.item.role.name}`")
    if line.item.by_completion:
        parts.append("completing settles it")
    if line.sort == "probe":
        parts.append(f"probe {line.probe}: {line.ask}")
    return "; ".join(parts) or ("a person" if line.person else "a person; no check in this version")
