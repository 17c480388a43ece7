"""What a person should know about a checklist before it is used: errors, surprises, and how it is understood."""

from __future__ import annotations

from collections.abc import Iterator

from bot.core.checklist.items import Checklist, Item, Kind, Phase, Requirement
from bot.core.checklist.outline import Outline
from bot.core.checklist.reader import Reading
from bot.core.checklist.text import in_order, problem
from checks.result import WARNING, Finding

_AFTER_GO = (Phase.DEPLOY, Phase.VERIFY, Phase.CLOSE)
_AFTER_COMPLETION = (Phase.VERIFY, Phase.CLOSE)


def lint(reading: Reading) -> tuple[Finding, ...]:
    """Errors and warnings by line."""
    file, checklist = reading.file, reading.checklist
    warnings = [
        *_phase_warnings(checklist, file),
        *_requirement_warnings(checklist, file),
        *_role_warnings(checklist, file),
        *_ticked(reading.outline, file),
    ]
    if reading.flat and checklist.items:
        warnings.append(_flat(checklist, file))
    return in_order([*reading.problems, *warnings])


def _warn(file: str, line: int, sentence: str, mend: str) -> Finding:
    return problem(file, line, sentence, mend, WARNING)


def _flat(checklist: Checklist, file: str) -> Finding:
    sentence = "No heading says which phase its items belong to, so the phases are guessed from the order of the items."
    mend = "See them with `gonogo checklist show`; group the items under headings such as `## Before deployment`."
    return _warn(file, checklist.items[0].line, sentence, mend)


def _phase_warnings(checklist: Checklist, file: str) -> Iterator[Finding]:
    by_id = {item.id: item for item in checklist.items}
    for item in checklist.items:
        other = by_id.get(item.when or "")
        if not any(map(item.applies, Kind)):
            mend = "Let `environments` or the bracket name a kind in which its section applies."
            yield _warn(file, item.line, f"{item.label!r} applies in no kind of environment.", mend)
        elif other and not any(item.applies(kind) and other.applies(kind) for kind in Kind):
            mend = "Let `when` name an item of the same environments."
            yield _warn(file, item.line, f"{item.when!r} never applies where this item does.", mend)


def _requirement_warnings(checklist: Checklist, file: str) -> Iterator[Finding]:
    for item in checklist.items:
        for kind in Kind:
            stated, phase = item.requirements.get(kind, Requirement.NO), item.phase(kind)
            if stated is not Requirement.NO and phase:
                yield from _too_late(item, kind, stated, phase, file)


def _too_late(item: Item, kind: Kind, stated: Requirement, phase: Phase, file: str) -> Iterator[Finding]:
    what = f"In {kind}, {item.label!r} is required "
    if phase.on_demand:
        mend = "Remove `required`, or move the item to a phase that every deployment has."
        yield _warn(file, item.line, f"{what}but is on demand, so nothing waits for it.", mend)
    elif stated is Requirement.GO and phase in _AFTER_GO:
        mend = "Use `required: complete`, or a phase before go (prepare, sign-off)."
        yield _warn(file, item.line, f"{what}for go, but its phase, {phase}, opens only after go.", mend)
    elif phase in _AFTER_COMPLETION:
        mend = "Move it to the phase deploy, or remove `required`."
        yield _warn(file, item.line, f"{what}to complete, but its phase, {phase}, opens only after completion.", mend)
    elif item.by_completion:
        yield _warn(file, item.line, f"{what}and settled only by completing.", "Keep `required` or `by: completion`.")


def _role_warnings(checklist: Checklist, file: str) -> Iterator[Finding]:
    first: dict[tuple[str, Kind], Item] = {}
    for item in checklist.items:
        role = item.role
        if role is None:
            continue
        if role.kind.gates and {phase for phase in item.phases.values() if phase in _AFTER_GO}:
            sentence = f"{item.label!r} is a sign-off, but its phase opens only after go."
            yield _warn(file, item.line, sentence, "Use the phase sign-off, or `role: none` for a plain item.")
        doubled = [first.setdefault((role.name, kind), item) for kind in Kind if item.applies(kind)]
        other = next((each for each in doubled if each is not item), None)
        if other:
            sentence = f"The role {role.name!r} signs off line {other.line} too, in the same kind of environment."
            yield _warn(file, item.line, sentence, "Give one of the two another role, or other environments.")


def _ticked(outline: Outline, file: str) -> Iterator[Finding]:
    for entry in outline.entries:
        if entry.ticked:
            sentence = "This box is ticked; a new deployment starts with it open all the same."
            yield _warn(file, entry.line, sentence, "Write `[ ]`, or remove the line.")
