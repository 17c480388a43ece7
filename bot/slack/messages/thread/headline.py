"""What is true of a deployment right now, in one line; and what its next step still needs, by whom."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from bot.core.decision import short
from bot.core.deployment import Outcome, State
from bot.slack.messages.blocks import Safe, day_and_time, moment, user
from bot.slack.messages.thread import rolling_back
from bot.slack.messages.words import (
    NAME_LENGTH,
    asked,
    bar,
    listed,
    name,
    named,
    named_short,
    plain_titled,
    state_word,
    titled,
    window,
)
from bot.usecases.facts import Blocker, DashboardFacts, SignOffFacts, SignOffWord
from checks.result import counted

STEPS: Mapping[str, str] = {"go": "go", "complete": "completing", "close": "closing"}
_COUNTED: Mapping[str, tuple[str, str]] = {
    "item": ("item", "items"),
    "sign-off": ("sign-off", "sign-offs"),
    "rejection": ("rejection", "rejections"),
}
_CALLED: Mapping[str, str] = {
    "history": "the migration history",
    "files": "changed files",
    "window": "a window",
    "freeze": "a freeze",
    "reading": "reading the migrations",
    "phase": "an open phase",
}


def headline(facts: DashboardFacts) -> Safe:
    """`*Production · migrations 00008–00010* · no. 12   preparing, started by Ann 14:02, window today 16:00–17:30`."""
    deployment = facts.deployment
    is_handed_on = facts.step and facts.owner.user_id != facts.started_by.user_id
    owner = f"owner {name(facts.owner)}" if is_handed_on else ""
    parts = (_state(facts), owner, window(deployment) if facts.step == "go" else "")
    return Safe(f"{titled(deployment)} · no. {user(deployment.label)}   {', '.join(filter(None, parts))}")


def _state(facts: DashboardFacts) -> str:
    deployment = facts.deployment
    if deployment.state is State.PREPARING and deployment.go_asked_at and not deployment.go_at:
        who = facts.names.get(deployment.go_asked_by or "")
        by = f" by {user(who, NAME_LENGTH)}" if who else ""
        return f"go asked{by} {moment(deployment.go_asked_at)}, what is out of date runs again"
    ends = {
        State.PREPARING: f"started by {name(facts.started_by)} {day_and_time(deployment.started_at)}",
        State.DEPLOYING: f"go {day_and_time(deployment.go_at)}" if deployment.go_at else "",
        State.PARKED: f"since {day_and_time(deployment.parked_at)}" if deployment.parked_at else "",
        State.VERIFYING: f"completed {day_and_time(deployment.completed_at)}" if deployment.completed_at else "",
        State.CLOSED: _closed(facts),
    }
    return ", ".join(part for part in (state_word(deployment), ends.get(deployment.state, ""), _keeps(facts)) if part)


def _closed(facts: DashboardFacts) -> str:
    closed = day_and_time(facts.deployment.closed_at) if facts.deployment.closed_at else ""
    return f"{closed}, head {user(short(facts.head))}" if facts.head else closed


def _keeps(facts: DashboardFacts) -> str:
    """After a rollback the environment stays held, and people wonder why."""
    deployment = facts.deployment
    stays = deployment.state is State.VERIFYING and deployment.result is Outcome.ROLLED_BACK and not deployment.lifted
    return f"{user(deployment.environment)} stays held until a corrective start" if stays else ""


def progress(facts: DashboardFacts) -> str:
    """The bar, and `10 of 15 that completing needs`."""
    done = f"{facts.needed_done} of {facts.needed_total} that {STEPS.get(facts.step, facts.step)} needs"
    return f"{bar(facts.needed_done, facts.needed_total)} {done}"


def needs(facts: DashboardFacts) -> str:
    """`3 items, 2 sign-offs, a window`; "nothing is missing" for none."""
    if facts.way_back is not None:
        return rolling_back.undone(facts.way_back)
    numbers = Counter(blocker.kind for blocker in facts.blockers)
    if numbers:
        return ", ".join(_need(kind, number) for kind, number in numbers.items())
    left = facts.needed_total - facts.needed_done
    return counted(left, "item") if left > 0 else "nothing is missing"


def _need(kind: str, number: int) -> str:
    if kind in _COUNTED:
        return counted(number, *_COUNTED[kind])
    return _CALLED.get(kind, str(user(kind.replace("-", " "), 40)))


def blocker_lines(facts: DashboardFacts, most: int, *, mentioning: bool, text: int = 300) -> list[str]:
    """Sign-offs on one line, everything else on a line each, the first `most` of them."""
    roles = {each.role.name: each for each in facts.sign_offs}
    waited = [each for each in facts.blockers if each.kind == "sign-off" and each.subject in roles]
    others = [each for each in facts.blockers if each not in waited and each.kind != "reading"]
    told = []
    lines = [f"• {line}" for line in _waited(waited, roles, facts.names, mentioning)]
    for each in others:
        who = named(each.who, facts.names)
        told.append(f"• {user(each.sentence, text)}" + (f" · {who}" if who else ""))
    return lines + listed(told, most, "See everything")


def _waited(
    blockers: Sequence[Blocker], roles: Mapping[str, SignOffFacts], names: Mapping[str, str], mentioning: bool
) -> Iterator[str]:
    parts = []
    for blocker in blockers:
        facts = roles[blocker.subject]
        shown = asked(blocker.who) if mentioning and facts.asked else named(blocker.who, {**facts.names, **names})
        stale = ", out of date" if facts.word is SignOffWord.STALE else ""
        parts.append(f"{user(named_short(facts.role.name), 40)}{stale}: {shown or 'any full member but the deployers'}")
    if parts:
        yield " · ".join(listed(parts, 8))


def spoken_status(facts: DashboardFacts) -> str:
    """One sentence for screen readers and notifications: nobody is mentioned in it."""
    to_go = f" To {facts.step}: {needs(facts)}." if facts.step else ""
    return f"{user(plain_titled(facts.deployment))}: {state_word(facts.deployment)}.{to_go}"
