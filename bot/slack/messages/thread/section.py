"""One section in the thread: what of it is for a person, each item one block with one likely act; parts of 20 items.

The rest is one folded line. How items fall into parts depends on their ids and labels alone, so that a new evidence
line never moves an item into another message. Evidence is cut shorter where a part would be too large.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from bot.core.checklist.items import Phase
from bot.core.deployment import ENDED
from bot.core.item import ItemWord
from bot.slack.messages import samples
from bot.slack.messages.blocks import (
    OPTION_TEXT,
    Block,
    Element,
    Rendered,
    Safe,
    actions,
    bold,
    fitting,
    rendered,
    section,
    user,
)
from bot.slack.messages.buttons import Target, adding, button, encode, more_about
from bot.slack.messages.thread.item_line import EVIDENCE, LABEL, added, item_text, raw_length
from bot.slack.messages.words import ITEM_SYMBOLS, RUNNING, whose
from bot.usecases.facts import ItemFacts, SectionFacts
from bot.usecases.verb import Verb
from checks.result import Status, counted

PART_ITEMS = 20
_FIXED_CHARACTERS = 8100
_ITEM_OVERHEAD = 265
_OPTION_OVERHEAD = 55
_EVIDENCES = (EVIDENCE, 160, 128, 102, 81, 64, 51, 40, 32, 25, 20)
_FINDINGS = frozenset({Status.FAILED, Status.WARNING})


@dataclass(frozen=True)
class SectionPart:
    """One message of a section; `number` counts from 0 of `total`."""

    number: int
    total: int
    items: tuple[ItemFacts, ...]


def parts(facts: SectionFacts) -> tuple[SectionPart, ...]:
    """The section's messages, in order; at least one. Stable while ids and labels stay."""
    groups: list[list[ItemFacts]] = [[]]
    used = 0
    for item in facts.items:
        takes = _fixed(item)
        if groups[-1] and (len(groups[-1]) >= PART_ITEMS or used + takes > _FIXED_CHARACTERS):
            groups.append([])
            used = 0
        groups[-1].append(item)
        used += takes
    return tuple(SectionPart(number, len(groups), tuple(items)) for number, items in enumerate(groups))


def _fixed(item: ItemFacts) -> int:
    """Characters that an item takes with its shortest evidence: its block, and its option in the menu."""
    label = len(json.dumps(user(item.label, LABEL), ensure_ascii=False))
    written = label + min(label, OPTION_TEXT) + 2 * len(item.id)
    return _ITEM_OVERHEAD + _OPTION_OVERHEAD + written + raw_length(_EVIDENCES[-1]) + len(added(item))


def render_all(facts: SectionFacts) -> tuple[Rendered, ...]:
    """Every message of the section, in order; most have only one. One that has nothing for a person is no news."""
    wanting = frozenset(item.id for item in facts.wanting)
    kept = (replace(part, items=tuple(item for item in part.items if item.id in wanting)) for part in parts(facts))
    return tuple(_part(facts, part) for part in kept)


def _part(facts: SectionFacts, part: SectionPart) -> Rendered:
    blocks = fitting(_EVIDENCES, lambda evidence: _blocks(facts, part, evidence))
    has_news = bool(part.items) or (part.number == 0 and bool(facts.wanting))
    drawn = rendered(f"{user(facts.title)}: {_settled(facts)}", blocks)
    return replace(drawn, is_news=has_news and not facts.can_wait)


def render(facts: SectionFacts) -> Rendered:
    """The first message."""
    return render_all(facts)[0]


def _blocks(facts: SectionFacts, part: SectionPart, evidence: int) -> Iterator[Block]:
    if not facts.wanting:
        yield section(_title(facts, part, tally(facts)), _show(facts))
        return
    yield section(_title(facts, part, _settled(facts)))
    yield from _acts(facts, part)
    for item in part.items:
        target = Target(facts.deployment.id, item=item.id)
        yield section(item_text(item, evidence), button(item.act, target) if item.act else None)
    folded = _folded(facts)
    if folded and part.number == 0:
        yield section(folded, _show(facts))


def _show(facts: SectionFacts) -> Element:
    return button(Verb.SEE_SECTION, Target(facts.deployment.id, section=facts.id))


