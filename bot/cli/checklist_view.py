"""The checklist that counts here, and which of its lines each check answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.core.checklist.items import Checklist, Item
from bot.core.checklist.reader import parse

if TYPE_CHECKING:
    from bot.settings import Settings


@dataclass(frozen=True)
class Answers:
    """The lines that checks answer. `probes` maps item ids to probes, as the settings say."""

    checklist: Checklist
    probes: Mapping[str, tuple[str, ...]]

    def lines_of(self, check_id: str) -> list[dict[str, str]]:
        """`[{"section": "Pre-Deployment / Testing", "label": …}]`, in the order of the checklist."""
        return [
            {"section": self.checklist.section_of(item).path, "label": item.label}
            for item in self.checklist.items
            if check_id in self._checks_of(item)
        ]

    def _checks_of(self, item: Item) -> tuple[str, ...]:
        return (*item.checks, *self.probes.get(item.id, ()))


def answers_of(settings: Settings | None, project: str) -> Answers:
    """By the project's checklist; without settings by the one that ships with gonogo."""
    if settings is None:
        from bot.settings.checklists import default_checklist_path, open_checklist

        return Answers(open_checklist(default_checklist_path()).checklist, {})
    facts = settings.projects()[project]
    return Answers(parse(facts.checklist_text, facts.checklist_file), facts.probes)
