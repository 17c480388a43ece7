"""What one person is asked as one role, in their DM: the card with its buttons, then what became of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from bot.core.decision import SignOffDecision
from bot.core.deployment import State
from bot.slack.messages import samples
from bot.slack.messages.blocks import (
    Block,
    Element,
    Rendered,
    actions,
    bold,
    day_and_time,
    fitting,
    rendered,
    sections,
    user,
)
from bot.slack.messages.buttons import Target, button, thread_button
from bot.slack.messages.thread.sign_off import REASON, ROOMS, Room, about, card_lines, decision_buttons
from bot.slack.messages.words import name, named_short, role_title, state_word
from bot.usecases.facts import AskedFacts, AskedWord, SignOffWord
from bot.usecases.verb import Verb

_SAID: Mapping[SignOffDecision, str] = {
    SignOffDecision.APPROVE: "✓ {} approved",
    SignOffDecision.REVIEW: "✓ {} reviewed it",
    SignOffDecision.ACKNOWLEDGE: "✓ {} acknowledged it",
    SignOffDecision.REJECT: "✗ {} rejected",
    SignOffDecision.SECOND: "🟠 {} seconded",
    SignOffDecision.NOT_REQUIRED: "– {} said that it is not required",
}


def render(facts: AskedFacts) -> Rendered:
    """The message as it stands today; only what is still to be decided has buttons that decide."""
    spoken = f"{_head(facts)}. {about(facts.sign_off)}"
    return rendered(spoken, fitting(ROOMS, lambda room: _blocks(facts, room)))


def _blocks(facts: AskedFacts, room: Room) -> Iterator[Block]:
    yield from sections(_lines(facts, room))
    yield from actions([*_buttons(facts), thread_button(facts.permalink)])


def _lines(facts: AskedFacts, room: Room) -> Iterator[str]:
    if facts.word is AskedWord.OPEN:
        by = f" · asked by {user(facts.asked_by, 60)}" if facts.asked_by else ""
        yield f"{bold(_head(facts))}{by}"
        if facts.why:
            yield str(user(facts.why, 200))
        yield from card_lines(facts.sign_off, room)
        return
    yield f"{bold(role_title(facts.sign_off.role))}   {_outcome(facts)}"
    yield str(about(facts.sign_off))


def _head(facts: AskedFacts) -> str:
    title = role_title(facts.sign_off.role)
    if facts.word is not AskedWord.OPEN:
        return f"{title}: {_outcome(facts)}"
    return f"{title} is {'still waited for' if facts.again else 'asked of you'}"


def _outcome(facts: AskedFacts) -> str:
    match facts.word:
        case AskedWord.MINE:
            return said_by_you(facts)
        case AskedWord.REPLACED:
            return "asked again below, so this message is closed"
        case AskedWord.MOVED:
            return "↻ the files changed since, so this message is closed; you are asked again"
        case AskedWord.NOT_ASKED:
            return "no longer yours to decide: you deploy it, or somebody else holds the role"
        case AskedWord.ENDED:
            return f"the deployment is {state_word(facts.sign_off.deployment)}: nothing to do"
        case _:
            return _said_by_others(facts)


def said_by_you(facts: AskedFacts) -> str:
    """`✓ You approved today 02:57`, and on whose behalf and why."""
    if facts.mine is None:
        return ""
    said = facts.mine.sign_off
    behalf = f" for {name(facts.mine.on_behalf_of)}" if facts.mine.on_behalf_of else ""
    reason = f": {user(said.reason, REASON)}" if said.reason else ""
    return f"{_SAID[said.decision].format('You')}{behalf} {day_and_time(said.at)}{reason}"


def _said_by_others(facts: AskedFacts) -> str:
    """`✓ Dana Okafor approved as DBA today 02:57: nothing to do`."""
    role, subject = facts.sign_off.role, facts.sign_off.subject
    standing = [one for one in facts.sign_off.given if one.sign_off.stands and one.sign_off.subject == subject]
    if not standing:
        return f"{facts.sign_off.word}: nothing to do"
    last = standing[-1]
    words = _SAID[last.sign_off.decision].format(name(last.who))
    return f"{words} as {named_short(role.name)} {day_and_time(last.sign_off.at)}: nothing to do"


def _buttons(facts: AskedFacts) -> list[Element]:
    if facts.word is AskedWord.OPEN:
        return [each for each in decision_buttons(facts.sign_off) if each["action_id"] != Verb.NOT_REQUIRED]
    return back_buttons(facts) if facts.word is AskedWord.MINE else []


def back_buttons(facts: AskedFacts) -> list[Element]:
    """What takes one's own decision back, while it can be, and what it was about."""
    reading = [act for act in (Verb.SEE_SQL, Verb.SEE_SUBJECT) if act in facts.sign_off.acts]
    rejected = facts.mine is not None and facts.mine.sign_off.decision is SignOffDecision.REJECT
    back = [Verb.CLEAR_REJECTION if rejected else Verb.WITHDRAW] if reading else []
    target = Target(facts.sign_off.deployment.id, role=facts.sign_off.role.name, subject=facts.sign_off.subject)
    return [button(act, target) for act in (*back, *reading)]


_LINK = "https://shop.slack.com/archives/C0DEPLOYS/p1795528980000100"
_OPEN = AskedFacts(samples.WAITING_DBA, AskedWord.OPEN, samples.ANN.name, permalink=_LINK)
_DONE = AskedFacts(samples.APPROVED_DBA, AskedWord.OTHERS, samples.ANN.name, permalink=_LINK)
EXAMPLES: Mapping[str, AskedFacts] = {
    "asked": _OPEN,
    "asked again": replace(_OPEN, again=True),
    "stands behind": replace(_OPEN, why="nobody who was asked before you answered, and you stand behind this role"),
    "approved by you": replace(_DONE, word=AskedWord.MINE, mine=samples.APPROVED_BY_DANA),
    "approved by another": _DONE,
    "waived": replace(_DONE, sign_off=replace(samples.APPROVED_DBA, word=SignOffWord.NOT_REQUIRED, given=())),
    "asked below": replace(_DONE, word=AskedWord.REPLACED),
    "files moved": replace(_DONE, word=AskedWord.MOVED),
    "became deployer": replace(_DONE, word=AskedWord.NOT_ASKED),
    "aborted": AskedFacts(
        replace(samples.APPROVED_DBA, deployment=replace(samples.PREPARING, state=State.ABORTED), acts=()),
        AskedWord.ENDED,
    ),
}