def tally(facts: SectionFacts) -> str:
    """`✗ 1 failed · *2 for you* · ✓ 4 done · ○ 6 optional, open`: a section in one line, failures first."""
    failed = sum(item.word is ItemWord.FAILED for item in facts.items)
    yours = sum(item.word is not ItemWord.FAILED for item in facts.wanting)
    words = [f"{ITEM_SYMBOLS[ItemWord.FAILED]} {failed} failed"] if failed else []
    words += [f"*{yours} for you*"] if yours else []
    words += [f"{RUNNING} {counted(facts.running, 'check')} running"] if facts.running else []
    words += [_folded(facts)] if _folded(facts) else []
    return " · ".join([*words, *_whose(facts)])


def _whose(facts: SectionFacts) -> list[str]:
    return [whose(facts.assigned)] if facts.assigned else []


def _folded(facts: SectionFacts) -> str:
    """What needs nobody: `✓ 4 done · – 1 n/a · ○ 6 optional, open`."""
    wanting = frozenset(item.id for item in facts.wanting)
    counts = Counter(item.word for item in facts.items if item.id not in wanting)
    return " · ".join(f"{ITEM_SYMBOLS[word]} {counts[word]} {said}" for word, said in _FOLDED.items() if counts[word])


_FOLDED = {
    ItemWord.DONE: "done",
    ItemWord.NOT_APPLICABLE: "n/a",
    ItemWord.WAITING: "optional, waiting",
    ItemWord.OPEN: "optional, open",
}


def _title(facts: SectionFacts, part: SectionPart, said: str) -> Safe:
    place = f" ({part.number + 1} of {part.total})" if part.total > 1 else ""
    words = [said, *(_whose(facts) if facts.wanting else [])]
    if facts.running and facts.wanting:
        words.append(f"{RUNNING} {counted(facts.running, 'check')} running")
    return Safe(f"{bold(facts.title)}{place}   {' · '.join(words)}{_advice(facts)}")


def _advice(facts: SectionFacts) -> str:
    """A troubleshooting list says what to do next: about the first finding, else by hand, else the next list."""
    if facts.phase is not Phase.TROUBLESHOOT or facts.deployment.state in ENDED:
        return ""
    found = next((item for item in facts.items if not item.settled and item.verdict in _FINDINGS), None)
    if found is not None:
        what = found.hint or found.evidence
        return f"\n*Look at this first:* {user(found.label, 100)}" + (f" · {user(what, 200)}" if what else "")
    if facts.running:
        return "\nNothing found so far; the checks still run."
    left = next((item for item in facts.items if not item.settled), None)
    if left is not None:
        return f"\nNo check found anything. Next, by hand: {user(left.label, 100)}"
    return "\nNothing found here: try another list, hold, or roll back."


def _settled(facts: SectionFacts) -> str:
    return f"{facts.settled} of {len(facts.items)} settled"


def _acts(facts: SectionFacts, part: SectionPart) -> list[Block]:
    if not part.items:
        return []
    runs = section_acts(facts) if part.number == 0 else []
    return actions([*runs, *more_about(part.items, more=adding(facts))], _block_id(facts, part))


def section_acts(facts: SectionFacts) -> list[Element]:
    """What a person can do about the section as a whole; nothing once the deployment has ended."""
    if facts.deployment.state in ENDED:
        return []
    target = Target(facts.deployment.id, section=facts.id)
    run = [button(Verb.RUN_CHECKS, target, f"Run {counted(facts.runnable, 'check')}")] if facts.runnable else []
    return [*run, button(Verb.TICK_MANY, target)]


def _block_id(facts: SectionFacts, part: SectionPart) -> str:
    """Changes with the items' states: a client keeps showing an old choice in a menu whose block_id stays."""
    states = "".join(f"{item.id}{item.word}{item.at}{item.notes}{item.assigned}" for item in part.items)
    shown = f"{part.number}.{hashlib.sha256(states.encode()).hexdigest()[:6]}"
    return encode(Target(facts.deployment.id, section=facts.id, extra=shown))


EXAMPLES = {
    "in work": replace(samples.SECTION, running=1),
    "empty": replace(samples.SECTION, items=()),
    "all settled": replace(samples.SECTION, items=(samples.BACKUP, samples.MAINTENANCE)),
    "troubleshooting": replace(samples.SECTION, phase=Phase.TROUBLESHOOT),
    "troubleshooting, nothing found": replace(samples.SECTION, phase=Phase.TROUBLESHOOT, items=(samples.PLAN,)),
    "two parts": replace(
        samples.SECTION,
        items=tuple(replace(samples.PLAN, id=f"plan-{number}") for number in range(25)),
    ),
}
