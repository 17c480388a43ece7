"""The digest of a morning, in one person's DM: what waits for them, a line each with the act that settles it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from bot.core.deployment import State
from bot.slack.messages import samples
from bot.slack.messages.blocks import (
    Block,
    Element,
    Rendered,
    actions,
    day_and_time,
    fitting,
    link,
    option,
    rendered,
    section,
    sections,
    select,
    user,
)
from bot.slack.messages.buttons import Target, button, encode, thread_button
from bot.slack.messages.words import and_more, titled
from bot.usecases.reminding import SNOOZES
from bot.usecases.verb import Verb
from bot.usecases.views.digest import DigestFacts, ToldDeployment, ToldLine
from bot.usecases.views.owed import Owed
from checks.result import counted


class Room(NamedTuple):
    """How many deployments and lines of each are shown, and how many characters of a line."""

    deployments: int
    lines: int
    characters: int


ROOMS = (Room(8, 12, 200), Room(8, 5, 150), Room(6, 3, 120), Room(4, 2, 100), Room(2, 2, 100))
_SNOOZE_WORDS = dict(zip(SNOOZES, ("for an hour", "until tomorrow", "until Monday"), strict=True))


def render(facts: DigestFacts) -> Rendered:
    """What is left with its acts; what is over says so, without buttons."""
    head = _head(facts)
    return rendered(head, fitting(ROOMS, lambda room: _blocks(facts, head, room)))


def _head(facts: DigestFacts) -> str:
    if not facts.left:
        return "Nothing waits for you any more"
    now = facts.left - facts.put_off
    return f"{counted(now, 'thing waits', 'things wait')} for you" if now else f"{counted(facts.left, 'thing')} put off"


def _blocks(facts: DigestFacts, head: str, room: Room) -> Iterator[Block]:
    yield section(f"*{head}*")
    for told in facts.told[: room.deployments]:
        yield from _deployment(facts, told, room)
    hidden = len(facts.told) - room.deployments
    yield from sections([and_more(hidden, "App Home")] if hidden > 0 else [])


def _deployment(facts: DigestFacts, told: ToldDeployment, room: Room) -> Iterator[Block]:
    yield section(titled(told.deployment))
    waiting = [(line, line.owed) for line in told.lines if line.owed is not None]
    over = [line for line in told.lines if line.owed is None]
    for line, owed in waiting[: room.lines]:
        yield _line(line, owed, room)
    hidden = len(waiting) - room.lines
    rest = [and_more(hidden, "the thread has all")] if hidden > 0 else []
    yield from sections([*rest, *(f"✓ {user(line.words, room.characters)}: over" for line in over[: room.lines])])
    way = thread_button(facts.permalinks.get(told.deployment.id, ""))
    yield from actions([*_rarer(told), *_handing(facts, told), way])


def _line(line: ToldLine, owed: Owed, room: Room) -> Block:
    said = (owed.told, owed.why)
    words = [f"• {user(owed.words, room.characters)}", *(str(user(each, room.characters)) for each in said if each)]
    if line.snoozed_until is not None:
        words.append(f"put off until {day_and_time(line.snoozed_until)}")
    if line.link:
        words.append(str(link(line.link, "Open the card")))
    return section("\n".join(words), _act(owed))


def _act(owed: Owed) -> Element | None:
    """The likely act."""
    if not owed.acts:
        return None
    target = Target(owed.deployment.id, item=owed.item, role=owed.role, subject=owed.subject)
    return button(owed.acts[0], target)


def _rarer(told: ToldDeployment) -> list[Element]:
    """What is said of all lines of a deployment, and the second act of one that has two."""
    if not told.left:
        return []
    deployment = told.deployment.id
    second = [line.owed.acts[1] for line in told.lines if line.owed is not None and len(line.owed.acts) > 1]
    targets = {until: encode(Target(deployment, extra=until)) for until in SNOOZES}
    choices = [option(f"Snooze {words}", targets[until]) for until, words in _SNOOZE_WORDS.items()]
    more = [button(verb, Target(deployment)) for verb in dict.fromkeys(second)]
    return [*more, select(str(Verb.SNOOZE), "Snooze …", choices)]


def _handing(facts: DigestFacts, told: ToldDeployment) -> list[Element]:
    """The owner hands the deployment over; anybody else the one line that they were given."""
    if told.left and told.deployment.owner == facts.user_id:
        return [button(Verb.HAND_OVER, Target(told.deployment.id))]
    lines = [line.owed for line in told.lines if line.owed is not None]
    items = [one.item for one in lines if one.item]
    return [button(Verb.ASSIGN, Target(told.deployment.id, item=items[0]))] if len(lines) == len(items) == 1 else []


_LINK = {samples.PREPARING.id: "https://shop.slack.com/archives/C0DEPLOYS/p1795528980000100"}
_CARD = "https://shop.slack.com/archives/D0DANA/p1795528980000200"
_VERIFYING = replace(samples.PREPARING, state=State.VERIFYING)
_ERRORS = Owed(
    "c1", _VERIFYING, "Check application error rates", told="4.1 % of requests fail, 0.2 % before go",
    acts=(Verb.RUN_CHECK,), item="error-rates",
)  # fmt: skip
_FEEDBACK = Owed("c2", _VERIFYING, "Collect user feedback", acts=(Verb.TICK,), item="week-user-feedback")
_DBA = Owed(
    "c3", samples.PREPARING, "Database administrator: your approval is waited for", acts=(Verb.SEE_SUBJECT,), role="dba"
)
_LATE = Owed(
    "c4", samples.PREPARING, "DevOps engineer: no answer for 3 working days",
    "it waits for 3 working days, and Ann Keller was told before you", "asked of Devi Patel",
)  # fmt: skip
_IDLE = Owed(
    "c5", samples.PREPARING, "idle since 20 Nov, and it holds production", told="Rollback plan prepared: open",
    acts=(Verb.RUN_CHECKS, Verb.PARK),
)  # fmt: skip


def _facts(*lines: ToldLine) -> DigestFacts:
    deployment = next((line.owed.deployment for line in lines if line.owed), samples.PREPARING)
    return DigestFacts("U0DANA", (ToldDeployment(deployment, lines),), _LINK)


EXAMPLES: Mapping[str, DigestFacts] = {
    "after completion": _facts(ToldLine(_ERRORS.words, _ERRORS), ToldLine(_FEEDBACK.words, _FEEDBACK)),
    "a sign-off": _facts(ToldLine(_DBA.words, _DBA, link=_CARD)),
    "to management": _facts(ToldLine(_LATE.words, _LATE)),
    "idle": _facts(ToldLine(_IDLE.words, _IDLE)),
    "put off": _facts(ToldLine(_FEEDBACK.words, _FEEDBACK, samples.NOON)),
    "half over": _facts(ToldLine(_ERRORS.words), ToldLine(_FEEDBACK.words, _FEEDBACK)),
    "over": _facts(ToldLine(_ERRORS.words), ToldLine(_FEEDBACK.words)),
}
