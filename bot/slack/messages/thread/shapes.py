"""What a dashboard says in each state: what fails with its mend, who is waited for, what warns, one bar."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from bot.core.deployment import State
from bot.core.item import ItemWord
from bot.slack.messages.blocks import Block, code, context, day_and_time, section, sections, user
from bot.slack.messages.buttons import Target, button
from bot.slack.messages.thread import rolling_back
from bot.slack.messages.thread.headline import (
    asked_by,
    ended,
    is_clear,
    is_going,
    is_reading,
    keeps,
    parked,
    progress,
    waited_for,
    watching,
)
from bot.slack.messages.thread.item_line import added
from bot.slack.messages.words import ITEM_SYMBOLS, RUNNING, listed, whose
from bot.usecases.facts import Blocker, ItemFacts
from bot.usecases.standing_facts import DashboardFacts
from bot.usecases.verb import Verb
from checks.result import counted

CODE = 1500
_ORDER = (ItemWord.FAILED, ItemWord.WAITING, ItemWord.OPEN)
_MORE_OPEN = 3
"""Labels of open lines that are still named where there is no room for a line each."""


@dataclass(frozen=True)
class Room:
    """How many lines of a sort, and how long one may be."""

    lines: int
    text: int


def _preparing(facts: DashboardFacts, room: Room) -> Iterator[Block]:
    if is_going(facts):
        yield from sections(_going(facts))
        return
    if is_reading(facts):
        yield section(f"{RUNNING} *running*  the migration files and the history are being read")
    else:
        yield from _needed(facts, room)
    yield from _below(facts, room)


def _going(facts: DashboardFacts) -> Iterator[str]:
    again = f" again: {user(', '.join(listed(facts.running, 4)))}" if facts.running else ""
    yield f"*Go is asked*{asked_by(facts)}. First what is out of date runs{again}."
    yield from _checks(facts)
    yield "Then it goes by itself, or the thread says what is missing."


def _checks(facts: DashboardFacts) -> Iterator[str]:
    if facts.progress:
        yield f"{RUNNING} *running*  checks run: {facts.progress.done} of {facts.progress.total} have answered"


def _needed(facts: DashboardFacts, room: Room) -> Iterator[Block]:
    """In the order of mending: what is in the way, lines with their button, people."""
    if is_clear(facts):
        yield from sections([f"✓ *To {facts.step}:* nothing is missing", *_checks(facts)])
        return
    yield from sections(_in_the_way(facts, room))
    yield from _lines(facts, room)
    waited = waited_for(facts, mentioning=True)
    if waited and len(facts.blockers) == sum(each.kind == "sign-off" for each in facts.blockers):
        since = f" (asked {day_and_time(facts.deployment.asked_at)})" if facts.deployment.asked_at else ""
        waited = f"✓ All else is settled; only people are missing{since}.\n{waited}"
    yield from sections(filter(None, (waited, *_checks(facts))))


def _in_the_way(facts: DashboardFacts, room: Room) -> Iterator[str]:
    """What is no line of the checklist: a rejection, the history, moved files, the calendar."""
    found = [each for each in facts.blockers if each.kind not in {"item", "sign-off", "reading"}]
    told = [f"✗ *{_WAY.get(each.kind, 'in the way')}*  {_said(each, room)}{_mend(each, room)}" for each in found]
    yield from listed(told, room.lines, "What is missing?")


_WAY = {"freeze": "not now", "window": "not now", "lock": "not now"}


def _said(blocker: Blocker, room: Room) -> str:
    """A lock ends at a time that each reader sees as on their own wall."""
    if blocker.until is None:
        return user(blocker.sentence, room.text)
    return f"{user(blocker.told, room.text)}, until {day_and_time(blocker.until)}"


def _mend(blocker: Blocker, room: Room) -> str:
    return f"\n{user(blocker.mend, room.text)}" if blocker.mend else ""


def _lines(facts: DashboardFacts, room: Room) -> Iterator[Block]:
    """Failed, waiting and open lines, each with its mend and its button; the rest is counted and named."""
    lines = [(each, facts.items[each.subject]) for each in facts.blockers if each.subject in facts.items]
    mine = [pair for pair in lines if not (pair[1].running and pair[1].word is ItemWord.OPEN)]
    mine.sort(key=lambda pair: _ORDER.index(pair[1].word) if pair[1].word in _ORDER else 0)
    for number, (blocker, item) in enumerate(mine[: room.lines]):
        bold = number == 0 and facts.next_act is None and item.act is Verb.TICK and facts.step == "go"
        yield _line(facts, blocker, item, room, "primary" if bold else "")
    if hidden := [item for _, item in mine[room.lines :]]:
        named = ", ".join(item.label for item in hidden[:_MORE_OPEN])
        yield context(f"and {len(hidden)} more: {user(named, room.text)}{' …' if hidden[_MORE_OPEN:] else ''}")


def _line(facts: DashboardFacts, blocker: Blocker, item: ItemFacts, room: Room, style: str) -> Block:
    """`✗ *failed*  Database backup completed: 50 h old (at most 24 h)`, its mend below, its button beside."""
    told = f": {user(blocker.told, room.text)}" if blocker.told else ""
    by = f" · {whose(item.assigned)}" if item.assigned else ""
    again = f" · {RUNNING} running" if item.running else ""
    text = f"{ITEM_SYMBOLS[item.word]} *{item.word}*  {user(item.label, 150)}{told}{by}{added(item)}{again}"
    act = button(item.act, Target(facts.deployment.id, item=item.id), style=style) if item.act else None
    return section(text + _mend(blocker, room), act)


def _below(facts: DashboardFacts, room: Room) -> Iterator[Block]:
    """What warns, then the bar."""
    yield from sections([*_marks(facts, room), *filter(None, (progress(facts),))])


def _marks(facts: DashboardFacts, room: Room) -> Iterator[str]:
    """Seconded sign-offs in amber, then warnings and what preflight found."""
    yield from listed([f"🟠 {user(line, room.text)}" for line in facts.amber], room.lines)
    warnings = [f"⚠ {user(line, room.text)}" for line in facts.warnings]
    for each in facts.obstacles:
        mend = f" · {user(each.hint, room.text)}" if each.hint else ""
        warnings.append(f"⚠ {user(each.message, room.text)}{mend}")
    yield from listed(warnings, room.lines, "See everything")
    if facts.lesson:
        yield f"Lesson of {user(facts.lesson, room.text)}"
    if facts.notes:
        yield f"{counted(facts.notes, 'note')} in the record"


def _parked(facts: DashboardFacts, room: Room) -> Iterator[Block]:
    yield section(f"{user(parked(facts), 2 * room.text)}. Its state and its approvals are kept.")


def _deploying(facts: DashboardFacts, room: Room) -> Iterator[Block]:
    """What runs and who is blocked; before the first file, the command to start."""
    if facts.runner_command and not facts.applied:
        yield context("*Next:* start it yourself; gonogo only watches.")
        yield code(facts.runner_command, CODE)
    yield from sections(_live(facts, room))
    applying = facts.of_range > facts.applied
    yield from _needed(facts, replace(room, lines=min(room.lines, 3)) if applying else room)
    yield from _below(facts, room)


def _live(facts: DashboardFacts, room: Room) -> Iterator[str]:
    """`⟳ *running*  CREATE INDEX orders_idx 63 %`; waits and old transactions warn."""
    shown = [line for line in facts.live if not line.endswith("in the history table")]
    marked = [f"⚠ {user(line, room.text)}" for line in shown if line.startswith("pid ")]
    marked += [f"{RUNNING} *running*  {user(line, room.text)}" for line in shown if not line.startswith("pid ")]
    yield from listed(marked, room.lines)
    if shown and not any("blocked by" in line for line in shown):
        yield "Nobody is blocked."


def _held(facts: DashboardFacts, room: Room) -> Iterator[Block]:
    """The finding and the next statement to type; the buttons are the ways on."""
    by = f" by {user(facts.last_by, 60)}" if facts.last_by else ""
    reason = user(facts.hold_reason, room.text) or "no reason given"
    finding = f"\n{user(facts.hold_finding, 2 * room.text)}" if facts.hold_finding else ""
    yield section(f"✋ *Held*{by}: {reason}{finding}")
    if facts.next_statement:
        yield context("Type this next, on the database:")
        yield code(facts.next_statement, CODE)
    if facts.deployment.moved_fingerprint:
        yield section("The files in range changed since go: use the new ones, or stay with the old.")
    yield from sections([*_in_the_way(facts, room), *filter(None, (waited_for(facts, mentioning=True),))])
    yield from _below(facts, room)


def _rolling_back(facts: DashboardFacts, room: Room) -> Iterator[Block]:
    if facts.way_back is not None:
        yield from sections(rolling_back.lines(facts.way_back))
        yield from rolling_back.steps(facts.way_back, room.lines)
    yield from sections(_marks(facts, room))


def _verifying(facts: DashboardFacts, room: Room) -> Iterator[Block]:
    """What wants people now, then how the watching stands; by itself it closes."""
    if stays := keeps(facts):
        yield section(stays)
    failed = {subject: item for subject, item in facts.items.items() if item.word is ItemWord.FAILED}
    yield from _lines(replace(facts, items=failed), room)
    yield from sections(_due(facts, room))
    if not facts.blockers:
        yield section("Nothing wants anybody now.")
    if facts.watch and (told := watching(facts.watch)):
        yield section(told)
    yield from sections(_checks(facts))
    yield from _below(facts, room)


def _due(facts: DashboardFacts, room: Room) -> Iterator[str]:
    """`For you now: ○ 7 open, ◐ 2 waiting: Verify all services operational …`: its list stands in the thread."""
    due = [facts.items[each.subject] for each in facts.blockers if each.subject in facts.items]
    left = [item for item in due if item.word is not ItemWord.FAILED]
    counts = [(word, sum(item.word is word for item in left)) for word in (ItemWord.OPEN, ItemWord.WAITING)]
    told = ", ".join(f"{ITEM_SYMBOLS[word]} {number} {word}" for word, number in counts if number)
    if told:
        named = ", ".join(item.label for item in left[:_MORE_OPEN]) + (" …" if left[_MORE_OPEN:] else ".")
        yield f"*For you now:* {told}: {user(named, room.text)} *Watching it*, in the thread, has the lists."


def _ended(facts: DashboardFacts, room: Room) -> Iterator[Block]:
    at = facts.deployment.closed_at
    when = f" · {day_and_time(at)}" if at else ""
    record = "\nThe record is in the thread." if facts.deployment.state is State.CLOSED else ""
    yield section(f"{user(ended(facts), 2 * room.text)}{when}{record}")
    if facts.watch and facts.watch.continued_in:
        yield section(watching(facts.watch))


SHAPES: Mapping[State, Callable[[DashboardFacts, Room], Iterator[Block]]] = {
    State.PREPARING: _preparing,
    State.PARKED: _parked,
    State.DEPLOYING: _deploying,
    State.HELD: _held,
    State.ROLLING_BACK: _rolling_back,
    State.VERIFYING: _verifying,
    State.CLOSED: _ended,
    State.ABORTED: _ended,
}
