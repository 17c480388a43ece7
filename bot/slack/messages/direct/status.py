"""Where deployments stand: each open one, what one lacks, how the last ones went.

Told privately, mentions nobody.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from bot.slack.messages import samples
from bot.slack.messages.blocks import (
    Block,
    Element,
    Rendered,
    context,
    day_and_time,
    link,
    rendered,
    section,
    sections,
    sections_within,
    user,
)
from bot.slack.messages.buttons import Target, button
from bot.slack.messages.thread import dashboard
from bot.slack.messages.thread.headline import headline, is_clear, spoken_status, standing
from bot.slack.messages.words import (
    ITEM_SYMBOLS,
    SIGN_OFF_SYMBOLS,
    listed,
    locked,
    name,
    named,
    named_short,
    state_word,
    titled,
)
from bot.usecases.books.rows import Lock
from bot.usecases.facts import Blocker, SignOffWord
from bot.usecases.situation.gate import PEERS_TURN
from bot.usecases.standing_facts import DashboardFacts, LockFacts, Past
from bot.usecases.verb import Verb
from bot.usecases.views.forms import in_words

SHOWN = 10
MESSAGE_CHARACTERS = 8000
PAST_BLOCKS = 3


def render(
    standing: Sequence[DashboardFacts], permalinks: Mapping[str, str], locks: Sequence[LockFacts] = ()
) -> Rendered:
    """The locks, and the first ten of the open deployments in full words; `permalinks` lead to their threads, by id."""
    told = [*(f"{locked(each)}." for each in locks), *(spoken_status(each) for each in standing[:SHOWN])]
    shown = [*lock_blocks(locks), *_blocks(standing, permalinks)]
    return rendered(" ".join(told) or "No deployment is open.", shown)


def lock_blocks(locks: Sequence[LockFacts]) -> Iterator[Block]:
    """A line a lock, with the way out of it."""
    for each in locks[:SHOWN]:
        yield section(f"🔒 {locked(each)}", unlock_button(each))


def unlock_button(facts: LockFacts) -> Element:
    return button(Verb.UNLOCK, Target(environment=facts.lock.environment, extra=facts.lock.project))


def _blocks(standing: Sequence[DashboardFacts], permalinks: Mapping[str, str]) -> Iterator[Block]:
    if not standing:
        yield section("No deployment is open.")
    for each in standing[:SHOWN]:
        yield section("\n".join(status_lines(each, permalinks.get(each.deployment.id, ""))))
    more = [str(user(each.deployment.label)) for each in standing[SHOWN:]]
    yield from sections([f"Further open ones: {', '.join(listed(more, 20, 'App Home'))}"] if more else [])


def status_lines(facts: DashboardFacts, permalink: str) -> Iterator[str]:
    """Headline, where it stands in a line, a link to the dashboard."""
    yield headline(facts)
    yield str(user(standing(facts)))
    if permalink:
        yield link(permalink, "open its thread")


_LINKS = {dashboard.EXAMPLES["preparing"].deployment.id: "https://shop.slack.com/archives/C0DEPLOYS/p1795528980000100"}
LOCKED = LockFacts(
    Lock("T0", "default", "production", "U0BO", "moving the cluster", samples.NOON + timedelta(hours=4), samples.NOON),
    samples.BO.name,
)
EXAMPLES: Mapping[str, tuple[Sequence[DashboardFacts], Mapping[str, str], Sequence[LockFacts]]] = {
    "two": ((dashboard.EXAMPLES["preparing"], dashboard.EXAMPLES["held"]), _LINKS, ()),
    "none": ((), {}, ()),
    "locked": ((), {}, (LOCKED,)),
    "many": ((dashboard.EXAMPLES["preparing"],) * 30, {}, (LOCKED,)),
}


def blockers_render(facts: DashboardFacts) -> Rendered:
    """All that the next step lacks, with its mend, grouped by who can mend it; `facts` are those of views.blockers."""
    return rendered(spoken_status(facts), _blockers_blocks(facts))


def _blockers_blocks(facts: DashboardFacts) -> Iterator[Block]:
    if not facts.step:
        yield section(f"{titled(facts.deployment)}\nIt has ended: nothing is waited for.")
        return
    yield section(f"{titled(facts.deployment)}\n{user(standing(facts))}")
    yield from sections(_fitting(list(_grouped(facts))))
    if is_clear(facts) and facts.step == "go":
        yield context("Press *Go …* on the dashboard.")


def _grouped(facts: DashboardFacts) -> Iterator[str]:
    groups: dict[str, list[str]] = {}
    for each in facts.blockers:
        groups.setdefault(_whose(each, facts), []).append(_missing(each, facts))
    for whose, lines in groups.items():
        yield f"*{whose}*"
        yield from lines


def _whose(blocker: Blocker, facts: DashboardFacts) -> str:
    """Who can mend it: people by name, a check, or whoever may tick."""
    if blocker.kind == "watch":
        return "By itself"
    if blocker.who:
        return named(blocker.who, facts.names)
    item = facts.items.get(blocker.subject)
    if item is None:
        return ", ".join(name(each) for each in facts.deployers[:4])
    if item.assigned and not item.assigned.old:
        return name(item.assigned.to)
    if blocker.mend == PEERS_TURN:
        return "Somebody who does not deploy: Done"
    return "A check tells: Run check" if item.act is Verb.RUN_CHECK or item.running else "Anybody of the team: Done"


def _missing(blocker: Blocker, facts: DashboardFacts) -> str:
    item = facts.items.get(blocker.subject)
    symbol = ITEM_SYMBOLS[item.word] if item else SIGN_OFF_SYMBOLS[SignOffWord.WAITING]
    mend = f" → {user(blocker.mend)}" if blocker.mend and blocker.mend != PEERS_TURN else ""
    ends = f", until {day_and_time(blocker.until)}" if blocker.until else ""
    told = f"{user(blocker.told if blocker.until else blocker.sentence)}{ends}"
    return f"{symbol if item or blocker.kind in _WAITED_FOR else '✗'} {told}{mend}"


_WAITED_FOR = frozenset({"sign-off", "review", "environment", "watch"})


def _fitting(lines: list[str]) -> list[str]:
    """As many lines as one message holds."""
    used, most = 0, 0
    for line in lines:
        used += len(line) + 1
        most += used <= MESSAGE_CHARACTERS
    return listed(lines, most, "the sections in the thread have all")


BLOCKERS_EXAMPLES: Mapping[str, DashboardFacts] = {
    "some": dashboard.EXAMPLES["preparing"],
    "none": dashboard.EXAMPLES["ready"],
    "watched": replace(
        dashboard.EXAMPLES["verifying, nothing due"],
        blockers=(
            Blocker("review", "", "The glass that Dana broke is not reviewed yet, due 01 Dec 2026", ("@dba-team",)),
            Blocker("watch", "", "It is watched until Tue 22 Dec 09:00 CET, then it closes by itself"),
        ),
    ),
    "many": replace(
        dashboard.EXAMPLES["preparing"],
        blockers=tuple(Blocker("item", f"i{number}", f"Item {number}: open") for number in range(60)),
        items={f"i{number}": replace(samples.PLAN, id=f"i{number}", assigned=None) for number in range(60)},
    ),
    "ended": dashboard.EXAMPLES["closed"],
}


def past_render(past: Sequence[Past], permalinks: Mapping[str, str]) -> Rendered:
    """The last deployments, newest first; `permalinks` by deployment id."""
    lines = [line for one in past for line in _lines(one, permalinks.get(one.deployment.id, ""))]
    none = [] if past else [section("There is none yet.")]
    shown = sections_within(lines, PAST_BLOCKS, "give an environment: history production")
    return rendered("The last deployments", [*none, *shown])


def _lines(one: Past, address: str) -> Iterator[str]:
    deployment = one.deployment
    way = f" · {link(address, 'thread')}" if address else ""
    started = day_and_time(deployment.started_at)
    yield f"{user(deployment.label)}  {titled(deployment)}  {state_word(deployment)} · started {started}{way}"
    spans = [f"start to go {in_words(one.to_go)}" if one.to_go is not None else ""]
    spans.append(f"go to completion {in_words(one.ran)}" if one.ran is not None else "")
    waits = sorted(one.waits.items(), key=lambda pair: pair[1], reverse=True)
    spans += [f"waited {in_words(span)} for {user(named_short(role), 40)}" for role, span in waits[:6]]
    told = " · ".join(span for span in spans if span)
    if told:
        yield f"      {told}"


_PAST = Past(
    samples.DEPLOYING,
    timedelta(hours=2),
    timedelta(minutes=18),
    {"dba": timedelta(minutes=95), "backend": timedelta(minutes=4)},
)
PAST_EXAMPLES: Mapping[str, tuple[Sequence[Past], Mapping[str, str]]] = {
    "two": ((_PAST, Past(samples.PREPARING)), {samples.PREPARING.id: "https://shop.slack.com/archives/C0/p1"}),
    "none": ((), {}),
}
