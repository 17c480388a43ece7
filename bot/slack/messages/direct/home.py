"""What needs one person, open deployments, recent ones: App Home, and in short the answer of *mine*."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.core.deployment import Deployment
from bot.slack.messages import samples
from bot.slack.messages.blocks import (
    VIEW_BLOCKS,
    Block,
    Element,
    Rendered,
    actions,
    bold,
    context,
    day_and_time,
    fitting,
    limited,
    link,
    plain,
    rendered,
    section,
    user,
)
from bot.slack.messages.buttons import Target, button, thread_button
from bot.slack.messages.direct import work
from bot.slack.messages.direct.asked import back_buttons, said_by_you
from bot.slack.messages.direct.hours import EXAMPLES as HOURS_EXAMPLES
from bot.slack.messages.direct.hours import told
from bot.slack.messages.direct.status import LOCKED, lock_blocks, status_lines
from bot.slack.messages.thread import dashboard
from bot.slack.messages.thread.sign_off import Room, about, card_lines, decision_buttons
from bot.slack.messages.words import and_more, capital, role_title, state_word, titled
from bot.usecases.books.rows import ALL, Subscription
from bot.usecases.facts import AskedFacts, AskedWord, SignOffFacts
from bot.usecases.standing_facts import HomeFacts
from bot.usecases.subscriptions import EVENTS
from bot.usecases.verb import Verb

SHOWN_NEEDS = 15
SHOWN_WORK = 8
SHOWN_OPEN = 10
SHOWN_RECENT = 10
MINE_SHOWN = 5
SHOWN_SUBSCRIPTIONS = 15
_TIGHT = Room(4, 3, 140)


def view(facts: HomeFacts) -> dict[str, Any]:
    """A view of type home, for views.publish."""
    return {"type": "home", "blocks": limited(list(_blocks(facts)), VIEW_BLOCKS)}


def _blocks(facts: HomeFacts) -> Iterator[Block]:
    yield _header("What needs you")
    if not (facts.needs_me or facts.work):
        yield section("Nothing needs you now.")
    for deployment, words, sign_off in facts.needs_me[:SHOWN_NEEDS]:
        yield from _need(facts, deployment, words, sign_off)
    yield from _more(len(facts.needs_me) - SHOWN_NEEDS)
    yield from _work(facts, SHOWN_WORK)
    for said in facts.decided[:SHOWN_NEEDS]:
        yield from _decided(said, facts.permalinks.get(said.sign_off.deployment.id, ""))
    yield {"type": "divider"}
    yield from lock_blocks(facts.locks)
    yield from _open(facts)
    yield from _recent(facts)
    if facts.subscriptions:
        yield _header("What you wished to hear of")
        yield from _subscriptions(facts.subscriptions)
    if facts.hours:
        yield {"type": "divider"}
        yield section(told(facts.hours), button(Verb.QUIET, Target()))


def _header(text: str) -> Block:
    return {"type": "header", "text": plain(text, 150)}


def _need(facts: HomeFacts, deployment: Deployment, words: str, sign_off: SignOffFacts | None) -> Iterator[Block]:
    permalink = facts.permalinks.get(deployment.id, "")
    if sign_off is None:
        yield section(f"{titled(deployment)}\n{user(words)}", thread_button(permalink))
    else:
        yield from _decision(words, sign_off, thread_button(permalink))


def _work(facts: HomeFacts, most: int) -> Iterator[Block]:
    """What was given to this person or is claimed by them, each with its acts."""
    for each in facts.work[:most]:
        yield from work.blocks(replace(each, permalink=facts.permalinks.get(each.deployment.id, "")), work.FEW)
    yield from _more(len(facts.work) - most, "in their threads")


def _decision(words: str, sign_off: SignOffFacts, way: Element | None = None) -> Iterator[Block]:
    lines = "\n".join([f"*{user(role_title(sign_off.role))}* · {user(words)}", *card_lines(sign_off, _TIGHT)])
    yield section(lines, way)
    yield from actions(decision_buttons(sign_off))


def _decided(facts: AskedFacts, permalink: str) -> Iterator[Block]:
    """What this person said, with the way back, where they said it."""
    title = f"*{user(role_title(facts.sign_off.role))}* · {said_by_you(facts)}"
    yield section(f"{title}\n{about(facts.sign_off)}", thread_button(permalink))
    yield from actions(back_buttons(facts))


def _open(facts: HomeFacts) -> Iterator[Block]:
    yield _header("Open deployments")
    if not facts.open:
        yield section("No deployment is open.")
    yield from _standing(facts, SHOWN_OPEN)
    yield from _more(len(facts.open) - SHOWN_OPEN)


def _standing(facts: HomeFacts, most: int) -> Iterator[Block]:
    for each in facts.open[:most]:
        yield section("\n".join(status_lines(each, facts.permalinks.get(each.deployment.id, ""))))


def _recent(facts: HomeFacts) -> Iterator[Block]:
    if not facts.recent:
        return
    yield _header("Recent")
    yield section("\n".join(_past(facts, each) for each in facts.recent[:SHOWN_RECENT]))
    yield from _more(len(facts.recent) - SHOWN_RECENT)


def _past(facts: HomeFacts, deployment: Deployment) -> str:
    permalink = facts.permalinks.get(deployment.id, "")
    ended = deployment.closed_at or deployment.completed_at or deployment.last_act_at
    way = f" · {link(permalink, 'thread')}" if permalink else ""
    return f"{titled(deployment)} · no. {user(deployment.label)} · {state_word(deployment)} {day_and_time(ended)}{way}"


def _more(hidden: int, where: str = "in the channel") -> Iterator[Block]:
    if hidden > 0:
        yield section(and_more(hidden, where))


def _subscriptions(wishes: Sequence[Subscription]) -> Iterator[Block]:
    for one in wishes[:SHOWN_SUBSCRIPTIONS]:
        target = Target(subject=f"{one.environment} {one.event}", extra=one.project)
        yield section(user(capital(one.words)), button(Verb.UNSUBSCRIBE, target))
    yield from _more(len(wishes) - SHOWN_SUBSCRIPTIONS, "unsubscribe ends all of an environment")


def subscriptions_render(wishes: Sequence[Subscription], command: str) -> Rendered:
    """The same in a message of their own, and how to have more."""
    title = "What you hear of by direct message" if wishes else "You have subscribed to nothing."
    more = context(f"More: `{command} subscribe production completion`. Events: {', '.join(EVENTS)}.")
    return rendered(title, [section(bold(title) if wishes else title), *_subscriptions(wishes), more])


def mine_render(facts: HomeFacts) -> Rendered:
    """The same in one private message; `facts.open` holds the person's own deployments only."""
    blocks = fitting(range(MINE_SHOWN, 0, -1), lambda most: _mine(facts, most))
    return rendered(f"What needs you: {len(facts.needs_me) + len(facts.work)}", blocks)


