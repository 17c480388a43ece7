"""A line of the checklist, and the answer of a check, as people read them wherever they stand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from bot.core.checklist.items import Requirement
from bot.core.decision import CheckResult
from bot.slack.messages.blocks import (
    Safe,
    bold,
    day,
    day_and_time,
    link,
    one_line,
    spoken,
    user,
)
from bot.slack.messages.words import ITEM_SYMBOLS, name, whose
from bot.usecases.facts import ItemFacts
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
    return f"{word}  {user(item.label, LABEL)}{needed}{added(item)}{checking}"


def added(item: ItemFacts) -> str:
    """` · added by Ann Keller today 14:02`; empty for a line of the checklist."""
    if item.added_by is None or item.added_at is None:
        return ""
    return f" · added by {name(item.added_by)} {day_and_time(item.added_at)}"


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
        yield whose(item.assigned)
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
