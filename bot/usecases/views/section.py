"""Sections as facts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.core.checklist.items import Item, Phase, Section
from bot.core.decision import RunState
from bot.core.item import ItemWord
from bot.core.policy import Project
from bot.core.refusal import Refused
from bot.usecases.facts import ItemFacts, SectionFacts
from bot.usecases.ports import Reader
from bot.usecases.situation.judging import load
from bot.usecases.situation.snapshot import Situation
from bot.usecases.views.items import item_facts


def section(reader: Reader, project: Project, deployment_id: str, section_id: str, now: datetime) -> SectionFacts:
    """One section of a deployment. Raises Refused where it has none of that id."""
    situation = load(reader, project, deployment_id, now)
    for found, items in situation.sections(*Phase):
        if found.id == section_id:
            return _facts(situation, found, items)
    raise Refused("That section is not part of this deployment's checklist.")


def sections(reader: Reader, project: Project, deployment_id: str, now: datetime) -> tuple[SectionFacts, ...]:
    """Every counted section, in the checklist's order, and those on demand that were opened."""
    situation = load(reader, project, deployment_id, now)
    opened = {live.subject for live in reader.outbox.wanted(deployment_id) if live.kind == "section"}
    return tuple(
        _facts(situation, found, items)
        for found, items in situation.sections(*Phase)
        if not _phase(situation, items).on_demand or found.id in opened
    )


def on_demand(
    reader: Reader, project: Project, deployment_id: str, phase: Phase, now: datetime
) -> tuple[SectionFacts, ...]:
    """The lists of troubleshooting or of rollback, opened or not."""
    situation = load(reader, project, deployment_id, now)
    return tuple(_facts(situation, found, items) for found, items in situation.sections(phase))


def _facts(situation: Situation, found: Section, items: Sequence[Item]) -> SectionFacts:
    shown = tuple(item_facts(situation, item) for item in items)
    phase = _phase(situation, items)
    runs = [run for run in situation.runs if run.check_id in _checks(situation, items)]
    return SectionFacts(
        deployment=situation.deployment,
        id=found.id,
        title=found.title,
        group=found.group,
        phase=phase,
        items=_findings_first(shown) if phase is Phase.TROUBLESHOOT else shown,
        running=sum(run.state in {RunState.QUEUED, RunState.RUNNING} for run in runs),
        batch_done=sum(run.state is RunState.DONE for run in runs),
        batch_total=len(runs),
    )


_FIRST = (ItemWord.FAILED, ItemWord.WAITING, ItemWord.OPEN, ItemWord.DONE, ItemWord.NOT_APPLICABLE)


def _findings_first(items: Sequence[ItemFacts]) -> tuple[ItemFacts, ...]:
    """A troubleshooting list is read from what was found, not from its top."""
    return tuple(sorted(items, key=lambda item: _FIRST.index(item.word)))


def _checks(situation: Situation, items: Sequence[Item]) -> set[str]:
    return {check for item in items for check in situation.checks_of(item)}


def _phase(situation: Situation, items: Sequence[Item]) -> Phase:
    return items[0].phase(situation.kind) or Phase.PREPARE