def _mine(facts: HomeFacts, most: int) -> Iterator[Block]:
    owed = [(words, sign_off) for _, words, sign_off in facts.needs_me if sign_off is not None]
    tasks = [f"{titled(deployment)} {user(words)}" for deployment, words, sign_off in facts.needs_me if not sign_off]
    yield section("*What needs you*" if facts.needs_me or facts.work else "Nothing needs you now.")
    for words, sign_off in owed[:most]:
        yield from _decision(words, sign_off)
    yield from _work(facts, most)
    if tasks:
        yield section("\n".join(tasks[: 2 * most]))
    hidden = max(0, len(owed) - most) + max(0, len(tasks) - 2 * most)
    yield from _more(hidden, "App Home")
    yield from _standing(facts, most)
    yield from _more(len(facts.open) - most, "App Home")


_LINKS = {samples.PREPARING.id: "https://shop.slack.com/archives/C0DEPLOYS/p1795528980000100"}
_WISHES = (
    Subscription("default", samples.DANA.user_id, "production", "completion"),
    Subscription("billing", samples.DANA.user_id, ALL, ALL),
)
SUBSCRIPTIONS_EXAMPLES: Mapping[str, tuple[Sequence[Subscription], str]] = {
    "two": (_WISHES, "/deploy"),
    "none": ((), "/deploy"),
}
EXAMPLES: Mapping[str, HomeFacts] = {
    "busy": HomeFacts(
        samples.DANA,
        (
            (samples.PREPARING, "asked today", samples.WAITING_DBA),
            (samples.PREPARING, "your deployment: next is go", None),
        ),
        (dashboard.EXAMPLES["preparing"],),
        (dashboard.EXAMPLES["closed"].deployment,),
        _LINKS,
        (AskedFacts(samples.APPROVED_DBA, AskedWord.MINE, mine=samples.APPROVED_BY_DANA),),
        subscriptions=_WISHES,
        work=(work.EXAMPLES["an item"], work.EXAMPLES["a list"]),
        hours=HOURS_EXAMPLES["own, silent"],
        locks=(LOCKED,),
    ),
    "quiet": HomeFacts(samples.DANA, (), (), (), hours=HOURS_EXAMPLES["the team's"]),
}
MINE_EXAMPLES: Mapping[str, HomeFacts] = {"busy": EXAMPLES["busy"], "idle": HomeFacts(samples.DANA, (), (), ())}
