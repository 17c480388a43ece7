"""Lines that are added to one deployment while it is open: they behave as any other, and stay with it."""

from __future__ import annotations

from collections.abc import Mapping

from bot.core.checklist.items import AddedLine, Phase, Requirement, Section
from bot.core.checklist.reader import MAX_LABEL
from bot.core.checklist.text import fold
from bot.core.deployment import State
from bot.core.record_fields import one_line
from bot.core.refusal import Refused
from bot.core.team import Project
from bot.usecases.act import Act, Answer, chronicle, want_cards, want_dashboard, want_items
from bot.usecases.books.units import Unit
from bot.usecases.permit import require_worker
from bot.usecases.situation.judging import load
from bot.usecases.situation.snapshot import PREPARATION, RUNNING, Situation

SHORTEST = 3
_FITTING: Mapping[Phase, tuple[Requirement, ...]] = {
    Phase.PREPARE: (Requirement.GO, Requirement.COMPLETE, Requirement.NO),
    Phase.DEPLOY: (Requirement.COMPLETE, Requirement.NO),
    Phase.VERIFY: (Requirement.NO,),
    Phase.CLOSE: (Requirement.NO,),
}
"""What may need a line of each phase: a step that is still to come after it."""
_ENDED: Mapping[State, frozenset[Phase]] = {
    **dict.fromkeys(PREPARATION, frozenset()),
    **dict.fromkeys(RUNNING, frozenset({Phase.PREPARE})),
    State.VERIFYING: frozenset({Phase.PREPARE, Phase.DEPLOY}),
}


def requirements_of(situation: Situation, section: Section) -> tuple[Requirement, ...]:
    """What may need a line that is added there now; none where none can be added."""
    ended = _ENDED.get(situation.deployment.state)
    items = (item for item in section.items if item.applies(situation.kind) and not situation.role_of_item(item.id))
    first = next(items, None)
    phase = first.phase(situation.kind) if first else None
    return () if ended is None or phase is None or phase in ended else _FITTING.get(phase, ())


def add_line(
    unit: Unit, project: Project, act: Act, deployment_id: str, section_id: str, label: str, required: str
) -> Answer:
    """Add a line at the end of a section. Raises Refused for a section that is over, and for a label that says nothing.

    What is decided stays what it is: the approvers decide about files, and see the line.
    """
    require_worker(unit, project, act)
    situation = load(unit, project, deployment_id, act.at)
    situation.require_open(": its record is final")
    section = _open_section(situation, section_id, required)
    words = _label(section, label)
    line = AddedLine(unit.new_id(), section.id, words, Requirement(required), act.who, act.at)
    unit.lines.add(deployment_id, line)
    facts = {"line": line.id, "section": section.id, "required": required}
    chronicle(unit, situation.deployment, act, "line-added", facts, label=words)
    _show(unit, load(unit, project, deployment_id, act.at), line, act)
    return Answer(deployment_id=deployment_id)


def _open_section(situation: Situation, section_id: str, required: str) -> Section:
    section = next((one for one in situation.checklist.sections if one.id == section_id), None)
    fitting = requirements_of(situation, section) if section else ()
    if section is None or not fitting:
        raise Refused("No line can be added there any more: choose a section whose phase is still to come.")
    if required not in fitting:
        raise Refused(f"A line of “{section.title}” comes too late for that: choose {_or(fitting)}.")
    return section


def _or(fitting: tuple[Requirement, ...]) -> str:
    words = {Requirement.GO: "needed for go", Requirement.COMPLETE: "needed to complete", Requirement.NO: "optional"}
    return " or ".join(words[one] for one in fitting)


def _label(section: Section, label: str) -> str:
    words = one_line(label)
    if not SHORTEST <= len(words) <= MAX_LABEL:
        raise Refused(f"The line has {len(words)} characters: write {SHORTEST} to {MAX_LABEL}, on one line.")
    if any(fold(item.label) == fold(words) for item in section.items):
        raise Refused(f"“{section.title}” has that line already: reword the line, or tick the one that is there.")
    return words


def take_out(unit: Unit, project: Project, act: Act, deployment_id: str, item_id: str) -> Answer:
    """Take an added line out again: whoever added it, while nobody acted on it. Raises Refused."""
    require_worker(unit, project, act)
    situation = load(unit, project, deployment_id, act.at)
    situation.require_open(": its record is final")
    line = situation.item(item_id).added
    if line is None:
        raise Refused("That line is the checklist's own: say that it is not applicable.")
    if line.who != act.who:
        raise Refused(f"{situation.name(line.who)} added it: only they take it out. Say that it is not applicable.")
    if not is_untouched(situation, item_id):
        raise Refused("Somebody acted on it already, so it stays in the record. Say that it is not applicable.")
    unit.lines.take_out(deployment_id, line.id)
    facts = {"line": line.id, "section": line.section}
    chronicle(unit, situation.deployment, act, "line-taken-out", facts, label=line.label)
    _show(unit, situation, line, act)
    return Answer(f"“{line.label}” is taken out.", deployment_id)


def is_untouched(situation: Situation, item_id: str) -> bool:
    """Whether nobody has said anything about the line."""
    return not situation.decisions.get(item_id)


def _show(unit: Unit, situation: Situation, line: AddedLine, act: Act) -> None:
    deployment = situation.deployment
    want_items(unit, situation, (situation.item(line.id),), act.at, urgent=True)
    want_dashboard(unit, situation.project, deployment, act.at)
    if line.required is Requirement.GO and deployment.asked_at is not None:
        want_cards(unit, deployment, act.at)
