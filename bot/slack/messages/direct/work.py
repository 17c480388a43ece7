"""Work that one person was given or is on: in their DM, where it goes along, and the same in App Home and in *mine*."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta

from bot.core.deployment import State
from bot.core.item import ItemWord
from bot.slack.messages import samples
from bot.slack.messages.blocks import (
    Block,
    Element,
    Rendered,
    actions,
    bold,
    context,
    day,
    day_and_time,
    fitting,
    rendered,
    section,
    user,
)
from bot.slack.messages.buttons import Target, button, thread_button
from bot.slack.messages.thread.item_line import item_text
from bot.slack.messages.words import and_more, capital, name, state_word, titled, whose
from bot.usecases.facts import Assigned, Named
from bot.usecases.standing_facts import WorkFacts, WorkWord
from bot.usecases.verb import Verb
from checks.result import counted

FEW = 3
"""Lines of a list where it stands among other things."""
_ROOMS = (10, FEW, 1)
_EVIDENCE = 120


def render(facts: WorkFacts) -> Rendered:
    """The message as it stands today; buttons while it is this person's to do."""
    spoken = f"{user(facts.title, 150)}: {_how(facts)}"
    return rendered(spoken, fitting(_ROOMS, lambda most: blocks(facts, most)))


def blocks(facts: WorkFacts, most: int) -> Iterator[Block]:
    """What it is and how it came, its open lines (`most` of a list), and what can be done about it."""
    yield section(_head(facts))
    if facts.word is not WorkWord.OPEN:
        yield from actions([thread_button(facts.permalink)])
        return
    yield from _lines(facts, most) if facts.section else ()
    yield from actions([*_acts(facts), *_ways_out(facts), thread_button(facts.permalink)])


def _head(facts: WorkFacts) -> str:
    """A list by its title; an item is its line, as in the thread. Whose it is stands there once."""
    if facts.section or facts.word not in {WorkWord.OPEN, WorkWord.DONE}:
        return f"{bold(facts.title)} · {_how(facts)}\n{titled(facts.deployment)}"
    line = item_text(replace(facts.items[0], assigned=None), _EVIDENCE)
    return f"{capital(_how(facts))} · {titled(facts.deployment)}\n{line}"


def _how(facts: WorkFacts) -> str:
    match facts.word:
        case WorkWord.OPEN:
            return _open(facts)
        case WorkWord.DONE:
            return f"settled, all {counted(len(facts.items), 'line')}" if facts.section else "settled"
        case WorkWord.GIVEN_BACK:
            return "you gave it back"
        case WorkWord.ENDED:
            return f"the deployment is {state_word(facts.deployment)}: nothing to do"
        case _:
            return f"not yours any more: {whose(facts.assigned)}" if facts.assigned else "not yours any more"


def _open(facts: WorkFacts) -> str:
    """`given to you by Ann Keller today 14:03`; what is not due says from when."""
    work = facts.assigned
    due = (f" · due from {day(facts.due)}" if facts.due else " · not due yet") if facts.can_wait else ""
    if work is None:
        return f"yours{due}"
    if work.claimed:
        return f"you {'were on it' if work.old else 'are on it since'} {day_and_time(work.at)}{due}"
    to = "you" if work.to.user_id else name(work.to)
    return f"given to {to} by {name(facts.by)} {day_and_time(work.at)}{due}"


def _lines(facts: WorkFacts, most: int) -> Iterator[Block]:
    shown = [replace(item, assigned=None) for item in facts.left]
    for item in shown[:most]:
        beside = button(item.act, Target(facts.deployment.id, item=item.id)) if item.act else None
        yield section(item_text(item, _EVIDENCE), beside)
    if shown[most:]:
        yield context(and_more(len(shown) - most, "Show has all"))


def _acts(facts: WorkFacts) -> Iterator[Element]:
    if facts.section:
        target = Target(facts.deployment.id, section=facts.section)
        yield button(Verb.SEE_SECTION, target)
        yield button(Verb.TICK_MANY, target)
        return
    (item,) = facts.items
    for act in dict.fromkeys([item.act, Verb.TICK] if item.act else []):
        words = "Done …" if act is Verb.TICK and item.word is ItemWord.FAILED else ""
        yield button(act, Target(facts.deployment.id, item=item.id), words)


def _ways_out(facts: WorkFacts) -> Iterator[Element]:
    """A role's work somebody takes; one's own can be given back or on."""
    target = Target(facts.deployment.id, item=facts.item, section=facts.section)
    work = facts.assigned
    if work is None or not work.claimed or work.old:
        yield button(Verb.CLAIM, target)
    if work is not None and work.to.user_id:
        yield button(Verb.GIVE_BACK, target)
    yield button(Verb.ASSIGN, target)


_BY_ANN = samples.ANN
_ITEM = WorkFacts(
    samples.PREPARING,
    samples.PLAN.label,
    samples.PLAN.id,
    "",
    (samples.PLAN,),
    _BY_ANN,
    samples.GIVEN_TO_BO,
    permalink="https://shop.slack.com/archives/C0DEPLOYS/p1795528980000100",
)
_LIST = replace(_ITEM, title=samples.SECTION.title, item="", section=samples.SECTION.id, items=samples.SECTION.items)
_CLAIMED = Assigned(samples.BO, samples.NOON, claimed=True)
_ABORTED = replace(samples.PREPARING, state=State.ABORTED)
EXAMPLES: Mapping[str, WorkFacts] = {
    "an item": _ITEM,
    "a failed item": replace(_ITEM, title=samples.RESTORE.label, item=samples.RESTORE.id, items=(samples.RESTORE,)),
    "a list": _LIST,
    "of a role": replace(_ITEM, assigned=Assigned(Named("", "Database administrator"), samples.NOON)),
    "claimed": replace(_ITEM, assigned=_CLAIMED, by=samples.BO),
    "claimed long ago": replace(_ITEM, assigned=replace(_CLAIMED, old=True), by=samples.BO),
    "not due": replace(_LIST, can_wait=True, due=samples.NOON + timedelta(days=1)),
    "not due, nobody knows when": replace(_LIST, can_wait=True),
    "done": replace(_ITEM, word=WorkWord.DONE, items=(samples.BACKUP,), assigned=None),
    "list done": replace(_LIST, word=WorkWord.DONE, items=(samples.BACKUP, samples.MAINTENANCE), assigned=None),
    "given back": replace(_ITEM, word=WorkWord.GIVEN_BACK, assigned=None),
    "given on": replace(_ITEM, word=WorkWord.MOVED, assigned=Assigned(samples.DANA, samples.NOON)),
    "aborted": replace(_ITEM, word=WorkWord.ENDED, deployment=_ABORTED, assigned=None),
}
