"""One section in the thread: what of it is for a person, each item one block with one likely act; parts of 20 items.

The rest is one folded line. How items fall into parts depends on their ids and labels alone, so that a new evidence
line never moves an item into another message. Evidence is cut shorter where a part would be too large.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from bot.core.checklist.items import Phase, Requirement
from bot.core.decision import CheckResult
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
    day,
    day_and_time,
    fitting,
    link,
    one_line,
    rendered,
    section,
    spoken,
    user,
)
from bot.slack.messages.buttons import Target, button, encode, more_about
from bot.slack.messages.words import ITEM_SYMBOLS, RUNNING, name
from bot.usecases.facts import ItemFacts, SectionFacts
from bot.usecases.verb import Verb
from checks.result import Status, counted

EVIDENCE = 200
LABEL = 150
NEEDED = {Requirement.GO: "needed for go", Requirement.COMPLETE: "needed to complete"}


def item_text(item: ItemFacts, evidence: int = EVIDENCE) -> Safe:
    """`✓ *done*  Database backup completed`, and under it who, when, and what they saw."""
    below = evidence_line(item, evidence)
    return Safe(item_head(item) + (f"\n{below}" if below else ""))


def item_head(item: ItemFacts) -> str:
    """Symbol, word and label; what an unsettled item is needed for."""
    needed = f" · {NEEDED[item.required]}" if not item.settled and item.required in NEEDED else ""
    checking = " · check runs" if item.running else ""
    word = "🟠 *overridden*" if item.overridden else f"{ITEM_SYMBOLS[item.word]} *{item.word}*"
    return f"{word}  {user(item.label, LABEL)}{needed}{checking}"


def raw_length(most: int) -> int:
    """Characters of mrkdwn for a line of `most` visible ones: times, links and escapes are longer than they read."""
    return 2 * most + 60


def evidence_line(item: ItemFacts, most: int = EVIDENCE) -> Safe:
    """At most `most` characters as people see them: who and when, evidence, hint, and what else is known."""
    raw = raw_length(most)
    before = _who(item, most)
    said = " · ".join(one_line(part) for part in (item.evidence, item.hint, _condition(item)) if part)
    room = raw - len(before)
    after = _fitting(_besides(item), room - min(len(user(said, most)), room * 2 // 3))
    seen = most - sum(len(spoken(each)) + 3 for each in (before, *after))
    written = raw - sum(len(each) + 3 for each in (before, *after))
    return Safe(" · ".join(part for part in (before, _shortened(said, seen, written), *after) if part))


def _shortened(text: str, seen: int, written: int) -> str:
    """User text of at most `seen` characters, and `written` once escaped."""
    made = user(text, max(seen, 0)) if text else Safe("")
    while len(made) > written and seen > 0:
        seen = min(seen - 1, seen * written // len(made)) if written > 0 else 0
        made = user(text, seen)
    return made if seen > 1 else ""


def _fitting(parts: Iterable[str], room: int) -> list[str]:
    """Those that fit, in their order of weight."""
    kept: list[str] = []
    for part in parts:
        if sum(len(each) + 3 for each in (*kept, part)) <= room:
            kept.append(part)
    return kept


def _who(item: ItemFacts, most: int) -> str:
    """`Bo Larsen today 14:03`; a name gives way where there is little room."""
    by = user(item.by.name, min(60, max(most // 3, 12))) if item.by is not None else "gonogo"
    if item.at is None:
        return by if item.by is not None else ""
    at = day_and_time(item.at)
    return f"{by} {at}" if len(by) + len(at) < raw_length(most) else at


def _condition(item: ItemFacts) -> str:
    """Why it applies here or not; what the label or the evidence says already is left out."""
    said = f"{item.label}\n{item.evidence}".casefold()
    return "" if item.condition.casefold() in said else item.condition


def _besides(item: ItemFacts) -> Iterator[str]:
    if item.standing_until is not None:
        yield f"holds until {day(item.standing_until)}"
    if item.link:
        yield link(item.link, "carried from here" if item.carried else "see it")
    if item.assigned is not None:
        yield f"for {name(item.assigned)}"
    if item.notes:
        yield counted(item.notes, "note")


SYMBOLS: Mapping[Status, str] = {
    Status.PASSED: "✓",
    Status.FAILED: "✗",
    Status.WARNING: "⚠",
    Status.EVIDENCE: "◐",
    Status.NOT_APPLICABLE: "–",
    Status.COULD_NOT_RUN: "?",
}
_WORDS: Mapping[Status, str] = {
    Status.NOT_APPLICABLE: "n/a",
    Status.COULD_NOT_RUN: "could not run",
}


def verdict_head(result: CheckResult, titles: Mapping[str, str]) -> Safe:
    """`✗ failed  *Restore drill* · restore stopped · today 14:03, 0.4 s`."""
    title = bold(titles.get(result.check_id) or result.check_id, 100)
    took = f", {result.took_ms / 1000:.1f} s" if result.took_ms else ""
    word = f"{SYMBOLS[result.status]} {_WORDS.get(result.status, str(result.status))}"
    return Safe(f"{word}  {title} · {user(result.summary, 1000)} · {day_and_time(result.at)}{took}")


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
    return _ITEM_OVERHEAD + _OPTION_OVERHEAD + written + raw_length(_EVIDENCES[-1])


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
    return " · ".join([*words, *([_folded(facts)] if _folded(facts) else [])])


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
    words = [said]
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
    return actions([*runs, *more_about(part.items)], _block_id(facts, part))


def section_acts(facts: SectionFacts) -> list[Element]:
    """What a person can do about the section as a whole; nothing once the deployment has ended."""
    if facts.deployment.state in ENDED:
        return []
    target = Target(facts.deployment.id, section=facts.id)
    run = [button(Verb.RUN_CHECKS, target, f"Run {counted(facts.runnable, 'check')}")] if facts.runnable else []
    return [*run, button(Verb.TICK_MANY, target)]


def _block_id(facts: SectionFacts, part: SectionPart) -> str:
    """Changes with the items' states: a client keeps showing an old choice in a menu whose block_id stays."""
    states = "".join(f"{item.id}{item.word}{item.at}{item.notes}" for item in part.items)
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
