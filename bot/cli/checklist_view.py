"""A checklist in plain lines, as gonogo understands it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from bot.cli.words import oneline
from bot.core.checklist import Checklist, Item, Kind, Phase, Requirement


def view(checklist: Checklist, kind: str | None = None) -> Iterator[str]:
    """The counts by kind, then every section with its items; with a kind, only what applies there."""
    yield oneline(checklist.title)
    yield f"{len(checklist.items)} items: " + ", ".join(f"{checklist.count(k)} count in {k}" for k in Kind)
    kinds = [Kind(kind)] if kind else list(Kind)
    for section in checklist.sections:
        items = [item for item in section.items if any(item.applies(k) for k in kinds)]
        if items:
            yield ""
            yield oneline(section.path)
            yield from (f"  {line}" for item in items for line in _item_lines(item, kinds))


def _item_lines(item: Item, kinds: list[Kind]) -> Iterator[str]:
    yield oneline(item.label)
    yield f"    {item.id} · " + " · ".join(_facts(item, kinds))


def _facts(item: Item, kinds: list[Kind]) -> Iterator[str]:
    yield _by_kind(kinds, lambda kind: _phase_words(item.phase(kind)))
    needed = _by_kind(kinds, lambda kind: _needed_words(item.required(kind)))
    if needed:
        yield f"needed {needed}"
    if item.role:
        yield f"{item.role.kind} by {item.role.name}"
    if item.checks:
        yield f"check {', '.join(item.checks)}"
    if item.carry:
        yield "carried by file"
    if item.valid_days:
        yield f"valid {item.valid_days} days"
    if item.due:
        yield f"due {item.due}"
    if item.when:
        yield f"only when {item.when} is done"
    if item.by_completion:
        yield "settled by completion"
    if item.by_person:
        yield "a person confirms"
    if item.by_peer:
        yield "settled by somebody who does not deploy it"


def _by_kind(kinds: list[Kind], words_of: Callable[[Kind], str]) -> str:
    """`prepare` where all kinds agree, else `deploy in staging, prepare in production`."""
    words = {kind: words_of(kind) for kind in kinds}
    if len(set(words.values())) == 1:
        return words[kinds[0]]
    return ", ".join(f"{text} in {kind}" for kind, text in words.items() if text)


def _phase_words(phase: Phase | None) -> str:
    return phase.value if phase else ""


def _needed_words(requirement: Requirement) -> str:
    return {Requirement.GO: "for go", Requirement.COMPLETE: "to complete"}.get(requirement, "")
