"""What is true of a deployment right now, in a line or two; and what its next step still needs, by whom."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from bot.core.deployment import State
from bot.core.item import ItemWord
from bot.slack.messages.blocks import Safe, day, day_and_time, link, user
from bot.slack.messages.thread import rolling_back
from bot.slack.messages.words import (
    ITEM_SYMBOLS,
    NAME_LENGTH,
    READING,
    SIGN_OFF_SYMBOLS,
    asked,
    bar,
    capital,
    listed,
    name,
    named,
    named_short,
    plain_titled,
    state_word,
    titled,
    window,
)
from bot.usecases.facts import Blocker, SignOffFacts, SignOffWord, Watch
from bot.usecases.standing_facts import DashboardFacts
from checks.result import counted

NEEDED: Mapping[str, str] = {"go": "needed for go", "complete": "needed to complete", "close": "looks done"}
_CALLED: Mapping[str, str] = {
    "rejection": "a rejection",
    "history": "the migration history",
    "files": "changed files",
    "window": "a window",
    "freeze": "a freeze",
    "lock": "a lock",
    "reading": "the migrations",
    "phase": "an open phase",
    "review": "a review of the broken glass",
    "environment": "a held environment",
    "watch": "the looks that are planned",
}


def headline(facts: DashboardFacts) -> Safe:
    """What and where in bold; below it `no. 12 · preparing · Ann Keller · window today 16:00–17:30`."""
    deployment = facts.deployment
    parts = (f"no. {user(deployment.label)}", state_word(deployment), name(facts.owner), _when(facts))
    return Safe(f"{titled(deployment, _unread(facts))}\n{' · '.join(filter(None, parts))}")


def _unread(facts: DashboardFacts) -> str:
    return READING if is_reading(facts) else "no range yet"


def _when(facts: DashboardFacts) -> str:
    deployment = facts.deployment
    told = {
        State.DEPLOYING: ("go", deployment.go_at),
        State.HELD: ("go", deployment.go_at),
        State.ROLLING_BACK: ("go", deployment.go_at),
        State.PARKED: ("since", deployment.parked_at),
        State.VERIFYING: ("completed", deployment.completed_at),
        State.CLOSED: ("completed", deployment.completed_at),
    }
    word, at = told.get(deployment.state, ("", None))
    return f"{word} {day_and_time(at)}" if at else window(deployment) if facts.step == "go" else ""


def keeps(facts: DashboardFacts) -> str:
    """After a rollback the environment stays held, and people wonder why."""
    deployment = facts.deployment
    words = f"{user(deployment.environment)} stays held until a corrective start"
    return words if deployment.is_held_after_rollback else ""


def is_going(facts: DashboardFacts) -> bool:
    """Go was asked, and is not answered yet."""
    deployment = facts.deployment
    return deployment.state is State.PREPARING and deployment.go_asked_at is not None


def is_reading(facts: DashboardFacts) -> bool:
    """Nothing is known of the files yet, and a look is on its way."""
    deployment = facts.deployment
    return deployment.state is State.PREPARING and not facts.subject and not facts.next_act


def standing(facts: DashboardFacts) -> str:
    """Where it stands, in plain words: `To go: 1 failed, 2 open, waiting for DBA; 10 of 15 needed for go`."""
    own = {
        State.HELD: f"Held by {facts.last_by}: {facts.hold_reason or 'no reason given'}",
        State.ROLLING_BACK: "The way back is open",
        State.PARKED: parked(facts),
        State.CLOSED: ended(facts),
        State.ABORTED: ended(facts),
    }
    if is_going(facts):
        return "Go is asked; what is out of date runs again"
    if is_reading(facts):
        return "The migrations are being read"
    return own.get(facts.deployment.state) or "; ".join(filter(None, (_to(facts), *counts(facts))))


def _to(facts: DashboardFacts) -> str:
    return f"To {facts.step}: {needs(facts)}"


def needs(facts: DashboardFacts) -> str:
    """`1 failed, 2 open, a window, waiting for DBA, management`; "nothing is missing" only where nothing is."""
    if facts.way_back is not None:
        return rolling_back.undone(facts.way_back)
    items = Counter(str(facts.items[each.subject].word) for each in facts.blockers if each.subject in facts.items)
    parts = [f"{items[word]} {word}" for word in ItemWord if items[word]]
    kinds = dict.fromkeys(each.kind for each in facts.blockers if each.kind not in {"item", "sign-off"})
    parts += [_CALLED.get(kind, kind.replace("-", " ")) for kind in kinds]
    people = [named_short(each.subject) or "a second person" for each in facts.blockers if each.kind == "sign-off"]
    parts += [f"waiting for {', '.join(listed(people, 4))}"] if people else []
    left = facts.needed_total - facts.needed_done
    if facts.step == "close":
        return ", ".join(parts) or "nothing wants anybody now"
    return ", ".join(parts) or (counted(left, "line") + " open" if left > 0 else "nothing is missing")


def is_clear(facts: DashboardFacts) -> bool:
    """Nothing at all is missing."""
    return not facts.blockers and facts.needed_done >= facts.needed_total


def counts(facts: DashboardFacts) -> Iterator[str]:
    """`2 of 3 applied`, `10 of 15 needed for go`."""
    if facts.of_range and facts.step == "complete":
        yield f"{facts.applied} of {facts.of_range} applied"
    if facts.needed_total and facts.step in NEEDED and facts.deployment.state is not State.HELD:
        yield f"{facts.needed_done} of {facts.needed_total} {NEEDED[facts.step]}"


def progress(facts: DashboardFacts) -> str:
    """The one bar: of the files while they are applied, else of what the next step needs; and both in words."""
    told = list(counts(facts))
    if not told or is_reading(facts):
        return ""
    is_held = facts.deployment.state is State.HELD
    applying = facts.of_range and facts.step == "complete" and (is_held or facts.applied < facts.of_range)
    done, total = (facts.applied, facts.of_range) if applying else (facts.needed_done, facts.needed_total)
    return f"{bar(done, total)} {' · '.join(told)}"


def parked(facts: DashboardFacts) -> str:
    """Who parked it, why, and what it waits for."""
    by = f"Parked by {facts.last_by}" if facts.last_by else "Parked"
    why = f": {facts.last_reason}" if facts.last_reason else ""
    return f"{by}{why}. It comes back by itself" + (f" after {facts.held_by}" if facts.held_by else "")


def ended(facts: DashboardFacts) -> str:
    """`Closed by Ann Keller: 35 days after completion`."""
    by = f" by {facts.last_by}" if facts.last_by else ""
    return f"{capital(facts.deployment.state)}{by}" + (f": {facts.last_reason}" if facts.last_reason else "")


def watching(watch: Watch) -> str:
    """`✓ 9 settled by machines · next look tomorrow 09:00 · closes by itself 26 Dec`."""
    if watch.continued_in:
        there = f"deployment {user(watch.continued_in)}"
        return f"Continued in {link(watch.link, there) if watch.link else there}: that one is watched"
    told = [f"{ITEM_SYMBOLS[ItemWord.DONE]} {watch.by_machines} settled by machines"] if watch.by_machines else []
    told += [f"next look {day_and_time(watch.next_look)}"] if watch.next_look else []
    told += [f"closes by itself {day(watch.closes_at)}"] if watch.closes_at else []
    return capital(" · ".join(told))


def waited_for(facts: DashboardFacts, mentioning: bool) -> str:
    """`◐ *waiting for*  DBA @dba-team · management @mo`: mentioned once they are asked; empty where nobody is."""
    roles = {each.role.name: each for each in facts.sign_offs}
    waited = [each for each in facts.blockers if each.kind == "sign-off"]
    parts = [_waited(each, roles.get(each.subject), facts.names, mentioning) for each in waited]
    unasked = "" if facts.deployment.asked_at else " · not asked yet"
    symbol = SIGN_OFF_SYMBOLS[SignOffWord.WAITING]
    return f"{symbol} *waiting for*  {' · '.join(listed(parts, 8))}{unasked}" if parts else ""


def _waited(blocker: Blocker, role: SignOffFacts | None, names: Mapping[str, str], mentioning: bool) -> str:
    if role is None:
        return str(user(blocker.sentence))
    shown = asked(blocker.who) if mentioning and role.asked else named(blocker.who, {**role.names, **names})
    seats = f" {role.have} of {role.role.quorum}" if role.role.quorum > 1 else ""
    stale = f" ({SIGN_OFF_SYMBOLS[SignOffWord.STALE]} out of date)" if role.word is SignOffWord.STALE else ""
    who = shown or "any full member but the deployers"
    return f"{user(named_short(role.role.name), 40)}{seats}{stale} {who}"


def spoken_status(facts: DashboardFacts) -> str:
    """One sentence for screen readers and notifications: nobody is mentioned in it."""
    title = user(plain_titled(facts.deployment, _unread(facts)))
    return f"{title}: {state_word(facts.deployment)}. {user(standing(facts))}."


def asked_by(facts: DashboardFacts) -> str:
    """` by Ann Keller today 16:00`."""
    deployment = facts.deployment
    who = facts.names.get(deployment.go_asked_by or "")
    by = f" by {user(who, NAME_LENGTH)}" if who else ""
    return f"{by} {day_and_time(deployment.go_asked_at)}" if deployment.go_asked_at else by
