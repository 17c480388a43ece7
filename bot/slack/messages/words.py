"""DESIGN's words as people read them: one symbol per state, always with its word; names, counts, times."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from pydantic import TypeAdapter

from bot.core.checklist.items import RoleKind
from bot.core.deployment import Deployment, Outcome, State
from bot.core.item import ItemWord
from bot.core.team import Role
from bot.slack.messages.blocks import (
    Block,
    Safe,
    bold,
    cut,
    day_and_time,
    mention,
    moment,
    one_line,
    section,
    sections,
    user,
)
from bot.usecases.facts import Assigned, Named, SignOffWord
from bot.usecases.standing_facts import LockFacts
from checks.result import counted

Facts = TypeVar("Facts")
ITEM_SYMBOLS: Mapping[ItemWord, str] = {
    ItemWord.DONE: "✓",
    ItemWord.FAILED: "✗",
    ItemWord.WAITING: "◐",
    ItemWord.OPEN: "○",
    ItemWord.NOT_APPLICABLE: "–",
}
RUNNING = "⟳"
"""Beside the word *running*: a check, a statement, a reading."""
SIGN_OFF_SYMBOLS: Mapping[SignOffWord, str] = {
    SignOffWord.WAITING: "◐",
    SignOffWord.APPROVED: "✓",
    SignOffWord.REVIEWED: "✓",
    SignOffWord.ACKNOWLEDGED: "✓",
    SignOffWord.NOTIFIED: "✉",
    SignOffWord.SECONDED: "🟠",
    SignOffWord.REJECTED: "✗",
    SignOffWord.STALE: "↻",
    SignOffWord.NOT_REQUIRED: "–",
    SignOffWord.TURNED_OFF: "⊘",
}
OUTCOMES: Mapping[Outcome, str] = {
    Outcome.SUCCESS: "Success",
    Outcome.PARTIAL: "Partial",
    Outcome.ROLLED_BACK: "Rolled Back",
}
_ROLE_TAILS = {RoleKind.APPROVE: "approval", RoleKind.REVIEW: "review", RoleKind.ACKNOWLEDGE: "– to acknowledge"}
YES = {RoleKind.APPROVE: "Approve as", RoleKind.REVIEW: "Reviewed as", RoleKind.ACKNOWLEDGE: "Acknowledge as"}
NAME_LENGTH = 60
TITLE_LENGTH = 120


def name(person: Named) -> Safe:
    """A display name, not mentioned."""
    return user(person.name, NAME_LENGTH)


def whose(work: Assigned) -> Safe:
    """`Bo Larsen is on it since today 14:03`, `Bo Larsen was on it today 09:03`, `given to Bo Larsen`."""
    if not work.claimed:
        return Safe(f"given to {name(work.to)}")
    return Safe(f"{name(work.to)} {'was on it' if work.old else 'is on it since'} {day_and_time(work.at)}")


def and_more(hidden: int, where: str = "") -> str:
    """What did not fit, and where it can be seen."""
    return f"and {hidden} more" + (f" · {where}" if where else "")


def listed(lines: Sequence[str], most: int, where: str = "") -> list[str]:
    """The first `most` lines, with "and N more" for the rest."""
    hidden = len(lines) - most
    return list(lines) if hidden <= 0 else [*lines[:most], and_more(hidden, where)]


def under(title: str, lines: Sequence[str], most: int, where: str = "") -> Iterator[Block]:
    """A title and the first `most` lines below it; nothing where there are none."""
    if lines:
        yield section(title)
        yield from sections(listed(lines, most, where))


def capital(text: str) -> str:
    """A word of ours or an environment's name at the start of a line."""
    return text[:1].upper() + text[1:]


def locked(facts: LockFacts) -> Safe:
    """`*production* is locked by Ann Keller: moving the cluster, until today 18:00`."""
    one = facts.lock
    place = one.environment if one.project == "default" else f"{one.project}/{one.environment}"
    return Safe(
        f"{bold(place, NAME_LENGTH)} is locked by {user(facts.by, NAME_LENGTH)}: {user(one.reason, 200)}, "
        f"until {day_and_time(one.until)}"
    )


READING = "reading migrations …"


def titled(deployment: Deployment, unread: str = READING) -> Safe:
    """`*Production · migrations 00008–00010 · loyalty tiers*`."""
    return bold(plain_titled(deployment, unread))


def plain_titled(deployment: Deployment, unread: str = READING) -> str:
    """The same without markup, for plain_text and `text`; `unread` stands where no range is known."""
    is_unread = deployment.first_version is None or deployment.last_version is None
    files = unread if is_unread else f"migrations {deployment.range_words}"
    about = cut(one_line(deployment.title_words), TITLE_LENGTH)
    return " · ".join(filter(None, (capital(one_line(deployment.environment)), files, about)))


def state_word(deployment: Deployment) -> str:
    """The state as a word; a deployment that has ended or is verified says how."""
    words = deployment.state.replace("-", " ")
    ended = deployment.state in (State.VERIFYING, State.CLOSED) and deployment.result
    return f"{words}, {OUTCOMES[deployment.result]}" if ended and deployment.result else words


def named_short(role: str) -> str:
    """What stands on a button, "Approve as DBA": `dba` as DBA, `product_owner` as product owner."""
    return role.upper() if len(role) <= 3 else role.replace("_", " ").replace("-", " ")


def role_title(role: Role) -> str:
    """`Database administrator approval`."""
    return f"{one_line(role.title)} {_ROLE_TAILS[role.kind]}"


def named(who: Iterable[str], names: Mapping[str, str], most: int = 4) -> Safe:
    """`Dana Okafor, @dba-team and 3 more`: groups by handle, people by name where it is known; nobody mentioned."""
    ids = list(dict.fromkeys(who))
    known = [each if each.startswith("@") else names.get(each, "") for each in ids]
    shown = [words for words in (user(each, NAME_LENGTH) for each in known) if words][:most]
    return _joined(shown, len(ids) - len(shown))


def asked(who: Iterable[str], most: int = 6) -> Safe:
    """The same with mentions: only for who is asked, only on the dashboard and in a DM."""
    ids = list(dict.fromkeys(who))
    shown = [user(each, NAME_LENGTH) if each.startswith("@") else mention(each) for each in ids[:most]]
    return _joined(shown, len(ids) - len(shown))


def _joined(shown: Sequence[Safe], hidden: int) -> Safe:
    if not shown:
        return Safe(counted(hidden, "person", "people") if hidden else "")
    return Safe(", ".join(shown) + (f" and {hidden} more" if hidden > 0 else ""))


def window(deployment: Deployment) -> Safe:
    """`window today 16:00–17:30`, or nothing."""
    if deployment.window_start is None or deployment.window_end is None:
        return Safe("")
    return Safe(f"window {day_and_time(deployment.window_start)}–{moment(deployment.window_end)}")


def bar(done: int, total: int, width: int = 18) -> str:
    """Eighteen characters, filled from the left; full only when all is done."""
    filled = 0 if total <= 0 else min(width, width * max(done, 0) // total)
    return "█" * filled + "░" * (width - filled)


def frozen(kind: type[Facts], facts: Mapping[str, object]) -> Facts:
    """The facts of an outbox row (plain JSON, times as text) as a dataclass; keys it does not know are left out."""
    adapter = _ADAPTERS.setdefault(kind, TypeAdapter(kind))
    read: Facts = adapter.validate_python({name: value for name, value in facts.items() if value is not None})
    return read


_ADAPTERS: dict[type[Any], TypeAdapter[Any]] = {}
